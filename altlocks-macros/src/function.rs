//! The annotated item, taken apart just as far as the expansion needs it.
//!
//! The signature and the body are re-emitted token by token, never parsed and printed: syntax that no parser here knows
//! survives, and what a user half typed stays what an editor sees.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use crate::attributes::{Attribute, outer_attributes, split_inner_attributes};
use crate::returned::{Future, Returned};
use crate::tokens::{braces, is_ident, is_punct, skip_generics};

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
    pub(crate) shape: Shape,
    pub(crate) returned: Returned,
    pub(crate) name: Ident,
    keyword: Span,
}

/// When the body runs.
pub(crate) enum Shape {
    /// `async fn`: when it is polled.
    Async,
    /// A `fn` that returns a future: what stands before the future at the call, the future when it is polled. The return
    /// type is as it was written.
    Future { kind: Future, ty: TokenStream },
    /// At the call.
    Plain,
}

impl Function {
    /// `attribute` is the name that errors speak of.
    pub(crate) fn parse(item: TokenStream, attribute: &str) -> syn::Result<Self> {
        let mut tokens: Vec<TokenTree> = item.into_iter().collect();
        let attributes = outer_attributes(&mut tokens);
        let first = tokens.first().map_or_else(Span::call_site, TokenTree::span);
        let body = tokens.pop_if(|last| braces(last).is_some()).and_then(|last| braces(&last));
        let signature = Signature::find(&tokens)
            .ok_or_else(|| syn::Error::new(first, format_args!("`#[{attribute}]` goes on a function")))?;
        if let Some(keyword) = signature.constant {
            let message = format!("`#[{attribute}]` acts at run time, which a `const fn` cannot: remove `const`");
            return Err(syn::Error::new(keyword, message));
        }
        let (keyword, name) = (signature.keyword, signature.name.clone());
        let Some(body) = body else {
            let message = format!("`#[{attribute}]` needs a body to protect: put it on the implementation of `{name}`");
            return Err(syn::Error::new(name.span(), message));
        };
        let mut returned = Returned::of(signature.output, &name, !signature.is_async);
        let shape = match returned.future.take() {
            _ if signature.is_async => Shape::Async,
            Some(kind) => Shape::Future { kind, ty: signature.output.iter().cloned().collect() },
            None => Shape::Plain,
        };
        let (inner_attributes, body) = split_inner_attributes(&body);
        let head = tokens.into_iter().collect();
        Ok(Self { attributes, head, inner_attributes, body, shape, returned, name, keyword })
    }

    /// An error if nothing of the function can be awaited.
    pub(crate) fn expect_async(&self, attribute: &str) -> syn::Result<()> {
        if !matches!(self.shape, Shape::Plain) {
            return Ok(());
        }
        let message = format!(
            "`#[{attribute}]` needs an async function: write `async fn {}`, or return `impl Future<Output = ..>` or a \
             boxed one",
            self.name
        );
        Err(syn::Error::new(self.keyword, message))
    }
}

/// The parts of a signature that matter here.
struct Signature<'a> {
    is_async: bool,
    /// Where `const` stands, of a `const fn`.
    constant: Option<Span>,
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
        let constant = tokens[..keyword].iter().find(|token| is_ident(token, "const")).map(TokenTree::span);
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
        Some(Self { is_async, constant, keyword: tokens[keyword].span(), name, output })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(function: &str) -> String {
        let function = Function::parse(function.parse().expect("tokens"), "circuit_breaker").expect("a function");
        function.returned.ty.to_string().replace(' ', "")
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
