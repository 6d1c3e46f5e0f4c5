//! Which instance an annotated function uses: one given by an expression, one shared by name, or one of its own.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Lit};

use crate::args::{Arg, Args};
use crate::fallback::Mistakes;
use crate::layer::Context;
use crate::runtime::Runtime;
use crate::value::{self, Checked, Type};

/// What one attribute puts on functions.
pub(crate) struct Primitive {
    /// Its module in `__private`, with `Instance`, `builder`, `check` and `build` in it.
    pub(crate) module: &'static str,
    /// The list of annotated functions in that module.
    pub(crate) sites: &'static str,
    /// The argument that gives an instance.
    pub(crate) given_by: &'static str,
    /// The builder's setters.
    pub(crate) settings: &'static [(&'static str, Type)],
    /// Settings whose range depends on others, with those.
    pub(crate) related: &'static [(&'static str, &'static [&'static str])],
}

/// An instance as code.
pub(crate) struct Instance {
    /// Statements to stand before its use.
    pub(crate) before: TokenStream,
    /// A reference to it.
    pub(crate) reference: TokenStream,
}

/// A setting as written, and as code.
struct Setting<'a> {
    arg: &'a Arg,
    expr: &'a Expr,
    ty: Type,
    /// For what is no literal, the constant that holds it: evaluated once, so that what is wrong with it is told once.
    constant: Option<TokenStream>,
    /// What the setter takes.
    value: TokenStream,
}

impl<'a> Setting<'a> {
    fn new(arg: &'a Arg, expr: &'a Expr, ty: Type, checked: Checked, runtime: &Runtime) -> Self {
        let span = value::span(expr);
        let (constant, value) = match checked {
            Checked::Literal(tokens) => (None, tokens),
            Checked::Other => (None, expr.to_token_stream()),
            Checked::Constant(of) => {
                let name = Ident::new(&format!("__ALTLOCKS_{}", arg.key.to_string().to_uppercase()), span);
                let of = runtime.item_at(span, of);
                (Some(quote_spanned!(span=> const #name: #of = #expr;)), name.into_token_stream())
            }
        };
        Self { arg, expr, ty, constant, value }
    }
}

impl Primitive {
    pub(crate) fn instance(&self, args: &Args, context: &Context<'_>, mistakes: &mut Mistakes) -> Instance {
        let Context { runtime, site, .. } = context;
        let site = *site;
        let settings = self.settings(args, runtime, mistakes);
        if let Some(given) = args.expr(self.given_by) {
            self.refuse_beside_given(args, &settings, mistakes);
            return self.given(given, site, runtime);
        }
        let constants = settings.iter().map(|setting| &setting.constant);
        let checks = self.checks(&settings, runtime);
        let instance = match args.expr("name") {
            Some(name) => {
                check_name(name, mistakes);
                self.shared(name, &settings, site, runtime)
            }
            None => self.own(&settings, site, runtime),
        };
        Instance { before: TokenStream::new(), reference: quote!({ #(#constants)* #checks #instance }) }
    }

    fn settings<'a>(&self, args: &'a Args, runtime: &Runtime, mistakes: &mut Mistakes) -> Vec<Setting<'a>> {
        let mut settings = Vec::new();
        for arg in args.iter() {
            let Some((key, ty)) = self.settings.iter().find(|(key, _)| arg.key == key) else { continue };
            let Some(expr) = args.expr(key) else { continue };
            match ty.check(key, expr, runtime) {
                Ok(checked) => settings.push(Setting::new(arg, expr, *ty, checked, runtime)),
                Err(error) => mistakes.push(error),
            }
        }
        settings
    }

    fn refuse_beside_given(&self, args: &Args, settings: &[Setting<'_>], mistakes: &mut Mistakes) {
        let beside = args.get("name").into_iter().chain(settings.iter().map(|setting| setting.arg));
        let beside: Vec<&Arg> = beside.collect();
        let [first, ..] = beside.as_slice() else { return };
        let names: Vec<String> = beside.iter().map(|arg| format!("`{}`", arg.key)).collect();
        let (names, given_by) = (names.join(", "), self.given_by);
        let message = format!("`{given_by} = ..` brings its own name and settings: remove {names}");
        mistakes.add(first.key.span(), message);
    }

    /// `const _` items for what is no literal: evaluated also in a function that nobody calls, and reported at the
    /// user's expression, whose span every token of theirs carries.
    fn checks(&self, settings: &[Setting<'_>], runtime: &Runtime) -> TokenStream {
        let mut checks = TokenStream::new();
        for setting in settings {
            let others = self.related.iter().filter(|(key, _)| setting.arg.key == key).flat_map(|(_, others)| *others);
            let others: Vec<&Setting<'_>> =
                others.filter_map(|other| settings.iter().find(|setting| setting.arg.key == other)).collect();
            let related = self.related.iter().any(|(key, _)| setting.arg.key == key);
            if setting.constant.is_none() && !related {
                continue;
            }
            let span = value::span(setting.expr);
            let check = runtime.nested_at(span, self.module, "check");
            let fixed = runtime.item_at(span, "fixed");
            let builder =
                self.builder(&quote_spanned!(span=> #fixed("_")), others.into_iter().chain([setting]), span, runtime);
            checks.extend(quote_spanned!(span=> const _: () = #check(#builder);));
        }
        checks
    }

    /// A builder with the name and the settings, as a constant expression.
    fn builder<'a>(
        &self,
        name: &TokenStream,
        settings: impl IntoIterator<Item = &'a Setting<'a>>,
        span: Span,
        runtime: &Runtime,
    ) -> TokenStream {
        let builder = runtime.nested_at(span, self.module, "builder");
        let setters = settings.into_iter().map(|setting| {
            let span = value::span(setting.expr);
            let key = Ident::new(&setting.arg.key.to_string(), span);
            let value = &setting.value;
            quote_spanned!(span=> .#key(#value))
        });
        quote_spanned!(span=> #builder(#name) #(#setters)*)
    }

    fn own(&self, settings: &[Setting<'_>], site: Span, runtime: &Runtime) -> TokenStream {
        let mixed = Span::mixed_site();
        let derived = runtime.item("derived");
        let builder = self.builder(&quote_spanned!(mixed=> #derived(__altlocks_path)), settings, mixed, runtime);
        let instance = runtime.nested_at(mixed, self.module, "Instance");
        let build = runtime.nested_at(mixed, self.module, "build");
        let text = text(settings);
        let enrolled = self.enrolled("own", &quote_spanned!(mixed=> #text, &__ALTLOCKS_INSTANCE), site, runtime);
        quote_spanned! {mixed=>
            #enrolled
            static __ALTLOCKS_INSTANCE: #instance = #build(#builder);
            &__ALTLOCKS_INSTANCE
        }
    }

    fn shared(&self, name: &Expr, settings: &[Setting<'_>], site: Span, runtime: &Runtime) -> TokenStream {
        let mixed = Span::mixed_site();
        let enrolled = if settings.is_empty() {
            self.enrolled("joining", &quote_spanned!(mixed=> #name), site, runtime)
        } else {
            let fixed = runtime.item("fixed");
            let builder = self.builder(&quote_spanned!(mixed=> #fixed(#name)), settings, mixed, runtime);
            let build = runtime.nested_at(mixed, self.module, "build");
            let values = settings.iter().map(|setting| compared(setting, runtime));
            let settings_of = runtime.item("Settings");
            let text = text(settings);
            let settings =
                quote_spanned!(mixed=> #name, #settings_of::new(&[#(#values),*], #text, || #build(#builder)));
            self.enrolled("sharing", &settings, site, runtime)
        };
        let (joint, instance) = (runtime.item("Joint"), runtime.nested_at(mixed, self.module, "Instance"));
        quote_spanned! {mixed=>
            #enrolled
            static __ALTLOCKS_JOINT: #joint<#instance> = #joint::new(#name);
            __ALTLOCKS_JOINT.instance()
        }
    }

    fn given(&self, given: &Expr, site: Span, runtime: &Runtime) -> Instance {
        let mixed = Span::mixed_site();
        let text = format!("{} = {}", self.given_by, given.to_token_stream());
        let enrolled = self.enrolled("given", &quote_spanned!(mixed=> #text), site, runtime);
        let span = value::span(given);
        // No braces around the reference: what the expression makes has to live as long as it.
        Instance { before: quote_spanned!(mixed=> { #enrolled }), reference: quote_spanned!(span=> &#given) }
    }

    /// The function's path and its entry in the link-time list, made by `constructor` from the path and `args`.
    fn enrolled(&self, constructor: &str, args: &TokenStream, site: Span, runtime: &Runtime) -> TokenStream {
        let mixed = Span::mixed_site();
        let (path_of, linkme, site_of) = (runtime.item("path_of"), runtime.item("linkme"), runtime.item("Site"));
        let instance = runtime.nested_at(mixed, self.module, "Instance");
        let sites = runtime.nested_at(mixed, self.module, self.sites);
        // The call carries the attribute's own span: its location is the one that the registry tells.
        let constructor = runtime.nested_at(site, "Site", constructor);
        let entry = quote_spanned!(site=> #constructor(__altlocks_path, #args));
        quote_spanned! {mixed=>
            fn __altlocks_path() -> &'static str {
                #path_of(&__altlocks_path)
            }
            #[#linkme::distributed_slice(#sites)]
            #[linkme(crate = #linkme)]
            static __ALTLOCKS_SITE: #site_of<#instance> = #entry;
        }
    }
}

fn check_name(name: &Expr, mistakes: &mut Mistakes) {
    if let Expr::Lit(syn::ExprLit { lit, .. }) = name {
        match lit {
            Lit::Str(text) if text.value().is_empty() => mistakes.add(text.span(), "name must not be empty"),
            Lit::Str(_) => {}
            other => mistakes.add(other.span(), "name takes a string, as in `name = \"db\"`"),
        }
    }
}

/// The settings as written, as the registry shows them.
fn text(settings: &[Setting<'_>]) -> String {
    settings.iter().map(|setting| setting.arg.text()).collect::<Vec<_>>().join(", ")
}

/// A setting as the registry compares it with that of another function of the same name.
fn compared(setting: &Setting<'_>, runtime: &Runtime) -> TokenStream {
    let mixed = Span::mixed_site();
    let value = runtime.item("Value");
    let (key, tokens) = (setting.arg.key.to_string(), &setting.value);
    let value = match setting.ty {
        Type::Count => quote_spanned!(mixed=> #value::count(#tokens)),
        Type::Number { .. } => quote_spanned!(mixed=> #value::number(#tokens)),
        Type::Duration { .. } => quote_spanned!(mixed=> #value::duration(#tokens)),
        Type::Any => {
            let text = tokens.to_string();
            // The compiler knows the path of what a path names; of a closure only the text can be compared.
            if matches!(setting.expr, Expr::Path(_)) {
                let type_name = runtime.item("type_name_of");
                quote_spanned!(mixed=> #value::path(|| #type_name(&#tokens), #text))
            } else {
                quote_spanned!(mixed=> #value::text(#text))
            }
        }
    };
    quote_spanned!(mixed=> (#key, #value))
}
