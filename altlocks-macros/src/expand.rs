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

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

use crate::args::Args;
use crate::circuit_breaker;
use crate::fallback::{Mistakes, fallback};
use crate::function::{Attribute, Function, Output, outer_attributes};
use crate::runtime::Runtime;
use crate::value;

/// The attributes that know each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    CircuitBreaker,
}

/// What one attribute puts around the body.
pub(crate) struct Layer {
    /// Before the body; may return.
    pub(crate) admit: TokenStream,
    /// After the body; sees the output.
    pub(crate) settle: TokenStream,
}

/// What a layer is made from.
pub(crate) struct Context<'a> {
    pub(crate) runtime: Runtime,
    /// Where the attribute stands.
    pub(crate) site: Span,
    /// Tells the locals of one layer from those of the others.
    pub(crate) number: usize,
    /// The function's return type.
    pub(crate) ret: &'a Output,
    /// The local that holds what the function will return.
    pub(crate) output: Ident,
}

impl Kind {
    const ALL: [Self; 1] = [Self::CircuitBreaker];

    fn name(self) -> &'static str {
        match self {
            Self::CircuitBreaker => "circuit_breaker",
        }
    }

    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::CircuitBreaker => circuit_breaker::KEYS,
        }
    }

    fn layer(self, args: &Args, context: &Context<'_>, mistakes: &mut Mistakes) -> Layer {
        match self {
            Self::CircuitBreaker => circuit_breaker::layer(args, context, mistakes),
        }
    }

    /// The attribute, if it is one of ours as far as its path tells.
    fn of(attribute: &Attribute) -> Option<Self> {
        let path = attribute.path.strip_prefix("::").unwrap_or(&attribute.path);
        let name = path.strip_prefix("altlocks::").unwrap_or(path);
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Context<'_> {
    /// What the function returns where `refusal`, of type `error` in `__private`, is why its body does not run: by
    /// `fallback`, else by the return type.
    pub(crate) fn refused(&self, args: &Args, error: &str) -> TokenStream {
        let mixed = Span::mixed_site();
        let (ty, error) = (&self.ret.ty, self.runtime.item_at(self.ret.span, error));
        if let Some(fallback) = args.expr("fallback") {
            let fall_back = self.runtime.item_at(value::span(fallback), "fall_back");
            return quote_spanned!(mixed=> #fall_back::<#ty, #error>(#fallback, refusal));
        }
        let refused =
            self.runtime.item_at(self.ret.span, if classifies(args) { "refused" } else { "protected_refused" });
        quote_spanned!(mixed=> #refused::<#ty, #error>(refusal))
    }
}

/// Whether an argument says which outputs are failures, so that the type need not.
pub(crate) fn classifies(args: &Args) -> bool {
    args.get("fail_on").is_some() || args.get("fail_if").is_some()
}

/// Expands one attribute, and with it those of ours that stand below it.
pub(crate) fn attribute(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    wrap(kind, args, item.clone()).unwrap_or_else(|error| fallback(&error, without_siblings(item)))
}

fn wrap(kind: Kind, args: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let mut mistakes = Mistakes::default();
    let mut function = Function::parse(item, kind.name())?;
    let siblings = function.attributes.extract_if(.., |attribute| Kind::of(attribute).is_some());
    let siblings: Vec<Attribute> = siblings.collect();
    let siblings = siblings.into_iter().filter_map(|sibling| Some((Kind::of(&sibling)?, sibling.args, sibling.span)));

    let mut layers = Vec::new();
    let mut innermost = None;
    for (number, (kind, args, site)) in [(kind, args, Span::call_site())].into_iter().chain(siblings).enumerate() {
        let args = Args::parse(args, kind.name(), kind.keys(), &mut mistakes);
        let runtime = Runtime::new(args.krate());
        let output = Ident::new("output", Span::mixed_site());
        let context = Context { runtime, site, number, ret: &function.output, output };
        layers.push(kind.layer(&args, &context, &mut mistakes));
        innermost = Some(context.runtime);
    }
    mistakes.check()?;
    let runtime = innermost.unwrap_or_else(|| Runtime::new(None));
    Ok(wrapped(&function, &layers, &runtime))
}

fn wrapped(function: &Function, layers: &[Layer], runtime: &Runtime) -> TokenStream {
    let mixed = Span::mixed_site();
    let Function { attributes, head, inner_attributes, body, output: Output { ty, span } } = function;
    let never = runtime.item_at(*span, "never");
    // On the user's spans, so that a mismatch of the body's type is explained at the return type, as in the function.
    let statements = body.stream();
    let mut block =
        Group::new(Delimiter::Brace, quote_spanned!(*span=> if false { return #never::<#ty>(); } #statements));
    block.set_span(body.span());
    let inner = quote_spanned!(*span=> async move #block);
    let admit = layers.iter().map(|layer| &layer.admit);
    // Inside out.
    let settle = layers.iter().rev().map(|layer| &layer.settle);
    let output = Ident::new("output", mixed);
    quote_spanned! {mixed=>
        #(#attributes)*
        #head {
            #inner_attributes
            #(#admit)*
            let #output = #inner.await;
            #(#settle)*
            #output
        }
    }
}

/// The function as written, less our attributes below: they would report the same mistake again.
fn without_siblings(item: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let attributes = outer_attributes(&mut tokens).into_iter().filter(|attribute| Kind::of(attribute).is_none());
    let mut kept: TokenStream = attributes.map(ToTokens::into_token_stream).collect();
    kept.extend(tokens);
    kept
}
