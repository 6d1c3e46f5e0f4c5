//! `key = value, ..` with every mistake in it reported, and every span kept.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::Token;
use syn::ext::IdentExt as _;
use syn::parse::{Parse as _, ParseStream};

use crate::fallback::Mistakes;

/// The arguments of one attribute.
pub(crate) struct Args {
    entries: Vec<Arg>,
}

pub(crate) struct Arg {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

pub(crate) enum Value {
    Expr(syn::Expr),
    /// `fail_on = PATTERN if GUARD`.
    Pattern {
        pattern: Box<syn::Pat>,
        guard: Option<Box<syn::Expr>>,
    },
    /// `crate = path`.
    Path(syn::Path),
}

impl Args {
    /// `known` are the keys that the attribute takes, `attribute` is its name.
    pub(crate) fn parse(tokens: TokenStream, attribute: &str, known: &[&str], mistakes: &mut Mistakes) -> Self {
        let mut entries: Vec<Arg> = Vec::new();
        for argument in split_at_commas(tokens, known) {
            match syn::parse::Parser::parse2(|input: ParseStream<'_>| Arg::parse(input, attribute, known), argument) {
                Ok(arg) if entries.iter().any(|earlier| earlier.key == arg.key) => {
                    mistakes.add(arg.key.span(), format_args!("`{}` is given twice", arg.key));
                }
                Ok(arg) => entries.push(arg),
                Err(error) => mistakes.push(error),
            }
        }
        Self { entries }
    }

    /// Every argument, in the order written.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arg> {
        self.entries.iter()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Arg> {
        self.entries.iter().find(|arg| arg.key == key)
    }

    /// The value of an argument that is an expression.
    pub(crate) fn expr(&self, key: &str) -> Option<&syn::Expr> {
        match &self.get(key)?.value {
            Value::Expr(expr) => Some(expr),
            Value::Pattern { .. } | Value::Path(_) => None,
        }
    }

    pub(crate) fn krate(&self) -> Option<&syn::Path> {
        match &self.get("crate")?.value {
            Value::Path(path) => Some(path),
            Value::Expr(_) | Value::Pattern { .. } => None,
        }
    }
}

impl Arg {
    fn parse(input: ParseStream<'_>, attribute: &str, known: &[&str]) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        if !known.contains(&key.to_string().as_str()) {
            // What follows may be anything; one mistake is one error.
            input.parse::<TokenStream>()?;
            return Err(syn::Error::new(key.span(), unknown(&key, attribute, known)));
        }
        if input.is_empty() {
            return Err(syn::Error::new(key.span(), format_args!("`{key}` needs a value: `{key} = ..`")));
        }
        let equals: Token![=] = input.parse()?;
        if input.is_empty() {
            return Err(syn::Error::new(equals.span, format_args!("`{key} =` needs a value after it")));
        }
        let value = if key == "fail_on" {
            let pattern = Box::new(syn::Pat::parse_multi_with_leading_vert(input)?);
            let guard =
                if input.parse::<Option<Token![if]>>()?.is_some() { Some(Box::new(input.parse()?)) } else { None };
            Value::Pattern { pattern, guard }
        } else if key == "crate" {
            Value::Path(input.call(syn::Path::parse_mod_style)?)
        } else {
            Value::Expr(syn::Expr::parse(input)?)
        };
        if !input.is_empty() {
            return Err(input.error("expected `,` before the next argument"));
        }
        Ok(Self { key, value })
    }

    /// As the user wrote it.
    pub(crate) fn text(&self) -> String {
        let value = match &self.value {
            Value::Expr(expr) => expr.to_token_stream(),
            Value::Pattern { pattern, .. } => pattern.to_token_stream(),
            Value::Path(path) => path.to_token_stream(),
        };
        format!("{} = {value}", self.key)
    }
}

/// Splits where a comma is followed by another argument, so that a mistake in one does not hide the next; the comma in
/// `a::<B, C>()` is none of those. `key =` begins an argument, and a known key does also without it.
fn split_at_commas(tokens: TokenStream, known: &[&str]) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let begins = |at: usize| match (tokens.get(at), tokens.get(at + 1)) {
        (None, _) => true,
        (Some(TokenTree::Ident(key)), Some(TokenTree::Punct(next))) => {
            let double = matches!(tokens.get(at + 2), Some(TokenTree::Punct(third)) if third.as_char() == '=');
            next.as_char() == '=' && !double || next.as_char() == ',' && known.contains(&key.to_string().as_str())
        }
        (Some(TokenTree::Ident(key)), None) => known.contains(&key.to_string().as_str()),
        _ => false,
    };
    let mut arguments = Vec::new();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        let comma = matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
        if comma && begins(at + 1) {
            arguments.push(tokens[start..at].iter().cloned().collect());
            start = at + 1;
        }
    }
    if start < tokens.len() {
        arguments.push(tokens[start..].iter().cloned().collect());
    }
    arguments
}

fn unknown(key: &Ident, attribute: &str, known: &[&str]) -> String {
    let written = key.to_string();
    let nearest = known.iter().map(|name| (distance(&written, name), name)).min();
    match nearest {
        // A third of the letters wrong is a slip, more is another word.
        Some((slips, name)) if slips * 3 <= name.len().max(3) => {
            format!("unknown argument `{key}`: did you mean `{name}`?")
        }
        _ => format!("unknown argument `{key}`: `#[{attribute}]` takes {}", list(known)),
    }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Levenshtein's.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// A local of the expansion: `name`, for the `layer`th attribute, invisible to the user's code.
pub(crate) fn local(name: &str, layer: usize) -> Ident {
    format_ident!("{name}_{layer}", span = Span::mixed_site())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(list: &str) -> Result<Vec<String>, Vec<String>> {
        let known = ["max_fails", "default", "fail_on", "name"];
        let mut mistakes = Mistakes::default();
        let args = Args::parse(list.parse().expect("tokens"), "circuit_breaker", &known, &mut mistakes);
        mistakes.check().map_err(|errors| errors.into_iter().map(|error| error.to_string()).collect::<Vec<_>>())?;
        Ok(args.iter().map(|arg| arg.key.to_string()).collect())
    }

    #[test]
    fn commas_inside_a_value_do_not_end_it() {
        let keys =
            parsed("default = HashMap::<String, u32>::new(), fail_on = A { x, .. } | B(_, _) if a < b, name = \"n\",");
        assert_eq!(keys, Ok(vec!["default".into(), "fail_on".into(), "name".into()]));
    }

    #[test]
    fn every_mistake_of_a_list_is_reported() {
        let errors = parsed("max_fail = 3, default, name = , max_fails = 1 2").expect_err("four mistakes");
        assert_eq!(errors[0], "unknown argument `max_fail`: did you mean `max_fails`?");
        assert_eq!(errors[1], "`default` needs a value: `default = ..`");
        assert_eq!(errors[2], "`name =` needs a value after it");
        assert_eq!(errors.len(), 4, "{errors:?}");
    }

    #[test]
    fn a_distance_is_the_number_of_slips() {
        assert_eq!(distance("max_fials", "max_fails"), 2);
        assert_eq!(distance("", "reset"), 5);
        assert_eq!(distance("reset", "reset"), 0);
    }
}
