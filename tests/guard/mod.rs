//! `ResourceGuard` and `UniqueResourceGuard`: every statement about them.

mod attribute;
mod resource;
mod threads;
mod unique;
