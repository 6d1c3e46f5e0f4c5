//! One setting as code: the constant that checks it, the value that a setter takes, and how the registry compares it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;

use crate::args::Arg;
use crate::runtime::Runtime;
use crate::value::{self, Checked, Type};

/// Settings that have to agree with each other, as the builder has it.
pub(crate) struct Relation {
    pub(crate) between: &'static [&'static str],
    /// How many of them have to be given for the relation to matter. The others are at their defaults then.
    pub(crate) needs: usize,
    /// The one of them that the check begins its builder with, where builders begin with a setting.
    pub(crate) begins_with: Option<&'static str>,
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
        let check =
            self.ty.condition(name, span).map(|holds| quote_spanned!(span=> const _: () = #require(#holds, #rule);));
        quote_spanned!(span=> const #name: #of = #expr; #check)
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
            // The compiler knows the path of what a path names; of a closure only the text can be compared.
            (Type::Function, Expr::Path(_)) => {
                let type_name = runtime.item("type_name_of");
                quote_spanned!(mixed=> #value::path(|| #type_name(&#tokens), #written))
            }
            (Type::Function, _) => quote_spanned!(mixed=> #value::text(#written)),
        };
        quote_spanned!(mixed=> (#key, #value))
    }
}

/// The settings as written, as the registry shows them.
pub(crate) fn text(settings: &[Setting<'_>]) -> String {
    settings.iter().map(|setting| setting.arg.text.as_str()).collect::<Vec<_>>().join(", ")
}
