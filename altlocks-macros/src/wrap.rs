//! The layers around the body, the topmost attribute outermost.
//!
//! ```text
//! #[circuit_breaker(..)]                  async fn search(query: &str) -> Result<Hit, ApiError> {
//! async fn search(query: &str)                <admit>                    // may return a refusal
//!     -> Result<Hit, ApiError>                let output = async move {
//! {                                  =>           if false { return never::<Result<Hit, ApiError>>(); }
//!     body                                        body
//! }                                           }.await;
//!                                             <settle>
//!                                             output
//!                                         }
//! ```
//!
//! One inner `async` block, awaited where it is made, keeps the future small. The `return` that is never taken fixes its
//! type, as the signature does that of the function, so that `?` and inference in the body work as they did.
//!
//! A function that returns a future keeps what stands before the future where it is; its `async` block, if one stands at
//! the end, bare or in `Box::pin(..)`, is treated as the body above. Any other future is made by the body as it stands
//! and awaited in the place of the inner block.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

use crate::function::{Function, Shape};
use crate::layer::Layer;
use crate::returned::{Future, Returned};
use crate::runtime::Runtime;
use crate::tokens::{braces, is_ident};

/// The function with the layers in it, and `items` before them.
pub(crate) fn wrapped(function: &Function, layers: &[Layer], items: &TokenStream, runtime: &Runtime) -> TokenStream {
    let mixed = Span::mixed_site();
    let Function { attributes, head, inner_attributes, body, shape, returned, .. } = function;
    let wrap = Wrap { layers, returned, runtime };
    let inside = match shape {
        Shape::Plain => {
            let admit = layers.iter().map(|layer| &layer.admit);
            let statements = body.stream();
            quote_spanned!(mixed=> #(#admit)* #statements)
        }
        Shape::Async => wrap.around(&wrap.block(&quote_spanned!(returned.span=> async move), body), body.span()),
        Shape::Future { kind, ty } => wrap.future(*kind, ty, body),
    };
    let mut braces = Group::new(Delimiter::Brace, quote_spanned!(mixed=> #inner_attributes #items #inside));
    braces.set_span(body.span());
    quote_spanned!(mixed=> #(#attributes)* #head #braces)
}

/// The local that holds what the function will return. A name of the user's code, so that an error about the value is one
/// of that code and not of a macro; declared after the body, it is not seen there.
pub(crate) fn output(body: Span) -> Ident {
    Ident::new("__altlocks_output", body)
}

struct Wrap<'a> {
    layers: &'a [Layer],
    returned: &'a Returned,
    runtime: &'a Runtime,
}

impl Wrap<'_> {
    /// The layers around a future, as statements of an async body. `body` is where the user's own stands: what the
    /// compiler says of the value that comes out of it is said there.
    fn around(&self, future: &TokenStream, body: Span) -> TokenStream {
        let mixed = Span::mixed_site();
        let admit = self.layers.iter().map(|layer| &layer.admit);
        // Inside out.
        let settle = self.layers.iter().rev().map(|layer| &layer.settle);
        if self.returned.never {
            let returns_never = self.runtime.item("returns_never");
            return quote_spanned!(mixed=> #(#admit)* #returns_never(|| -> ! { loop {} }, #future).await);
        }
        let output = output(body);
        let ended = quote_spanned!(body=> let #output = #future.await;);
        quote_spanned!(mixed=> #(#admit)* #ended #(#settle)* #output)
    }

    /// `async move { .. }` with the statements of `body`, on the user's spans: a mismatch of its type is explained at the
    /// return type, as in the function.
    fn block(&self, keywords: &TokenStream, body: &Group) -> TokenStream {
        let Returned { ty, span, never, .. } = self.returned;
        let edge = self.runtime.item_at(*span, "never");
        let edge = (!never).then(|| quote_spanned!(*span=> if false { return #edge::<#ty>(); }));
        // Braces within braces keep the items of the body before its statements, and an empty body empty; on one line they
        // would look redundant.
        let on_one_line = stands_on_one_line(body) && !body.stream().is_empty();
        let body_in = if on_one_line { body.stream() } else { body.to_token_stream() };
        let mut block = Group::new(Delimiter::Brace, quote_spanned!(*span=> #edge #body_in));
        block.set_span(body.span());
        quote_spanned!(*span=> #keywords #block)
    }

    /// The body of a function that returns a future.
    fn future(&self, kind: Future, ty: &TokenStream, body: &Group) -> TokenStream {
        let mixed = Span::mixed_site();
        if let Some(Tail { before, keywords, block, boxed }) = Tail::of(body, kind) {
            let around = self.around(&self.block(&keywords, &block), block.span());
            let protected = quote_spanned!(mixed=> async move { #around });
            return if boxed {
                quote_spanned!(mixed=> #before(#protected))
            } else {
                quote_spanned!(mixed=> #before #protected)
            };
        }
        let statements = body.stream();
        let future = Ident::new("future", mixed);
        let around = self.around(&future.to_token_stream(), body.span());
        let once = self.runtime.item("once");
        // A closure, so that a `return` in the body ends what makes the future and nothing else.
        match kind {
            Future::Opaque => quote_spanned! {mixed=>
                let #future = #once(move || { #statements });
                async move { #around }
            },
            Future::Boxed => {
                let pin = self.runtime.item("pin");
                quote_spanned! {mixed=>
                    let #future: #ty = #once(move || -> #ty { #statements });
                    #pin(async move { #around })
                }
            }
        }
    }
}

/// As the compiler has read it; what comes from elsewhere, as in a test, has no lines.
fn stands_on_one_line(body: &Group) -> bool {
    proc_macro::is_available() && {
        let span = body.span().unwrap();
        span.start().line() == span.end().line()
    }
}

/// `async move { .. }` or `Box::pin(async move { .. })` at the end of a body.
struct Tail {
    before: TokenStream,
    /// `async`, and `move` where it stands.
    keywords: TokenStream,
    block: Group,
    /// Whether `before` ends with a path to be called.
    boxed: bool,
}

impl Tail {
    fn of(body: &Group, kind: Future) -> Option<Self> {
        let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
        let collected = |tokens: &[TokenTree]| tokens.iter().cloned().collect();
        match kind {
            Future::Opaque => {
                let (before, keywords, block) = async_block(&tokens)?;
                Some(Self { before: collected(before), keywords: collected(keywords), block, boxed: false })
            }
            Future::Boxed => {
                let (TokenTree::Group(call), before) = tokens.split_last()? else { return None };
                let calls_pin = before.last().is_some_and(|last| is_ident(last, "pin"));
                (calls_pin && call.delimiter() == Delimiter::Parenthesis).then_some(())?;
                let inside: Vec<TokenTree> = call.stream().into_iter().collect();
                let ([], keywords, block) = async_block(&inside)? else { return None };
                Some(Self { before: collected(before), keywords: collected(keywords), block, boxed: true })
            }
        }
    }
}

/// What stands before `async {..}` or `async move {..}` at the end, its keywords and its block.
fn async_block(tokens: &[TokenTree]) -> Option<(&[TokenTree], &[TokenTree], Group)> {
    let (last, before) = tokens.split_last()?;
    let block = braces(last)?;
    let keywords = match before {
        [.., first, second] if is_ident(first, "async") && is_ident(second, "move") => 2,
        [.., first] if is_ident(first, "async") => 1,
        _ => return None,
    };
    let (before, keywords) = before.split_at(before.len() - keywords);
    Some((before, keywords, block))
}
