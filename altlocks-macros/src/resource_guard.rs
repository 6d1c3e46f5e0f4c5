//! `#[resource_guard(..)]`: its arguments, and the layer that they make.

use proc_macro2::Span;
use quote::quote_spanned;

use crate::args::{Args, local};
use crate::fallback::Mistakes;
use crate::instance::Primitive;
use crate::layer::{Context, Layer};
use crate::value::Type;

pub(crate) const KEYS: &[&str] = &["name", "guard", "action", "fallback", "crate"];

/// Its refusal, in `__private`.
const ERROR: &str = "ResourceBusy";

const GUARD: Primitive = Primitive {
    module: "resource_guard",
    sites: "ALTLOCKS_0_1_RESOURCE_GUARDS",
    given_by: "guard",
    begins_with: None,
    settings: &[("action", Type::Text)],
    relations: &[],
};

/// ```text
/// let guard = <the instance>;
/// let guarded = match ResourceGuard::enter(guard) {
///     Ok(guarded) => guarded,
///     Err(refusal) => return <the refusal as this function's return value>,
/// };
/// // .. the body, and what stands below this attribute ..
/// drop(guarded);
/// ```
pub(crate) fn layer(args: &Args, context: &Context<'_>, mistakes: &mut Mistakes) -> Layer {
    let mixed = Span::mixed_site();
    let Context { runtime, site, number, .. } = context;
    let (ty, ok, err) = (runtime.item("ResourceGuard"), runtime.item("Ok"), runtime.item("Err"));
    let instance = GUARD.instance(args, context, mistakes);
    let drop = runtime.item("drop");
    let (guard, guarded) = (local("guard", *number), local("guarded", *number));
    let bound = instance.bind(&guard, &quote_spanned!(mixed=> #ty<_>));
    let refused = context.refused(args, ERROR, false, mistakes);
    // On the attribute's own span: its location is what `ResourceBusy` tells of the holder.
    let enter = runtime.nested_at(*site, "ResourceGuard", "enter");
    let entered = quote_spanned!(*site=> #enter(#guard));
    Layer {
        admit: quote_spanned! {mixed=>
            #bound
            let #guarded = match #entered {
                #ok(guarded) => guarded,
                #err(refusal) => return #refused,
            };
        },
        settle: quote_spanned!(mixed=> #drop(#guarded);),
    }
}
