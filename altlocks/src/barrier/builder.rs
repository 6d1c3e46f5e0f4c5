//! The settings of a barrier.

use std::fmt;
use std::sync::Arc;

use super::StatefulBarrier;
use super::state::Rules;
use crate::Name;

pub(super) const UNNAMED: Name = Name::fixed("unnamed");

/// Configures a [`StatefulBarrier`]; made by [`StatefulBarrier::builder`].
///
/// # Examples
///
/// ```
/// use altlocks::StatefulBarrier;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let barrier = StatefulBarrier::builder(2).name("last three").init_state([1, 2, 3]).max_state(3).cyclic().build();
/// let (met, _) = tokio::try_join!(barrier.wait(4), barrier.wait(5))?;
/// assert_eq!(met.states(), [3, 4, 5]);
/// let (met, _) = tokio::try_join!(barrier.wait(6), barrier.wait(7))?; // cyclic: it has re-armed itself
/// assert_eq!(met.states(), [6, 7]);
/// # Ok::<(), altlocks::BrokenBarrierError>(())
/// # }).unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "a builder does nothing until `build`"]
pub struct StatefulBarrierBuilder<T> {
    pub(super) name: Name,
    pub(super) rules: Rules,
    pub(super) initial: Vec<T>,
}

impl<T> StatefulBarrierBuilder<T> {
    pub(super) const fn new(parties: usize) -> Self {
        Self { name: UNNAMED, rules: Rules::of(parties), initial: Vec::new() }
    }

    /// What errors call the barrier; `unnamed` unless given.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Name::given(name.into());
        self
    }

    /// States that stand before those of the parties in the first generation that trips, and in no other. The iterator
    /// is exhausted here. None unless given.
    pub fn init_state(mut self, states: impl IntoIterator<Item = T>) -> Self {
        self.initial = states.into_iter().collect();
        self
    }

    /// How many states a meeting keeps: the latest. The oldest are dropped at the trip, those of
    /// [`init_state`](Self::init_state) first. May be zero; all are kept unless given.
    pub const fn max_state(mut self, max_state: usize) -> Self {
        self.rules.max_state = Some(max_state);
        self
    }

    /// The barrier re-arms itself at each trip, for the next generation, instead of being broken by it.
    pub const fn cyclic(mut self) -> Self {
        self.rules.cyclic = true;
        self
    }

    /// The barrier, nobody waiting.
    #[must_use]
    pub fn build(self) -> StatefulBarrier<T> {
        StatefulBarrier::with(self.name, self.rules, self.initial)
    }
}

impl<T> fmt::Debug for StatefulBarrierBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatefulBarrierBuilder")
            .field("name", &self.name)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}
