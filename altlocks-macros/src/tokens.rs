//! Questions about tokens, for what is looked at without being parsed.

use proc_macro2::{Delimiter, Group, TokenTree};

/// How many tokens `<..>` takes, if it stands at the front.
pub(crate) fn skip_generics(tokens: &[TokenTree]) -> usize {
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
pub(crate) fn braces(token: &TokenTree) -> Option<Group> {
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

pub(crate) fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

pub(crate) fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}
