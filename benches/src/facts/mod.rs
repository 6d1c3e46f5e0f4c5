//! What is counted rather than timed: bytes, allocations, polls.

mod barriers;
mod breakers;
mod guards;
mod throttles;

/// One number, in a row of its peer's in a table of its own.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) table: &'static str,
    pub(crate) peer: &'static str,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
}

/// All of them; takes as long as they take to count.
pub(crate) fn facts() -> Vec<Fact> {
    [breakers::facts(), guards::facts(), throttles::facts(), barriers::facts()].into_iter().flatten().collect()
}
