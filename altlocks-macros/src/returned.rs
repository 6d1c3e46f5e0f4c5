//! The return type, and whether it is a future by its look.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use crate::tokens::{is_ident, is_punct};

/// What a call returns in the end: of a function that returns a future, what that gives.
pub(crate) struct Returned {
    /// With `impl Trait` replaced by `_`: fit for an expression.
    pub(crate) ty: TokenStream,
    pub(crate) span: Span,
    pub(crate) future: Option<Future>,
    /// `!`, which no expression can name.
    pub(crate) never: bool,
}

/// How a function that is not `async` returns a future.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Future {
    /// `impl Future<Output = T>`
    Opaque,
    /// `Pin<Box<dyn Future<Output = T>>>`, `BoxFuture<'_, T>`
    Boxed,
}

impl Returned {
    /// `tokens` stand after `->`; where there are none, `name` is the function's. A future is looked for where
    /// `look_for_future`.
    pub(crate) fn of(tokens: &[TokenTree], name: &Ident, look_for_future: bool) -> Self {
        let [first, ..] = tokens else {
            let span = name.span();
            return Self { ty: quote_spanned!(span=> ()), span, future: None, never: false };
        };
        let (future, tokens) = match future_of(tokens).filter(|_| look_for_future) {
            Some((future, output)) => (Some(future), output),
            None => (None, tokens.to_vec()),
        };
        let never = matches!(tokens.as_slice(), [only] if is_punct(only, '!'));
        Self { ty: without_impl(&tokens), span: tokens.first().unwrap_or(first).span(), future, never }
    }
}

/// The kind of the future, and the type that it gives.
fn future_of(tokens: &[TokenTree]) -> Option<(Future, Vec<TokenTree>)> {
    let tokens: Vec<TokenTree> = tokens.iter().cloned().flat_map(visible).collect();
    let find = |name: &str| tokens.iter().position(|token| is_ident(token, name));
    if let Some(alias) = find("BoxFuture").or_else(|| find("LocalBoxFuture")) {
        let [open, arguments @ ..] = tokens.get(alias + 1..)? else { return None };
        is_punct(open, '<').then_some(())?;
        let arguments = &arguments[..bounds(arguments, "")];
        // After the lifetime, if it is there.
        let comma = arguments.iter().position(|token| is_punct(token, ','));
        let lifetime = arguments.first().is_some_and(|first| is_punct(first, '\''));
        let output = if lifetime { arguments.get(comma? + 1..)? } else { arguments };
        return Some((Future::Boxed, output.to_vec()));
    }
    find("Future")?;
    let output = find("Output")?;
    let [equals, output @ ..] = tokens.get(output + 1..)? else { return None };
    is_punct(equals, '=').then_some(())?;
    let output = output[..bounds(output, ",;")].to_vec();
    let future = if tokens.first().is_some_and(|first| is_ident(first, "impl")) {
        Future::Opaque
    } else {
        find("Box").and(find("dyn"))?;
        Future::Boxed
    };
    Some((future, output))
}

/// The tokens of an invisible group, as a `macro_rules!` leaves it, or the token.
fn visible(token: TokenTree) -> Vec<TokenTree> {
    match token {
        TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::None => {
            group.stream().into_iter().flat_map(visible).collect()
        }
        token => vec![token],
    }
}

/// `impl Trait` replaced by `_`, which is inferred to be the same: an expression cannot name the former.
fn without_impl(ty: &[TokenTree]) -> TokenStream {
    let mut named = TokenStream::new();
    let mut rest = ty;
    while let [token, after @ ..] = rest {
        rest = after;
        match token {
            TokenTree::Ident(ident) if ident == "impl" => {
                named.extend([TokenTree::Ident(Ident::new("_", ident.span()))]);
                rest = &after[bounds(after, ",;")..];
            }
            TokenTree::Group(group) => {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                let mut replaced = Group::new(group.delimiter(), without_impl(&inside));
                replaced.set_span(group.span());
                named.extend([TokenTree::Group(replaced)]);
            }
            other => named.extend([other.clone()]),
        }
    }
    named
}

/// How many tokens there are to the `>` that closes what these stand in, to one of `ends`, or to the end.
fn bounds(tokens: &[TokenTree], ends: &str) -> usize {
    let mut depth = 0_usize;
    let mut after_minus = false;
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Punct(punct) = token {
            match punct.as_char() {
                '<' => depth += 1,
                // The arrow of `Fn(A) -> B`.
                '>' if after_minus => {}
                '>' if depth == 0 => return at,
                '>' => depth -= 1,
                end if depth == 0 && ends.contains(end) => return at,
                _ => {}
            }
        }
        after_minus = is_punct(token, '-');
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(ty: &str) -> String {
        let tokens: Vec<TokenTree> = ty.parse::<TokenStream>().expect("tokens").into_iter().collect();
        without_impl(&tokens).to_string().replace(' ', "")
    }

    #[test]
    fn impl_trait_becomes_an_inferred_type() {
        assert_eq!(named("impl Future<Output = u8> + Send + 'a"), "_");
        assert_eq!(named("Result<impl Fn(u8) -> Vec<u8>, E>"), "Result<_,E>");
        assert_eq!(named("(u8, impl Iterator<Item = (u8, u8)>, [impl Copy; 3])"), "(u8,_,[_;3])");
        assert_eq!(named("Result<Vec<u8>, E>"), "Result<Vec<u8>,E>");
    }

    fn future(ty: &str) -> Option<(bool, String)> {
        let tokens: Vec<TokenTree> = ty.parse::<TokenStream>().expect("tokens").into_iter().collect();
        let (future, output) = future_of(&tokens)?;
        Some((future == Future::Boxed, output.into_iter().collect::<TokenStream>().to_string().replace(' ', "")))
    }

    #[test]
    fn a_future_is_known_by_its_look() {
        assert_eq!(future("impl Future<Output = Result<u8, E>> + Send + 'a"), Some((false, "Result<u8,E>".into())));
        assert_eq!(future("impl std::future::Future<Output = ()> + use<'a>"), Some((false, "()".into())));
        let boxed = "::core::pin::Pin<Box<dyn ::core::future::Future<Output = Option<u8>> + Send + 'async_trait>>";
        assert_eq!(future(boxed), Some((true, "Option<u8>".into())));
        assert_eq!(future("BoxFuture<'static, Result<Vec<u8>, E>>"), Some((true, "Result<Vec<u8>,E>".into())));
        assert_eq!(future("futures::future::LocalBoxFuture<'_, ()>"), Some((true, "()".into())));
        assert_eq!(future("Result<u8, E>"), None);
        assert_eq!(future("impl Iterator<Item = u8>"), None);
    }
}
