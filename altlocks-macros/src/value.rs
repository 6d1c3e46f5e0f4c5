//! What may stand behind an `=`: literals are checked here, at the token; anything else becomes a constant for the
//! compiler to evaluate and to check, at the expression.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, ExprUnary, Lit, UnOp};

use crate::runtime::Runtime;

/// The type of a setting, with the range that its values are held to.
#[derive(Clone, Copy)]
pub(crate) enum Type {
    /// `u32`, at least 1.
    Count,
    /// `f64`.
    Number(Range),
    /// `Duration`; whether it may be zero.
    Duration { zero: bool },
    /// `&'static str`, not empty.
    Text,
    /// One of a few names.
    Choice,
    /// A function of the user's: the compiler checks it.
    Function,
}

/// From where to where, in a comparison each, and in words.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    from: Bound,
    to: Bound,
    words: &'static str,
}

#[derive(Clone, Copy)]
enum Bound {
    Inclusive(f64),
    Exclusive(f64),
}

impl Range {
    pub(crate) const FRACTION: Self =
        Self { from: Bound::Inclusive(0.0), to: Bound::Exclusive(1.0), words: "at least 0 and below 1" };
    pub(crate) const SHARE: Self =
        Self { from: Bound::Inclusive(0.0), to: Bound::Inclusive(1.0), words: "at least 0 and at most 1" };
    pub(crate) const GROWTH: Self =
        Self { from: Bound::Inclusive(1.0), to: Bound::Inclusive(f64::MAX), words: "finite and at least 1" };
    pub(crate) const SHRINKAGE: Self =
        Self { from: Bound::Exclusive(0.0), to: Bound::Inclusive(1.0), words: "above 0 and at most 1" };
    pub(crate) const RATE: Self =
        Self { from: Bound::Exclusive(0.0), to: Bound::Inclusive(f64::MAX), words: "finite and above 0" };

    fn holds(self, number: f64) -> bool {
        let from = match self.from {
            Bound::Inclusive(from) => number >= from,
            Bound::Exclusive(from) => number > from,
        };
        let to = match self.to {
            Bound::Inclusive(to) => number <= to,
            Bound::Exclusive(to) => number < to,
        };
        from && to
    }

    /// The same as an expression over a constant.
    fn condition(self, constant: &TokenStream, span: Span, runtime: &Runtime) -> TokenStream {
        let side = |bound| match bound {
            Bound::Inclusive(number) => quote_spanned!(span=> #number, true),
            Bound::Exclusive(number) => quote_spanned!(span=> #number, false),
        };
        let (from, to, in_range) = (side(self.from), side(self.to), runtime.item_at(span, "in_range"));
        quote_spanned!(span=> #in_range(#constant, #from, #to))
    }
}

/// A setting that passed.
pub(crate) enum Checked {
    /// As the setter takes it: nothing is left to check.
    Done(TokenStream),
    /// An expression of this type in `__private`, for the compiler to evaluate and to check.
    Constant(&'static str),
}

impl Type {
    pub(crate) fn check(self, key: &str, expr: &Expr, runtime: &Runtime) -> syn::Result<Checked> {
        let fail = |message: String| Err(syn::Error::new_spanned(expr, message));
        let passed = |tokens| Ok(Checked::Done(tokens));
        let Some((negative, literal)) = literal(expr) else {
            return Ok(match self {
                Self::Count => Checked::Constant("u32"),
                Self::Number(_) => Checked::Constant("f64"),
                Self::Duration { .. } => Checked::Constant("Duration"),
                Self::Text => Checked::Constant("Text"),
                Self::Choice | Self::Function => Checked::Done(expr.to_token_stream()),
            });
        };
        match (self, literal) {
            (Self::Text, Lit::Str(text)) if text.value().is_empty() => fail(self.rule(key)),
            (Self::Choice | Self::Function, _) | (Self::Text, Lit::Str(_)) => passed(expr.to_token_stream()),
            (Self::Text, _) => fail(format!("{key} takes a string, as in `{key} = \"..\"`")),
            (Self::Count, Lit::Int(int)) => match int.base10_parse::<u32>() {
                Ok(count) if count > 0 && !negative => passed(expr.to_token_stream()),
                Err(_) if !negative => fail(format!("{key} must be at most {}", u32::MAX)),
                _ => fail(self.rule(key)),
            },
            (Self::Count, _) => fail(format!("{key} takes a whole number, as in `{key} = 5`")),
            (Self::Number(range), Lit::Int(_) | Lit::Float(_)) => {
                let digits = match literal {
                    Lit::Int(int) => int.base10_digits(),
                    Lit::Float(float) => float.base10_digits(),
                    _ => unreachable!("matched above"),
                };
                match digits.parse::<f64>().map(|number| if negative { -number } else { number }) {
                    Ok(number) if range.holds(number) => {
                        let mut token = proc_macro2::Literal::f64_suffixed(number);
                        token.set_span(span(expr));
                        passed(token.into_token_stream())
                    }
                    _ => fail(self.rule(key)),
                }
            }
            (Self::Number(_), _) => fail(format!("{key} takes a number, as in `{key} = 0.5`")),
            (Self::Duration { zero }, Lit::Str(text)) => match duration(&text.value()) {
                Ok(Duration::ZERO) if !zero => fail(self.rule(key)),
                Ok(duration) => passed(duration_tokens(duration, span(expr), runtime)),
                Err(reason) => fail(format!("{key}: {reason}, as in `{key} = \"30s\"`, \"250ms\" or \"1m30s\"")),
            },
            (Self::Duration { .. }, Lit::Int(int)) if !negative => {
                fail(format!("{key} needs a unit: write `{key} = \"{}s\"`", int.base10_digits()))
            }
            (Self::Duration { .. }, _) => {
                fail(format!("{key} takes a duration with its unit, as in `{key} = \"30s\"`, \"250ms\" or \"1m30s\""))
            }
        }
    }

    /// The condition that the constant has to meet, where there is one. A call each: what stands at the user's span is
    /// linted as the user's.
    pub(crate) fn condition(self, constant: &TokenStream, span: Span, runtime: &Runtime) -> Option<TokenStream> {
        let test = match self {
            Self::Number(range) => return Some(range.condition(constant, span, runtime)),
            Self::Count => "at_least_one",
            Self::Duration { zero: false } => "longer_than_zero",
            Self::Text => "not_empty",
            Self::Duration { zero: true } | Self::Choice | Self::Function => return None,
        };
        let test = runtime.item_at(span, test);
        Some(quote_spanned!(span=> #test(#constant)))
    }

    /// The range in words, as the builder has them.
    pub(crate) fn rule(self, key: &str) -> String {
        match self {
            Self::Count => format!("{key} must be at least 1"),
            Self::Number(range) => format!("{key} must be {}", range.words),
            Self::Duration { .. } => format!("{key} must be longer than zero"),
            Self::Text => format!("{key} must not be empty"),
            Self::Choice | Self::Function => format!("{key} has no range"),
        }
    }
}

/// A literal, also behind a minus and in parentheses that a `macro_rules!` left invisible.
fn literal(expr: &Expr) -> Option<(bool, &Lit)> {
    match expr {
        Expr::Lit(ExprLit { lit, .. }) => Some((false, lit)),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => literal(expr).map(|(negative, lit)| (!negative, lit)),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

/// Where an expression stands. On stable a span of several tokens shows the first, which is where a reader looks.
pub(crate) fn span(expr: &Expr) -> Span {
    expr.span()
}

fn duration_tokens(duration: Duration, span: Span, runtime: &Runtime) -> TokenStream {
    let (secs, nanos) = (duration.as_secs(), duration.subsec_nanos());
    let new = runtime.item_at(span, "Duration");
    quote_spanned!(span=> #new::new(#secs, #nanos))
}

/// `1m30s`, `250ms`, `0.5s`: numbers, each with its unit.
pub(crate) fn duration(text: &str) -> Result<Duration, &'static str> {
    const UNITS: [(&str, u128); 7] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    const TOO_LONG: &str = "the duration is out of range";
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("a duration is a number and its unit");
    }
    let mut nanos: u128 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        if number.is_empty() {
            return Err("a duration is a number and its unit");
        }
        if unit.is_empty() {
            return Err("a duration needs a unit");
        }
        let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err("the units are h, m, s, ms, us and ns");
        };
        nanos = nanos.checked_add(scaled(number, *scale)?).ok_or(TOO_LONG)?;
        rest = after.trim_start();
    }
    let secs = u64::try_from(nanos / 1_000_000_000).map_err(|_| TOO_LONG)?;
    let subsec = u32::try_from(nanos % 1_000_000_000).map_err(|_| TOO_LONG)?;
    Ok(Duration::new(secs, subsec))
}

/// A decimal number of units in nanoseconds, exactly.
fn scaled(number: &str, scale: u128) -> Result<u128, &'static str> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let parse = |digits: &str| match digits {
        "" => Ok(0),
        digits if digits.len() > 19 => Err("a duration is a number and its unit"),
        digits => digits.parse::<u64>().map(u128::from).map_err(|_| "a duration is a number and its unit"),
    };
    if whole.is_empty() {
        return Err("a duration is a number and its unit");
    }
    let parts = parse(fraction)? * scale;
    // The fraction was parsed as a u64, so it has few enough digits.
    let unit = 10_u128.pow(fraction.len() as u32);
    if !parts.is_multiple_of(unit) {
        return Err("a duration has no parts of a nanosecond");
    }
    Ok(parse(whole)? * scale + parts / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h 2m"), Ok(Duration::from_secs(3720)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("0.25s"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("7µs9ns"), Ok(Duration::from_nanos(7009)));
        assert_eq!(duration("0s"), Ok(Duration::ZERO));
    }

    #[test]
    fn what_is_no_duration_says_why() {
        assert_eq!(duration("30"), Err("a duration needs a unit"));
        assert_eq!(duration(""), Err("a duration is a number and its unit"));
        assert_eq!(duration("s"), Err("a duration is a number and its unit"));
        assert_eq!(duration("-1s"), Err("a duration is a number and its unit"));
        assert_eq!(duration("3 parsecs"), Err("a duration needs a unit"));
        assert_eq!(duration("3d"), Err("the units are h, m, s, ms, us and ns"));
        assert_eq!(duration("1.5ns"), Err("a duration has no parts of a nanosecond"));
        assert_eq!(duration("99999999999999999999s"), Err("a duration is a number and its unit"));
        assert_eq!(
            duration("1.0000000000000000000000000000000000000000000s"),
            Err("a duration is a number and its unit")
        );
    }
}
