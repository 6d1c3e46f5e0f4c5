//! The one error of configuration.

/// A parameter is out of its range; its text names the parameter and the range.
///
/// Returned where values are known at run time only, as by
/// [`CircuitBreakerBuilder::try_build`](crate::CircuitBreakerBuilder::try_build). In a `static` and in an attribute
/// the same mistake is a compile error with the same words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{rule}")]
pub struct InvalidParameter {
    parameter: &'static str,
    rule: &'static str,
}

impl InvalidParameter {
    pub(crate) const fn new(parameter: &'static str, rule: &'static str) -> Self {
        Self { parameter, rule }
    }

    /// The parameter, as it is called in code.
    #[must_use]
    pub const fn parameter(&self) -> &'static str {
        self.parameter
    }

    pub(crate) const fn rule(&self) -> &'static str {
        self.rule
    }
}
