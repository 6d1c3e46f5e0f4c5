//! From the tokens of an attribute and its item to those of the function with the layers in it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;

use crate::args::Args;
use crate::attributes::{Attribute, outer_attributes};
use crate::fallback::{Mistakes, fallback};
use crate::function::Function;
use crate::layer::{Context, Layer};
use crate::runtime::Runtime;
use crate::wrap::{output, wrapped};
use crate::{circuit_breaker, resource_guard, throttle};

/// The attributes that know each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    CircuitBreaker,
    Throttle,
    ResourceGuard,
}

impl Kind {
    const ALL: [Self; 3] = [Self::CircuitBreaker, Self::Throttle, Self::ResourceGuard];

    fn name(self) -> &'static str {
        match self {
            Self::CircuitBreaker => "circuit_breaker",
            Self::Throttle => "throttle",
            Self::ResourceGuard => "resource_guard",
        }
    }

    /// Whether it has to be asked, or to hear of the end, in an async context.
    fn awaits(self) -> bool {
        match self {
            Self::CircuitBreaker | Self::Throttle => true,
            Self::ResourceGuard => false,
        }
    }

    /// The argument that gives an instance.
    fn given_by(self) -> &'static str {
        match self {
            Self::CircuitBreaker => "breaker",
            Self::Throttle => "throttle",
            Self::ResourceGuard => "guard",
        }
    }

    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::CircuitBreaker => circuit_breaker::KEYS,
            Self::Throttle => throttle::KEYS,
            Self::ResourceGuard => resource_guard::KEYS,
        }
    }

    fn layer(self, args: &Args, context: &Context<'_>, mistakes: &mut Mistakes) -> Layer {
        match self {
            Self::CircuitBreaker => circuit_breaker::layer(args, context, mistakes),
            Self::Throttle => throttle::layer(args, context, mistakes),
            Self::ResourceGuard => resource_guard::layer(args, context, mistakes),
        }
    }

    /// The attribute, if it is one of ours as far as its path tells.
    fn of(attribute: &Attribute) -> Option<Self> {
        let path = attribute.path.strip_prefix("::").unwrap_or(&attribute.path);
        let name = path.strip_prefix("altlocks::").unwrap_or(path);
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
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
    let mut own = Vec::new();
    let mut runtime = Runtime::new(None);
    for (number, (kind, args, site)) in [(kind, args, Span::call_site())].into_iter().chain(siblings).enumerate() {
        if kind.awaits() {
            function.expect_async(kind.name())?;
        }
        let args = Args::parse(args, kind.name(), kind.keys(), &mut mistakes);
        runtime = Runtime::new(args.krate());
        if args.get("name").is_none() && args.get(kind.given_by()).is_none() {
            if own.contains(&kind) {
                let name = kind.name();
                mistakes
                    .add(site, format_args!("the function has a `{name}` of its own already: give this one a `name`"));
            }
            own.push(kind);
        }
        let output = output(function.body.span());
        let subject = if number == 0 { function.name.span() } else { site };
        let context = Context { runtime: &runtime, site, subject, number, ret: &function.returned, output };
        layers.push(kind.layer(&args, &context, &mut mistakes));
    }
    mistakes.check()?;
    Ok(wrapped(&function, &layers, &runtime))
}

/// The function as written, less our attributes below: they would report the same mistake again.
fn without_siblings(item: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let attributes = outer_attributes(&mut tokens).into_iter().filter(|attribute| Kind::of(attribute).is_none());
    let mut kept: TokenStream = attributes.map(ToTokens::into_token_stream).collect();
    kept.extend(tokens);
    kept
}
