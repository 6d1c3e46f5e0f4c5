//! `ResourceGuard` and `UniqueResourceGuard`: every statement about them.

mod resource;
mod threads;
mod unique;
