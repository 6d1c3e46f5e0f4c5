//! What is counted of breakers.

use super::Fact;

pub(super) fn facts() -> Vec<Fact> {
    Vec::new()
}
