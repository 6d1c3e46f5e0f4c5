//! The road to the runtime crate. Generated code names `altlocks::__private` and nothing else.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

/// Where `altlocks` is: `::altlocks`, or as `crate = path` says.
pub(crate) struct Runtime(Option<TokenStream>);

impl Runtime {
    pub(crate) fn new(krate: Option<&syn::Path>) -> Self {
        Self(krate.map(ToTokens::to_token_stream))
    }

    /// `altlocks::__private::item`, invisible to lints.
    pub(crate) fn item(&self, item: &str) -> TokenStream {
        self.item_at(Span::mixed_site(), item)
    }

    /// `altlocks::__private::item`, every token of it with this span: an error about it is one about what stands there.
    pub(crate) fn item_at(&self, span: Span, item: &str) -> TokenStream {
        let item = Ident::new(item, span);
        let private = self.private_at(span);
        quote_spanned!(span=> #private::#item)
    }

    /// `altlocks::__private::module::item`.
    pub(crate) fn nested_at(&self, span: Span, module: &str, item: &str) -> TokenStream {
        let module = self.item_at(span, module);
        let item = Ident::new(item, span);
        quote_spanned!(span=> #module::#item)
    }

    fn private_at(&self, span: Span) -> TokenStream {
        let Some(given) = &self.0 else {
            return quote_spanned!(span=> ::altlocks::__private);
        };
        // Located there, but resolved as it was: `$crate` is a path like any other.
        let road = given.clone().into_iter().map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        });
        let road: TokenStream = road.collect();
        quote_spanned!(span=> #road::__private)
    }
}
