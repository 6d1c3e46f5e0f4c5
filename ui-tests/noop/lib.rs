//! An attribute that does nothing, to compare others with.

use proc_macro::TokenStream;

/// Gives the item back as it is.
#[proc_macro_attribute]
pub fn noop(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}
