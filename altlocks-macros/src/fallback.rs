//! What is emitted when something is wrong: every mistake, and the function as it was written, so that nothing that
//! uses it fails too.

use proc_macro2::{Span, TokenStream};

/// Mistakes found so far. Collected, so that several in one list are reported together.
#[derive(Default)]
pub(crate) struct Mistakes(Option<syn::Error>);

impl Mistakes {
    pub(crate) fn add(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            none => *none = Some(error),
        }
    }

    /// `Err` with all that was added, if anything was.
    pub(crate) fn check(&mut self) -> syn::Result<()> {
        self.0.take().map_or(Ok(()), Err)
    }
}

pub(crate) fn fallback(error: &syn::Error, function_as_written: TokenStream) -> TokenStream {
    let mut tokens = error.to_compile_error();
    tokens.extend(function_as_written);
    tokens
}
