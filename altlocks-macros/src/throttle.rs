//! `#[throttle(..)]`: its arguments, and the layer that they make.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use crate::args::{Args, local};
use crate::fallback::Mistakes;
use crate::instance::Primitive;
use crate::layer::{Context, Layer, classified};
use crate::setting::{Relation, Side};
use crate::value::{Checked, Range, Type};

pub(crate) const KEYS: &[&str] = &[
    "rate",
    "name",
    "throttle",
    "min_rate",
    "max_rate",
    "window",
    "window_time",
    "ubound",
    "lbound",
    "ufactor",
    "lfactor",
    "jitter",
    "adaptation",
    "timer",
    "rand",
    "timeout",
    "fail_on",
    "fail_if",
    "fallback",
    "crate",
];

/// Its refusal, in `__private`.
const ERROR: &str = "ThrottleTimeout";

const THROTTLE: Primitive = Primitive {
    module: "throttle",
    sites: "ALTLOCKS_0_1_THROTTLES",
    given_by: "throttle",
    begins_with: Some("rate"),
    settings: &[
        ("rate", Type::Number(Range::RATE)),
        ("min_rate", Type::Number(Range::RATE)),
        ("max_rate", Type::Number(Range::RATE)),
        ("window", Type::Count),
        ("window_time", Type::Duration { zero: false }),
        ("ubound", Type::Number(Range::SHARE)),
        ("lbound", Type::Number(Range::SHARE)),
        ("ufactor", Type::Number(Range::GROWTH)),
        ("lfactor", Type::Number(Range::SHRINKAGE)),
        ("jitter", Type::Number(Range::FRACTION)),
        ("adaptation", Type::Choice),
        ("timer", Type::Function),
        ("rand", Type::Function),
    ],
    relations: &[
        in_order("min_rate", None, "max_rate", None),
        in_order("min_rate", None, "rate", None),
        in_order("rate", None, "max_rate", None),
        in_order("lbound", Some(0.25), "ubound", Some(0.75)),
    ],
};

const fn in_order(
    lesser: &'static str,
    lesser_default: Option<f64>,
    greater: &'static str,
    greater_default: Option<f64>,
) -> Relation {
    Relation {
        lesser: Side { key: lesser, default: lesser_default },
        greater: Side { key: greater, default: greater_default },
    }
}

/// ```text
/// let throttle = <the instance>;
/// let pass = DynamicThrottle::enter(throttle).await;
/// // .. the body, and what stands below this attribute ..
/// let outcome = <what `output` says>;
/// Pass::record(pass, outcome);
/// ```
///
/// With `timeout`, `pass` is that of `enter_timeout`, whose refusal is returned.
pub(crate) fn layer(args: &Args, context: &Context<'_>, mistakes: &mut Mistakes) -> Layer {
    let mixed = Span::mixed_site();
    let Context { runtime, number, .. } = context;
    let ty = runtime.nested_at(mixed, THROTTLE.module, "Instance");
    let (pass_ty, ok, err) = (runtime.item("Pass"), runtime.item("Ok"), runtime.item("Err"));
    check_rate(args, context.subject, mistakes);
    let instance = THROTTLE.instance(args, context, mistakes);
    let (throttle, pass, outcome) = (local("throttle", *number), local("pass", *number), local("outcome", *number));

    let bound = instance.bind(&throttle, &ty);
    let entered = if let Some(timeout) = timeout(args, context, mistakes) {
        let refused = context.refused(args, ERROR, false, mistakes);
        quote_spanned! {mixed=>
            match #ty::enter_timeout(#throttle, #timeout).await {
                #ok(pass) => pass,
                #err(refusal) => return #refused,
            }
        }
    } else {
        quote_spanned!(mixed=> #ty::enter(#throttle).await)
    };
    let classified = classified(args, context, mistakes).unwrap_or_else(|| by_type(context));
    Layer {
        admit: quote_spanned! {mixed=>
            #bound
            let #pass = #entered;
        },
        settle: quote_spanned! {mixed=>
            let #outcome = #classified;
            #pass_ty::record(#pass, #outcome);
        },
    }
}

/// A throttle needs a rate, but where another function of the same name gives it.
fn check_rate(args: &Args, subject: Span, mistakes: &mut Mistakes) {
    if args.get("rate").is_some() || args.get(THROTTLE.given_by).is_some() {
        return;
    }
    let setting = args.iter().find(|arg| THROTTLE.settings.iter().any(|(key, _)| arg.key == key));
    if let Some(setting) = setting {
        let message = "settings need the `rate` beside them, in calls per second: `rate = 50.0`";
        mistakes.add(setting.key.span(), message);
    } else if args.get("name").is_none() {
        mistakes.add(subject, "`#[throttle]` needs a rate, in calls per second: `rate = 50.0`");
    }
}

/// The longest wait.
fn timeout(args: &Args, context: &Context<'_>, mistakes: &mut Mistakes) -> Option<TokenStream> {
    let Some(timeout) = args.expr("timeout") else {
        if let Some(fallback) = args.get("fallback") {
            let message = "`fallback` needs a `timeout` beside it: without one, a throttle refuses no call";
            mistakes.add(fallback.key.span(), message);
        }
        return None;
    };
    match (Type::Duration { zero: true }).check("timeout", timeout, context.runtime) {
        Ok(Checked::Done(tokens)) => Some(tokens),
        // No setting: evaluated at each call, so it may be any expression.
        Ok(Checked::Constant(_)) => Some(timeout.to_token_stream()),
        Err(error) => {
            mistakes.push(error);
            None
        }
    }
}

/// What the output counts as by its type, whatever that is: what tells no outcome is a success.
fn by_type(context: &Context<'_>) -> TokenStream {
    let mixed = Span::mixed_site();
    let Context { runtime, output, .. } = context;
    let (probe, by_type, anything) = (runtime.item("Probe"), runtime.item("ByType"), runtime.item("AnythingElse"));
    // Method look-up tries the first trait by one reference less than the second.
    quote_spanned! {mixed=>
        {
            use #by_type as _;
            use #anything as _;
            (&#probe(&#output)).outcome()
        }
    }
}
