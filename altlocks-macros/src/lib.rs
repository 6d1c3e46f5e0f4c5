//! The attributes of the `altlocks` crate. Use them through it: `altlocks::circuit_breaker` and the like.
//!
//! One job a file, in the order of the work. `expand` leads: `function` takes the item apart (`attributes`, `returned`,
//! `tokens`), `args` the argument lists, `value` what stands behind each `=`. `circuit_breaker` and its siblings know what
//! their attributes take and make `layer`s of them, around an `instance` with its `setting`s. `wrap` puts the layers around the body. `runtime` is the road
//! to the runtime crate, `fallback` what is emitted when something is wrong.

mod args;
mod attributes;
mod circuit_breaker;
mod expand;
#[cfg(test)]
mod expansion_tests;
mod fallback;
mod function;
mod instance;
mod layer;
mod resource_guard;
mod returned;
mod runtime;
mod setting;
mod throttle;
mod tokens;
mod value;
mod wrap;

use proc_macro::TokenStream;

/// Puts a circuit breaker on an async function. See `altlocks::circuit_breaker`.
#[proc_macro_attribute]
pub fn circuit_breaker(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(expand::Kind::CircuitBreaker, args.into(), item.into()).into()
}

/// Puts a throttle on an async function. See `altlocks::throttle`.
#[proc_macro_attribute]
pub fn throttle(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(expand::Kind::Throttle, args.into(), item.into()).into()
}

/// Puts a resource guard on a function. See `altlocks::resource_guard`.
#[proc_macro_attribute]
pub fn resource_guard(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(expand::Kind::ResourceGuard, args.into(), item.into()).into()
}
