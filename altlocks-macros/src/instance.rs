//! Which instance an annotated function uses: one given by an expression, one shared by name, or one of its own.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;

use crate::args::{Arg, Args};
use crate::fallback::Mistakes;
use crate::layer::Context;
use crate::runtime::Runtime;
use crate::setting::{self, Relation, Setting};
use crate::value::{self, Type};

/// What one attribute puts on functions.
pub(crate) struct Primitive {
    /// Its module in `__private`, with `Instance`, `builder` and `build` in it.
    pub(crate) module: &'static str,
    /// The list of annotated functions in that module.
    pub(crate) sites: &'static str,
    /// The argument that gives an instance.
    pub(crate) given_by: &'static str,
    /// The setting that the builder begins with, beside the name.
    pub(crate) begins_with: Option<&'static str>,
    /// The builder's setters.
    pub(crate) settings: &'static [(&'static str, Type)],
    /// Settings that have to agree.
    pub(crate) relations: &'static [Relation],
}

/// An instance as code.
pub(crate) struct Instance {
    /// Items that stand in a block of their own, so that the user's code does not see them.
    items: TokenStream,
    /// A reference to the instance, made in the block of the items if it is fixed.
    reference: TokenStream,
    /// Whether it is the same for every call.
    fixed: bool,
}

impl Instance {
    /// `let local: &ty = ..;` with what has to stand before it.
    pub(crate) fn bind(&self, local: &Ident, ty: &TokenStream) -> TokenStream {
        let mixed = Span::mixed_site();
        let Self { items, reference, fixed } = self;
        if *fixed {
            quote_spanned!(mixed=> let #local: &#ty = { #items #reference };)
        } else {
            // No braces around the reference: what the expression makes has to live as long as it.
            quote_spanned!(mixed=> { #items } let #local: &#ty = #reference;)
        }
    }

    /// The same for what keeps the instance over an await: of one that is fixed it keeps only the way to it, which has
    /// no size.
    pub(crate) fn bind_small(&self, local: &Ident, ty: &TokenStream, runtime: &Runtime) -> TokenStream {
        let mixed = Span::mixed_site();
        let Self { items, reference, fixed } = self;
        if !fixed {
            return self.bind(local, ty);
        }
        let by = runtime.item("Fixed");
        quote_spanned!(mixed=> let #local = #by({ #items || #reference });)
    }
}

impl Primitive {
    pub(crate) fn instance(&self, args: &Args, context: &Context<'_>, mistakes: &mut Mistakes) -> Instance {
        let Context { runtime, site, .. } = context;
        let site = *site;
        let settings = self.settings(args, runtime, mistakes);
        if let Some(given) = args.expr(self.given_by) {
            self.refuse_beside_given(args, &settings, mistakes);
            let text = args.get(self.given_by).map_or("", |arg| &arg.text);
            return self.given(given, text, site, runtime);
        }
        let constants = settings.iter().map(|setting| setting.constant(runtime));
        let (constants, relations): (TokenStream, _) =
            (constants.collect(), setting::relations(self.relations, &settings, runtime));
        let mut name = TokenStream::new();
        let instance = match (args.get("name"), args.expr("name")) {
            (Some(arg), Some(expr)) => match Type::Text.check("name", expr, runtime) {
                Ok(checked) => {
                    let setting = Setting::new(arg, expr, Type::Text, checked);
                    name = setting.constant(runtime);
                    self.shared(&setting.value, &settings, site, runtime)
                }
                Err(error) => {
                    mistakes.push(error);
                    Default::default()
                }
            },
            _ => self.own(&settings, site, runtime),
        };
        let (items, reference) = instance;
        Instance { items: quote!(#name #constants #relations #items), reference, fixed: true }
    }

    fn settings<'a>(&self, args: &'a Args, runtime: &Runtime, mistakes: &mut Mistakes) -> Vec<Setting<'a>> {
        let mut settings = Vec::new();
        for arg in args.iter() {
            let Some((key, ty)) = self.settings.iter().find(|(key, _)| arg.key == key) else { continue };
            let Some(expr) = args.expr(key) else { continue };
            match ty.check(key, expr, runtime) {
                Ok(checked) => settings.push(Setting::new(arg, expr, *ty, checked)),
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

    /// A builder with the name and the settings, as a constant expression.
    fn builder(&self, name: &TokenStream, settings: &[Setting<'_>], runtime: &Runtime) -> TokenStream {
        let mixed = Span::mixed_site();
        let builder = runtime.nested_at(mixed, self.module, "builder");
        let begins = |setting: &&Setting<'_>| self.begins_with.is_some_and(|key| setting.arg.key == key);
        let begin = settings.iter().find(begins).map(|setting| &setting.value);
        let setters = settings.iter().filter(|setting| !begins(setting)).map(|setting| {
            let span = value::span(setting.expr);
            let key = Ident::new(&setting.arg.key.to_string(), span);
            let value = &setting.value;
            quote_spanned!(span=> .#key(#value))
        });
        let begin = begin.into_iter();
        quote_spanned!(mixed=> #builder(#name #(, #begin)*) #(#setters)*)
    }

    fn own(&self, settings: &[Setting<'_>], site: Span, runtime: &Runtime) -> (TokenStream, TokenStream) {
        let mixed = Span::mixed_site();
        let derived = runtime.item("derived");
        let builder = self.builder(&quote_spanned!(mixed=> #derived(__altlocks_path)), settings, runtime);
        let instance = runtime.nested_at(mixed, self.module, "Instance");
        let build = runtime.nested_at(mixed, self.module, "build");
        let text = setting::text(settings);
        let enrolled = self.enrolled("own", &quote_spanned!(mixed=> #text, &__ALTLOCKS_INSTANCE), site, runtime);
        let items = quote_spanned! {mixed=>
            #enrolled
            static __ALTLOCKS_INSTANCE: #instance = #build(#builder);
        };
        let called = runtime.item("called");
        (items, quote_spanned!(mixed=> { #called(&__ALTLOCKS_SITE); &__ALTLOCKS_INSTANCE }))
    }

    fn shared(
        &self,
        name: &TokenStream,
        settings: &[Setting<'_>],
        site: Span,
        runtime: &Runtime,
    ) -> (TokenStream, TokenStream) {
        let mixed = Span::mixed_site();
        let enrolled = if settings.is_empty() {
            self.enrolled("joining", &quote_spanned!(mixed=> #name), site, runtime)
        } else {
            let fixed = runtime.item("fixed");
            let builder = self.builder(&quote_spanned!(mixed=> #fixed(#name)), settings, runtime);
            let build = runtime.nested_at(mixed, self.module, "build");
            let values = settings.iter().map(|setting| setting.compared(runtime));
            let settings_of = runtime.item("Settings");
            let text = setting::text(settings);
            let settings =
                quote_spanned!(mixed=> #name, #settings_of::new(&[#(#values),*], #text, || #build(#builder)));
            self.enrolled("sharing", &settings, site, runtime)
        };
        let (joint, instance) = (runtime.item("Joint"), runtime.nested_at(mixed, self.module, "Instance"));
        let items = quote_spanned! {mixed=>
            #enrolled
            static __ALTLOCKS_JOINT: #joint<#instance> = #joint::new(&__ALTLOCKS_SITE);
        };
        (items, quote_spanned!(mixed=> __ALTLOCKS_JOINT.instance()))
    }

    fn given(&self, given: &Expr, text: &str, site: Span, runtime: &Runtime) -> Instance {
        let mixed = Span::mixed_site();
        let items = self.enrolled("given", &quote_spanned!(mixed=> #text), site, runtime);
        let called = runtime.item("called");
        let items = quote_spanned!(mixed=> #items #called(&__ALTLOCKS_SITE););
        let span = value::span(given);
        Instance { items, reference: quote_spanned!(span=> &#given), fixed: false }
    }

    /// The function's path and its entry in the list of functions, made by `constructor` from the path and `args`.
    fn enrolled(&self, constructor: &str, args: &TokenStream, site: Span, runtime: &Runtime) -> TokenStream {
        let mixed = Span::mixed_site();
        let (path_of, enrol, site_of) = (runtime.item("path_of"), runtime.item("enrol"), runtime.item("Site"));
        let instance = runtime.nested_at(mixed, self.module, "Instance");
        let (module, list) = (Ident::new(self.module, mixed), Ident::new(self.sites, mixed));
        // The call carries the attribute's own span: its location is the one that the registry tells.
        let constructor = runtime.nested_at(site, "Site", constructor);
        let entry = quote_spanned!(site=> #constructor(__altlocks_path, #args));
        quote_spanned! {mixed=>
            fn __altlocks_path() -> &'static str {
                #path_of(&__altlocks_path)
            }
            #enrol! { #module #list static __ALTLOCKS_SITE: #site_of<#instance> = #entry; }
        }
    }
}
