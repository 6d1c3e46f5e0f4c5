//! The annotated item, taken apart just as far as the expansion needs it.
//!
//! The signature and the body are re-emitted token by token, never parsed and printed: syntax that no parser here knows
//! survives, and what a user half typed stays what an editor sees.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

/// A function with a body.
pub(crate) struct Function {
    /// The outer attributes, each with its brackets.
    pub(crate) attributes: Vec<Attribute>,
    /// All between the attributes and the body.
    pub(crate) head: TokenStream,
    /// `#![..]` at the start of the body: they have to stay at the start of the function.
    pub(crate) inner_attributes: TokenStream,
    /// The braces and what is in them, less the inner attributes.
    pub(crate) body: Group,
    pub(crate) output: Output,
}

pub(crate) struct Attribute {
    tokens: TokenStream,
    /// `a::b` of `#[a::b(..)]`.
    pub(crate) path: String,
    /// `..` of `#[a::b(..)]`.
    pub(crate) args: TokenStream,
    /// Where `a::b` stands.
    pub(crate) span: Span,
}

/// The return type, as it stands.
pub(crate) struct Output {
    /// With `impl Trait` replaced by `_`: fit for an expression.
    pub(crate) ty: TokenStream,
    pub(crate) span: Span,
}

impl ToTokens for Attribute {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

impl Function {
    /// `attribute` is the name that errors speak of.
    pub(crate) fn parse(item: TokenStream, attribute: &str) -> syn::Result<Self> {
        let mut tokens: Vec<TokenTree> = item.into_iter().collect();
        let attributes = outer_attributes(&mut tokens);
        let first = tokens.first().map_or_else(Span::call_site, TokenTree::span);
        let body = tokens.pop_if(|last| braces(last).is_some()).and_then(|last| braces(&last));
        let signature = Signature::find(&tokens)
            .ok_or_else(|| syn::Error::new(first, format_args!("`#[{attribute}]` goes on an `async fn`")))?;
        let Some(body) = body else {
            let message = format!(
                "`#[{attribute}]` needs a body to protect: put it on the implementation of `{}`",
                signature.name
            );
            return Err(syn::Error::new(signature.name.span(), message));
        };
        if !signature.is_async {
            let message = format!("`#[{attribute}]` needs an async function: write `async fn {}`", signature.name);
            return Err(syn::Error::new(signature.keyword, message));
        }
        let output = Output::of(&signature);
        let (inner_attributes, body) = split_inner_attributes(&body);
        Ok(Self { attributes, head: tokens.into_iter().collect(), inner_attributes, body, output })
    }
}

/// The parts of a signature that matter here.
struct Signature<'a> {
    is_async: bool,
    /// Where `fn` stands.
    keyword: Span,
    name: &'a Ident,
    /// After `->`, before `where`.
    output: &'a [TokenTree],
}

impl<'a> Signature<'a> {
    fn find(tokens: &'a [TokenTree]) -> Option<Self> {
        let keyword = tokens.iter().position(|token| is_ident(token, "fn"))?;
        let is_async = tokens[..keyword].iter().any(|token| is_ident(token, "async"));
        let TokenTree::Ident(name) = tokens.get(keyword + 1)? else { return None };
        let rest = tokens.get(keyword + 2..)?;
        let parameters = skip_generics(rest);
        let TokenTree::Group(group) = rest.get(parameters)? else { return None };
        (group.delimiter() == Delimiter::Parenthesis).then_some(())?;
        let tail = &rest[parameters + 1..];
        let output = match tail {
            [minus, greater, output @ ..] if is_punct(minus, '-') && is_punct(greater, '>') => {
                let end = output.iter().position(|token| is_ident(token, "where")).unwrap_or(output.len());
                &output[..end]
            }
            _ => &[],
        };
        Some(Self { is_async, keyword: tokens[keyword].span(), name, output })
    }
}

impl Output {
    fn of(signature: &Signature<'_>) -> Self {
        let [first, ..] = signature.output else {
            let span = signature.name.span();
            return Self { ty: quote_spanned!(span=> ()), span };
        };
        Self { ty: without_impl(signature.output), span: first.span() }
    }
}

/// Takes the outer attributes off the front.
pub(crate) fn outer_attributes(tokens: &mut Vec<TokenTree>) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    while let [pound, TokenTree::Group(brackets), ..] = tokens.as_slice() {
        if !is_punct(pound, '#') || brackets.delimiter() != Delimiter::Bracket {
            break;
        }
        let span = brackets.stream().into_iter().next().map_or_else(|| brackets.span(), |first| first.span());
        let mut path = String::new();
        let mut args = TokenStream::new();
        for token in brackets.stream() {
            match token {
                TokenTree::Group(group) => args = group.stream(),
                token => path.push_str(&token.to_string()),
            }
        }
        attributes.push(Attribute { tokens: tokens.drain(..2).collect(), path, args, span });
    }
    attributes
}

/// `#![..]` off the start of a body.
fn split_inner_attributes(body: &Group) -> (TokenStream, Group) {
    let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let mut rest = tokens.as_slice();
    while let [pound, bang, TokenTree::Group(brackets), after @ ..] = rest {
        if !is_punct(pound, '#') || !is_punct(bang, '!') || brackets.delimiter() != Delimiter::Bracket {
            break;
        }
        rest = after;
    }
    let inner = tokens[..tokens.len() - rest.len()].iter().cloned().collect();
    let mut body_left = Group::new(Delimiter::Brace, rest.iter().cloned().collect());
    body_left.set_span(body.span());
    (inner, body_left)
}

/// How many tokens `<..>` takes, if it stands at the front.
fn skip_generics(tokens: &[TokenTree]) -> usize {
    let mut depth = 0_usize;
    let mut after_minus = false;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            // Not the arrow of `F: Fn(A) -> B`.
            TokenTree::Punct(punct) if punct.as_char() == '>' && !after_minus => depth = depth.saturating_sub(1),
            _ if depth == 0 => return at,
            _ => {}
        }
        after_minus = is_punct(token, '-');
    }
    tokens.len()
}

/// The brace group that this token is, also from inside the invisible group of a `$body:block`.
fn braces(token: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group.clone()),
        Delimiter::None => {
            let mut inside = group.stream().into_iter();
            let only = inside.next()?;
            if inside.next().is_some() { None } else { braces(&only) }
        }
        _ => None,
    }
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
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
                rest = &after[bounds(after)..];
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

/// How many tokens the bounds after `impl` take: to the end, or to what separates types.
fn bounds(tokens: &[TokenTree]) -> usize {
    let mut depth = 0_usize;
    let mut after_minus = false;
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Punct(punct) = token {
            match punct.as_char() {
                '<' => depth += 1,
                '>' if after_minus => {}
                '>' | ',' | ';' if depth == 0 => return at,
                '>' => depth -= 1,
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

    fn output(function: &str) -> String {
        let function = Function::parse(function.parse().expect("tokens"), "circuit_breaker").expect("a function");
        function.output.ty.to_string().replace(' ', "")
    }

    #[test]
    fn the_return_type_is_found_behind_any_signature() {
        assert_eq!(output("async fn f() {}"), "()");
        assert_eq!(
            output(
                "pub(in crate::a) async unsafe extern \"C\" fn f<F: Fn(u8) -> u16>(f: F) -> Vec<F> where F: Copy {}"
            ),
            "Vec<F>"
        );
        assert_eq!(
            output("#[a(b)] async fn f<const N: usize>(x: [u8; N]) -> [u8; { N }] where [(); { N }]: Sized { x }"),
            "[u8;{N}]"
        );
    }

    #[test]
    fn inner_attributes_are_split_off_the_body() {
        let item = "async fn f() { #![allow(a)] #![allow(b)] x }".parse().expect("tokens");
        let function = Function::parse(item, "circuit_breaker").expect("a function");
        assert_eq!(function.inner_attributes.to_string().replace(' ', ""), "#![allow(a)]#![allow(b)]");
        assert_eq!(function.body.stream().to_string(), "x");
    }
}
