//! `#[circuit_breaker(..)]`: its arguments, and the layer that they make.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use crate::args::{Args, local};
use crate::fallback::Mistakes;
use crate::instance::Primitive;
use crate::layer::{Context, Layer, classified, classifies};
use crate::setting::{Relation, Side};
use crate::value::{Range, Type};

pub(crate) const KEYS: &[&str] = &[
    "name",
    "breaker",
    "max_fails",
    "reset",
    "max_half_open_calls",
    "success_threshold",
    "max_half_open_fails",
    "trial_lease",
    "backoff",
    "max_reset",
    "jitter",
    "slow_call",
    "timer",
    "on_transition",
    "fail_on",
    "fail_if",
    "default",
    "fallback",
    "crate",
];

/// Its refusal, in `__private`.
const ERROR: &str = "CircuitBreakerError";

const BREAKER: Primitive = Primitive {
    module: "circuit_breaker",
    sites: "ALTLOCKS_0_1_CIRCUIT_BREAKERS",
    given_by: "breaker",
    begins_with: None,
    settings: &[
        ("max_fails", Type::Count),
        ("reset", Type::Duration { zero: true }),
        ("max_half_open_calls", Type::Count),
        ("success_threshold", Type::Count),
        ("max_half_open_fails", Type::Count),
        ("trial_lease", Type::Duration { zero: false }),
        ("backoff", Type::Number(Range::GROWTH)),
        ("max_reset", Type::Duration { zero: true }),
        ("jitter", Type::Number(Range::FRACTION)),
        ("slow_call", Type::Duration { zero: true }),
        ("timer", Type::Function),
        ("on_transition", Type::Function),
    ],
    relations: &[Relation {
        lesser: Side { key: "success_threshold", default: None },
        greater: Side { key: "max_half_open_calls", default: Some(5.0) },
    }],
};

/// ```text
/// let breaker = <the instance>;
/// let permit = match admit(breaker) {
///     Ok(permit) => permit,
///     Err(refusal) => return <the refusal as this function's return value>,
/// };
/// // .. the body, and what stands below this attribute ..
/// let outcome = <what `output` says>;
/// let output = Permit::recorded(permit, outcome, output);
/// ```
pub(crate) fn layer(args: &Args, context: &Context<'_>, mistakes: &mut Mistakes) -> Layer {
    let mixed = Span::mixed_site();
    let runtime = &context.runtime;
    let ty = runtime.nested_at(mixed, BREAKER.module, "Instance");
    let admit = runtime.nested_at(mixed, BREAKER.module, "admit");
    let (permit_ty, ok, err) = (runtime.item("Permit"), runtime.item("Ok"), runtime.item("Err"));
    let instance = BREAKER.instance(args, context, mistakes);
    let (breaker, permit, outcome) =
        (local("breaker", context.number), local("permit", context.number), local("outcome", context.number));

    let bound = instance.bind_small(&breaker, &ty, runtime);
    let asked_as_one = !classifies(args) && args.get("fallback").is_none();
    let refused = context.refused(args, ERROR, asked_as_one, mistakes);
    let classified = classified(args, context, mistakes).unwrap_or_else(|| by_type(args, context));
    let (output, replaced) = (&context.output, replaced(args, context, &outcome));
    Layer {
        admit: quote_spanned! {mixed=>
            #bound
            let #permit = match #admit(#breaker) {
                #ok(permit) => permit,
                #err(refusal) => #refused,
            };
        },
        settle: quote_spanned! {mixed=>
            let #outcome = #classified;
            let #output = #permit_ty::recorded(#permit, #outcome, #output);
            #replaced
        },
    }
}

/// What the output counts as by its type. Where that has to carry the refusal too, both are asked of it as one, so that
/// one mistake is one error.
fn by_type(args: &Args, context: &Context<'_>) -> TokenStream {
    let mixed = Span::mixed_site();
    let Context { runtime, output, ret, .. } = context;
    let ty = &ret.ty;
    if args.get("fallback").is_some() {
        let outcome_of = runtime.item_at(ret.span, "outcome_of");
        return quote_spanned!(mixed=> #outcome_of::<#ty>(&#output));
    }
    let (outcome_of, error) = (runtime.item_at(ret.span, "protected_outcome"), runtime.item_at(ret.span, ERROR));
    quote_spanned!(mixed=> #outcome_of::<#ty, #error>(&#output))
}

/// With `default`, the output of a failure is replaced. It was counted before: an expression that panics changes nothing.
fn replaced(args: &Args, context: &Context<'_>, outcome: &Ident) -> Option<TokenStream> {
    let mixed = Span::mixed_site();
    let default = args.expr("default")?;
    let Context { runtime, output, ret, .. } = context;
    let (outcome_ty, recovered, ty) = (runtime.item("Outcome"), runtime.item_at(ret.span, "recovered"), &ret.ty);
    Some(quote_spanned! {mixed=>
        let #output = match #outcome {
            #outcome_ty::Failure => #recovered::<#ty, _>(#default),
            _ => #output,
        };
    })
}
