//! What is counted of throttles.

use super::Fact;

pub(super) fn facts() -> Vec<Fact> {
    Vec::new()
}
