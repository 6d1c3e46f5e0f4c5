//! One setting as code: the constant that checks it, the value that a setter takes, and how the registry compares it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;

use crate::args::Arg;
use crate::runtime::Runtime;
use crate::value::{self, Checked, Type};

/// One setting must not be above another.
pub(crate) struct Relation {
    pub(crate) lesser: Side,
    pub(crate) greater: Side,
}

/// A setting in a relation.
pub(crate) struct Side {
    pub(crate) key: &'static str,
    /// What it is unless given; `None` if the relation does not matter then.
    pub(crate) default: Option<f64>,
}

/// The checks of relations, each at the first of its two settings that is given. One that shares a setting with an earlier
/// one says nothing where that does not hold: one mistake is one error.
pub(crate) fn relations(relations: &[Relation], settings: &[Setting<'_>], runtime: &Runtime) -> TokenStream {
    let mut checks = TokenStream::new();
    let mut earlier: Vec<(&Relation, TokenStream)> = Vec::new();
    for relation in relations {
        let valid =
            earlier.iter().filter(|(other, _)| other.shares(relation)).map(|(_, holds)| holds.clone()).collect();
        let Some((span, holds)) = relation.holds(settings, valid, runtime) else { continue };
        let require = runtime.item_at(span, "require");
        let rule = format!("{} must not be above {}", relation.lesser.key, relation.greater.key);
        checks.extend(quote_spanned!(span=> const _: () = #require(#holds, #rule);));
        earlier.push((relation, holds));
    }
    checks
}

impl Relation {
    fn shares(&self, other: &Self) -> bool {
        [self.lesser.key, self.greater.key].iter().any(|key| [other.lesser.key, other.greater.key].contains(key))
    }

    /// Where to report it, and the condition, if the relation matters. It holds too where something is not `valid`.
    fn holds(
        &self,
        settings: &[Setting<'_>],
        mut valid: Vec<TokenStream>,
        runtime: &Runtime,
    ) -> Option<(Span, TokenStream)> {
        let find = |side: &Side| settings.iter().find(|setting| setting.arg.key == side.key);
        let (lesser, greater) = (find(&self.lesser), find(&self.greater));
        let span = value::span(lesser.or(greater)?.expr);
        let side = |given: Option<&Setting<'_>>, side: &Side| match given {
            Some(setting) => Some(setting.as_f64(span, runtime)),
            None => side.default.map(|default| quote_spanned!(span=> #default)),
        };
        let (a, b) = (side(lesser, &self.lesser)?, side(greater, &self.greater)?);
        // What is out of its own range is told there.
        let constants = [lesser, greater].into_iter().flatten().filter(|setting| setting.constant.is_some());
        valid.extend(constants.filter_map(|setting| setting.ty.condition(&setting.value, span, runtime)));
        let in_order = runtime.item_at(span, "in_order");
        Some((span, quote_spanned!(span=> #in_order(#a, #b, &[#(#valid),*]))))
    }
}

/// A setting as written, and as code.
pub(crate) struct Setting<'a> {
    pub(crate) arg: &'a Arg,
    pub(crate) expr: &'a Expr,
    ty: Type,
    /// The type of the constant that holds it, if it is no literal.
    constant: Option<&'static str>,
    /// What the setter takes: the literal, or the name of the constant.
    pub(crate) value: TokenStream,
}

impl<'a> Setting<'a> {
    pub(crate) fn new(arg: &'a Arg, expr: &'a Expr, ty: Type, checked: Checked) -> Self {
        let (constant, value) = match checked {
            Checked::Done(tokens) => (None, tokens),
            Checked::Constant(of) => {
                let name = format!("__ALTLOCKS_{}", arg.key.to_string().to_uppercase());
                (Some(of), Ident::new(&name, value::span(expr)).into_token_stream())
            }
        };
        Self { arg, expr, ty, constant, value }
    }

    /// For what is no literal, the constant that holds it, evaluated once, so that what is wrong with it is told once;
    /// and the check of its range. An item, for it is evaluated also in a function that nobody calls; and every token of
    /// it has the span of the user's expression, for that is where it is reported.
    pub(crate) fn constant(&self, runtime: &Runtime) -> TokenStream {
        let Some(of) = self.constant else { return TokenStream::new() };
        let span = value::span(self.expr);
        let (name, expr, of, require) =
            (&self.value, self.expr, runtime.item_at(span, of), runtime.item_at(span, "require"));
        let rule = self.ty.rule(&self.arg.key.to_string());
        let check = self
            .ty
            .condition(name, span, runtime)
            .map(|holds| quote_spanned!(span=> const _: () = #require(#holds, #rule);));
        quote_spanned!(span=> const #name: #of = #expr; #check)
    }

    /// The value as a number that all numbers of a relation can be compared as.
    fn as_f64(&self, span: Span, runtime: &Runtime) -> TokenStream {
        let (value, number) = (&self.value, runtime.item_at(span, "number"));
        if matches!(self.ty, Type::Count) { quote_spanned!(span=> #number(#value)) } else { value.clone() }
    }

    /// The setting as the registry compares it with that of another function of the same name.
    pub(crate) fn compared(&self, runtime: &Runtime) -> TokenStream {
        let mixed = Span::mixed_site();
        let value = runtime.item("Value");
        let (key, tokens, written) = (self.arg.key.to_string(), &self.value, self.value.to_string());
        let value = match (self.ty, self.expr) {
            (Type::Count, _) => quote_spanned!(mixed=> #value::count(#tokens)),
            (Type::Number(_), _) => quote_spanned!(mixed=> #value::number(#tokens)),
            (Type::Duration { .. }, _) => quote_spanned!(mixed=> #value::duration(#tokens)),
            (Type::Text, _) => quote_spanned!(mixed=> #value::text(#tokens)),
            // `Adaptation::Fixed` and an imported `Fixed` are the same.
            (Type::Choice, Expr::Path(path)) => {
                let last = path.path.segments.last().map(|segment| segment.ident.to_string());
                quote_spanned!(mixed=> #value::text(#last))
            }
            // The compiler knows the path of what a path names; of a closure only the text can be compared.
            (Type::Function, Expr::Path(_)) => {
                let type_name = runtime.item("type_name_of");
                quote_spanned!(mixed=> #value::path(|| #type_name(&#tokens), #written))
            }
            (Type::Choice | Type::Function, _) => quote_spanned!(mixed=> #value::text(#written)),
        };
        quote_spanned!(mixed=> (#key, #value))
    }
}

/// The settings as written, as the registry shows them.
pub(crate) fn text(settings: &[Setting<'_>]) -> String {
    settings.iter().map(|setting| setting.arg.text.as_str()).collect::<Vec<_>>().join(", ")
}
