//! The attributes of an item, `#[..]` before it and `#![..]` at the start of its body.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

use crate::tokens::is_punct;

pub(crate) struct Attribute {
    tokens: TokenStream,
    /// `a::b` of `#[a::b(..)]`.
    pub(crate) path: String,
    /// `..` of `#[a::b(..)]`.
    pub(crate) args: TokenStream,
    /// Where `a::b` stands.
    pub(crate) span: Span,
    /// `a::b`.
    pub(crate) path_tokens: TokenStream,
}

impl ToTokens for Attribute {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

/// Takes the outer attributes off the front.
pub(crate) fn outer_attributes(tokens: &mut Vec<TokenTree>) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    while let [pound, TokenTree::Group(brackets), ..] = tokens.as_slice() {
        if !is_punct(pound, '#') || brackets.delimiter() != Delimiter::Bracket {
            break;
        }
        let content = visible(brackets.stream());
        let span = content.first().map_or_else(|| brackets.span(), TokenTree::span);
        let mut path = String::new();
        let mut path_tokens = TokenStream::new();
        let mut args = TokenStream::new();
        for token in content {
            match token {
                TokenTree::Group(group) => args = group.stream(),
                token => {
                    path.push_str(&token.to_string());
                    path_tokens.extend([token]);
                }
            }
        }
        attributes.push(Attribute { tokens: tokens.drain(..2).collect(), path, args, span, path_tokens });
    }
    attributes
}

/// The tokens, without the invisible groups that `#[$attribute]` has around a `meta` and around a `path` in one.
fn visible(tokens: TokenStream) -> Vec<TokenTree> {
    let visible = |token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => visible(group.stream()),
        token => vec![token],
    };
    tokens.into_iter().flat_map(visible).collect()
}

/// `#![..]` off the start of a body.
pub(crate) fn split_inner_attributes(body: &Group) -> (TokenStream, Group) {
    let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let mut rest = tokens.as_slice();
    while let [pound, bang, TokenTree::Group(brackets), after @ ..] = rest {
        if !is_punct(pound, '#') || !is_punct(bang, '!') || brackets.delimiter() != Delimiter::Bracket {
            break;
        }
        rest = after;
    }
    if rest.len() == tokens.len() {
        return (TokenStream::new(), body.clone());
    }
    let inner = tokens[..tokens.len() - rest.len()].iter().cloned().collect();
    let mut body_left = Group::new(Delimiter::Brace, rest.iter().cloned().collect());
    body_left.set_span(body.span());
    (inner, body_left)
}
