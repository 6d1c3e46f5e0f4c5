//! `key = value, ..` with every mistake in it reported, and every span kept.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::format_ident;
use syn::Token;
use syn::ext::IdentExt as _;
use syn::parse::{Parse as _, ParseStream, Parser as _};

use crate::fallback::Mistakes;

/// The arguments of one attribute.
pub(crate) struct Args {
    entries: Vec<Arg>,
}

pub(crate) struct Arg {
    pub(crate) key: Ident,
    pub(crate) value: Value,
    /// As the user wrote it.
    pub(crate) text: String,
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
            let text = argument.to_string();
            let parser = |input: ParseStream<'_>| Arg::parse(input, text, attribute, known);
            match parser.parse2(argument) {
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
    fn parse(input: ParseStream<'_>, text: String, attribute: &str, known: &[&str]) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        if !known.contains(&key.to_string().as_str()) {
            // What follows may be anything; one mistake is one error.
            input.parse::<TokenStream>()?;
            return Err(syn::Error::new(key.span(), unknown(&key, attribute, known)));
        }
        if !input.peek(Token![=]) {
            input.parse::<TokenStream>()?;
            return Err(syn::Error::new(key.span(), format_args!("`{key}` needs a value: `{key} = ..`")));
        }
        let equals: Token![=] = input.parse()?;
        if input.is_empty() {
            return Err(syn::Error::new(equals.span, format_args!("`{key} =` needs a value after it")));
        }
        let value = match key.to_string().as_str() {
            "fail_on" => pattern(input)?,
            "crate" => Value::Path(input.call(syn::Path::parse_mod_style)?),
            _ => Value::Expr(syn::Expr::parse(input)?),
        };
        if !input.is_empty() {
            return Err(input.error("expected `,` before the next argument"));
        }
        Ok(Self { key, value, text })
    }
}

/// `PATTERN if GUARD`. What looks like a test, and would match every error or none, is told what to write.
fn pattern(input: ParseStream<'_>) -> syn::Result<Value> {
    const A_PATTERN: &str = "`fail_on` takes a pattern of the error: `A | B(_)`, or `error if test(error)`; a closure \
                             over the whole return value is `fail_if`";
    if input.peek(Token![|]) || input.peek(Token![||]) || input.peek(Token![move]) {
        return Err(input.error(A_PATTERN));
    }
    let pattern = syn::Pat::parse_multi(input)?;
    let guard = if input.parse::<Option<Token![if]>>()?.is_some() { Some(Box::new(input.parse()?)) } else { None };
    if input.peek(Token![||]) {
        return Err(input.error("`fail_on` takes a pattern: write one `|` between its alternatives"));
    }
    if input.peek(Token![,]) {
        return Err(input.error("`fail_on` takes one pattern: write `|` between its alternatives"));
    }
    match &pattern {
        syn::Pat::Macro(_) => return Err(syn::Error::new_spanned(&pattern, A_PATTERN)),
        _ if guard.is_none() && !input.is_empty() => return Err(input.error(A_PATTERN)),
        // A name that begins with a capital may be a constant or an imported variant.
        syn::Pat::Ident(only) if guard.is_none() && only.subpat.is_none() && is_lower_case(&only.ident) => {
            let name = &only.ident;
            let message = format!(
                "`{name}` is a pattern that matches every error: write `fail_on = error if {name}(error)` to test, or \
                 `_` to match them all"
            );
            return Err(syn::Error::new_spanned(&pattern, message));
        }
        _ => {}
    }
    Ok(Value::Pattern { pattern: Box::new(pattern), guard })
}

fn is_lower_case(ident: &Ident) -> bool {
    ident.to_string().starts_with(|first: char| first.is_lowercase())
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

/// What others call our arguments.
const SYNONYMS: [(&str, &str); 8] = [
    ("failure_threshold", "max_fails"),
    ("threshold", "max_fails"),
    ("max_failures", "max_fails"),
    ("reset_timeout", "reset"),
    ("recovery_timeout", "reset"),
    ("cooldown", "reset"),
    ("limit", "rate"),
    ("rps", "rate"),
];

fn unknown(key: &Ident, attribute: &str, known: &[&str]) -> String {
    let written = key.to_string();
    let synonym = SYNONYMS.iter().find(|(other, ours)| written == *other && known.contains(ours));
    if let Some((_, ours)) = synonym {
        return format!("unknown argument `{key}`: it is called `{ours}` here");
    }
    if written == "timeout" {
        return format!(
            "unknown argument `{key}`: `#[{attribute}]` cuts no call short, `tokio::time::timeout` in the body does"
        );
    }
    let nearest = known.iter().map(|name| (distance(&written.to_lowercase(), name), name)).min();
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
