//! What one attribute puts around a body, and what the attributes have in common there.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;

use crate::args::{Args, Value};
use crate::fallback::Mistakes;
use crate::returned::Returned;
use crate::runtime::Runtime;
use crate::value;

/// What one attribute puts around a body.
pub(crate) struct Layer {
    /// Before the body; may return.
    pub(crate) admit: TokenStream,
    /// After the body; sees the output.
    pub(crate) settle: TokenStream,
}

/// What a layer is made from.
pub(crate) struct Context<'a> {
    pub(crate) runtime: &'a Runtime,
    /// Where the attribute stands.
    pub(crate) site: Span,
    /// What an error about the attribute as a whole points at. Of the one that is expanded only its arguments are known,
    /// so of that it is the function's name.
    pub(crate) subject: Span,
    /// Tells the locals of one layer from those of the others.
    pub(crate) number: usize,
    pub(crate) ret: &'a Returned,
    /// The local that holds what the function will return.
    pub(crate) output: Ident,
}

impl Context<'_> {
    /// What the function returns where `refusal`, of type `error` in `__private`, is why its body does not run: by
    /// `fallback`, else by the return type; `asked_as_one` if that is asked for an outcome too.
    pub(crate) fn refused(&self, args: &Args, error: &str, asked_as_one: bool, mistakes: &mut Mistakes) -> TokenStream {
        let mixed = Span::mixed_site();
        let (ty, error) = (&self.ret.ty, self.runtime.item_at(self.ret.span, error));
        if let Some(fallback) = args.expr("fallback") {
            expect_function(fallback, mistakes);
            let span = value::span(fallback);
            let (fall_back, refusal) = (self.runtime.item_at(span, "fall_back"), Ident::new("refusal", mixed));
            return quote_spanned!(span=> #fall_back::<#ty, #error>(#fallback, #refusal));
        }
        let refused = self.runtime.item_at(self.ret.span, if asked_as_one { "protected_refused" } else { "refused" });
        quote_spanned!(mixed=> #refused::<#ty, #error>(refusal))
    }
}

/// A value where a function of the refusal belongs.
fn expect_function(fallback: &Expr, mistakes: &mut Mistakes) {
    let is_value = match fallback {
        Expr::Lit(_) => true,
        Expr::Call(call) => {
            matches!(&*call.func, Expr::Path(function) if function.path.is_ident("Ok") || function.path.is_ident("Some"))
        }
        Expr::Path(path) => path.path.is_ident("None"),
        _ => false,
    };
    if is_value {
        let value = fallback.to_token_stream();
        let message = format!("`fallback` takes a function of the refusal: write `fallback = |_| {value}`");
        mistakes.push(syn::Error::new_spanned(fallback, message));
    }
}

/// Whether an argument says which outputs are failures, so that the type need not.
pub(crate) fn classifies(args: &Args) -> bool {
    args.get("fail_on").is_some() || args.get("fail_if").is_some()
}

/// What the output counts as by `fail_on` or `fail_if`, if one is given.
pub(crate) fn classified(args: &Args, context: &Context<'_>, mistakes: &mut Mistakes) -> Option<TokenStream> {
    let mixed = Span::mixed_site();
    let Context { runtime, output, ret, .. } = context;
    let (outcome, ty) = (runtime.item("Outcome"), &ret.ty);
    if let (Some(_), Some(second)) = (args.get("fail_on"), args.get("fail_if")) {
        mistakes.add(second.key.span(), "`fail_if` decides over the whole return value: remove it or `fail_on`");
    }
    if let Some(Value::Pattern { pattern, guard }) = args.get("fail_on").map(|arg| &arg.value) {
        let guard = guard.as_ref().map(|guard| quote!(if #guard));
        let (error_of, some, none) =
            (runtime.item_at(ret.span, "error_of"), runtime.item("Some"), runtime.item("None"));
        return Some(quote_spanned! {mixed=>
            match #error_of::<#ty, _>(&#output) {
                #some(#pattern) #guard => #outcome::Failure,
                #some(_) => #outcome::Ignored,
                #none => #outcome::Success,
            }
        });
    }
    let fail_if = args.expr("fail_if")?;
    let span = value::span(fail_if);
    let fails = runtime.item_at(span, "fails");
    let fails = quote_spanned!(span=> #fails(&#output, #fail_if));
    Some(quote_spanned! {mixed=>
        if #fails { #outcome::Failure } else { #outcome::Success }
    })
}
