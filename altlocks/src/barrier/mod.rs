//! A barrier that gathers: parties wait for each other, and each leaves with what all of them brought.

mod arrival;
mod builder;
mod error;
#[cfg(all(test, altlocks_loom))]
mod model;
mod seats;
mod state;
#[cfg(all(test, not(altlocks_loom)))]
mod tests;
mod wait;

use std::fmt;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

pub use self::arrival::Arrival;
pub use self::builder::StatefulBarrierBuilder;
pub use self::error::BrokenBarrierError;
pub use self::wait::{OwnedWait, Wait};

use self::arrival::{Generation, Verdict};
use self::builder::UNNAMED;
use self::seats::{Seat, Seats};
use self::state::{Admission, Dismissal, Gathered, Leaving, Meeting, Party, Rules, State};
use crate::Name;
use crate::events::isolated;
use crate::sync::{AtomicBool, Mutex, Ordering, Shared};

/// Makes parties wait for each other, and hands all of them what each of them brought.
///
/// The last of `parties` to arrive trips the barrier: all of them go on, each with an [`Arrival`], its own position and
/// one shared slice of the states that they brought, in the order of their arrival. Then the barrier is broken until
/// [`reset`](Self::reset), or gathers the next generation if it is [`cyclic`](StatefulBarrierBuilder::cyclic).
///
/// A party that gives up does not count: when its [`Wait`] is dropped, the party, its position and its state are gone,
/// and one more has to come. What breaks the barrier ([`abort`](Self::abort), a party's [timeout](Self::wait_timeout),
/// `reset`) fails all who wait alike; a generation that has tripped is final, and no later event takes it from a party
/// that met it.
///
/// The operation is what MPI calls an all-gather; that a barrier can break for all is as with Python's
/// `threading.Barrier`.
///
/// # When to use
///
/// Where each of a fixed number of tasks needs what all of them found: an all-gather, a round of votes, the phases of a
/// computation. Where one task alone needs the results, join the others' handles instead. Where the number of tasks is
/// not known beforehand, use a channel. The example `all_gather` is a whole use.
///
/// # What it costs
///
/// To arrive is one short lock, whatever the number of parties; to go on after the trip takes no lock. The trip itself
/// settles positions and wakes all. A party costs, beside its future, its state twice and some 32 bytes; the room for the
/// parties is made at the first arrival (up to 8 MiB) and kept for the next generation. The barrier itself is three lines
/// of a cache, 192 bytes.
///
/// # Examples
///
/// ```
/// use altlocks::StatefulBarrier;
///
/// static VOTES: StatefulBarrier<bool> = StatefulBarrier::new(3);
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let voters = [true, false, true].map(|vote| tokio::spawn(async move { VOTES.wait(vote).await }));
/// for voter in voters {
///     let votes = voter.await.unwrap()?;
///     assert_eq!(votes.states(), [true, false, true]);
/// }
/// assert!(VOTES.is_broken()); // it has tripped
/// # Ok::<(), altlocks::BrokenBarrierError>(())
/// # }).unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
// In lines of a cache of 64 bytes: what every arrival writes, beside the lock; what changes once a generation; what is read.
// Where parties arrive on several processors, it is by the lines that they take from each other that they are slow.
#[repr(C, align(64))]
pub struct StatefulBarrier<T> {
    hall: Mutex<Hall<T>>,
    /// Whether one party more would trip the barrier; written under the lock. A hint: whoever is going to be the last
    /// need not leave a waker, and a waker has to be cloned before that is sure.
    last_is_next: AtomicBool,
    rules: Rules,
    name: Name,
}

/// Where parties wait. Nothing foreign runs while it is locked: wakers are cloned before and dropped, woken after, and
/// states are moved only. So no wake-up and no `T::drop` can find it locked.
#[repr(C)]
struct Hall<T> {
    state: State<T, Waker>,
    /// Of those who are present; made by the first of them. Its verdict is published under the lock and before anybody
    /// is woken: a party that finds none while it holds the lock is present, and whoever ends the generation will wake
    /// the waker that it leaves.
    generation: Option<Shared<Generation<T>>>,
    /// The last one that met, of a cyclic barrier: if nobody has a share in it by then, the next one takes its room. Kept
    /// only where states have no drop, so that nobody can see that they are kept.
    last: Option<Shared<Generation<T>>>,
}

impl<T> StatefulBarrier<T> {
    /// A barrier for that many parties (0 acts as 1) that begins with no state, keeps all states and trips once.
    #[must_use]
    pub const fn new(parties: usize) -> Self {
        Self::with(UNNAMED, Rules::of(parties), Vec::new())
    }

    /// A barrier with settings of one's own.
    pub const fn builder(parties: usize) -> StatefulBarrierBuilder<T> {
        StatefulBarrierBuilder::new(parties)
    }

    const fn with(name: Name, rules: Rules, initial: Vec<T>) -> Self {
        Self {
            hall: Mutex::new(Hall { state: State::new(initial), generation: None, last: None }),
            last_is_next: AtomicBool::new(rules.parties == 1),
            rules,
            name,
        }
    }

    /// The name, as errors show it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many parties a meeting takes, arrived or not; at least 1.
    #[must_use]
    pub const fn parties(&self) -> usize {
        self.rules.parties
    }

    /// How many parties wait now.
    #[must_use]
    pub fn n_waiting(&self) -> usize {
        self.hall.lock().state.n_waiting()
    }

    /// How many parties have yet to arrive; none after a trip, until [`reset`](Self::reset).
    #[must_use]
    pub fn remaining_parties(&self) -> usize {
        self.hall.lock().state.remaining(&self.rules)
    }

    /// Whether a party that arrived now would be refused: after a trip (unless cyclic), an abort or a timeout.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.hall.lock().state.broken().is_some()
    }

    /// Fails whenever a new [`wait`](Self::wait) would.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrierError`] while the barrier is broken.
    pub fn raise_for_abort(&self) -> Result<(), BrokenBarrierError> {
        let broken = self.hall.lock().state.broken();
        broken.map_or(Ok(()), |cause| Err(self.error(cause)))
    }

    /// Waits for the other parties, and brings them `state`: a `T`, an `Option<T>`, or `None`.
    ///
    /// The party arrives when the future is first polled, and not before.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrierError`] if the barrier is broken at the arrival, or breaks before all have met.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the meeting, the party has not been there: its position and its state are gone, and one more
    /// party has to arrive. Dropped after it, the others keep its state.
    pub fn wait(&self, state: impl Into<Option<T>>) -> Wait<'_, T> {
        Wait::new(self, state.into())
    }

    /// [`wait`](Self::wait) with a future that owns its barrier: it can be spawned, or kept in a struct.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use altlocks::StatefulBarrier;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let barrier = Arc::new(StatefulBarrier::new(2));
    /// let other = tokio::spawn(barrier.wait_owned("theirs"));
    /// assert_eq!(barrier.wait("mine").await?.len(), 2);
    /// # drop(other);
    /// # Ok::<(), altlocks::BrokenBarrierError>(())
    /// # }).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn wait_owned(self: &Arc<Self>, state: impl Into<Option<T>>) -> OwnedWait<T> {
        OwnedWait::new(Arc::clone(self), state.into())
    }

    /// [`wait`](Self::wait), but for no longer than `timeout` from the first poll on. When that has passed without a
    /// meeting, the barrier breaks for all parties, present and later, until [`reset`](Self::reset).
    ///
    /// To withdraw one party and leave the barrier to the others, wrap [`wait`](Self::wait) in
    /// `tokio::time::timeout`.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait). If it was this timeout that broke the barrier,
    /// [`is_elapsed`](BrokenBarrierError::is_elapsed) is true.
    ///
    /// # Panics
    ///
    /// When polled outside of a tokio runtime with its timer enabled.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Self::wait): dropped, it withdraws the party and breaks nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use altlocks::{BreakCause, StatefulBarrier};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
    /// let barrier = StatefulBarrier::new(2);
    /// let error = barrier.wait_timeout("alone", Duration::from_millis(1)).await.unwrap_err();
    /// assert!(error.is_elapsed());
    /// assert_eq!(barrier.wait("too late").await.unwrap_err().cause(), BreakCause::TimedOut);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn wait_timeout(
        &self,
        state: impl Into<Option<T>>,
        timeout: Duration,
    ) -> Result<Arrival<T>, BrokenBarrierError> {
        let mut wait = self.wait(state);
        match tokio::time::timeout(timeout, &mut wait).await {
            Ok(met) => met,
            Err(_elapsed) => wait.time_out(),
        }
    }

    /// Breaks the barrier until [`reset`](Self::reset): those who wait, and those who arrive, fail with
    /// [`BreakCause::Aborted`]. True if this call broke it; a barrier that was broken already, as by its trip, keeps
    /// its cause.
    pub fn abort(&self) -> bool {
        let mut hall = self.hall.lock();
        let Some(dismissal) = hall.state.abort() else { return false };
        let generation = hall.end(BreakCause::Aborted);
        self.hint(&hall);
        drop(hall);
        dismiss(dismissal, generation);
        true
    }

    /// Makes the barrier as new, but for an initial state that a meeting has used. Those who wait fail with
    /// [`BreakCause::Reset`].
    pub fn reset(&self) {
        let mut hall = self.hall.lock();
        let dismissal = hall.state.reset();
        let generation = hall.end(BreakCause::Reset);
        self.hint(&hall);
        drop(hall);
        dismiss(dismissal, generation);
    }

    /// A party arrives.
    #[inline]
    fn arrive(&self, state: Option<T>, waker: &Waker) -> Arriving<T> {
        // Cloned before the lock is taken: to clone is foreign code.
        let is_last = self.last_is_next.load(Ordering::Relaxed);
        let contact = if is_last { Waker::noop().clone() } else { waker.clone() };
        let mut hall = self.hall.lock();
        match hall.state.admission(&self.rules) {
            Admission::Seat => {
                let seat = hall.state.sit(Party { state, contact }, &self.rules);
                let generation = Shared::clone(hall.generation());
                self.hint(&hall);
                if is_last { Arriving::Unreachable(generation, seat) } else { Arriving::Present(generation, seat) }
            }
            Admission::Last => {
                // Before they meet, as it may bring room for their states.
                let generation = hall.take_generation();
                let Meeting { gathered, evicted, waiting } = hall.state.meet(state, &self.rules);
                generation.end(Verdict::Met(gathered));
                if self.rules.cyclic && !std::mem::needs_drop::<T>() {
                    hall.last = Some(Shared::clone(&generation));
                }
                self.hint(&hall);
                drop(hall);
                let room = wake_each(waiting);
                if self.rules.cyclic
                    && let Some(room) = room
                {
                    self.hall.lock().state.furnish(room);
                }
                drop_each(evicted);
                drop(contact);
                Arriving::Last(Arrival::new(generation, self.rules.parties - 1))
            }
            Admission::Refused(cause) => {
                drop(hall);
                drop((state, contact));
                Arriving::Refused(self.error(cause))
            }
        }
    }

    /// A party that found no verdict leaves its waker. False if there is a verdict by now.
    #[cold]
    fn stay(&self, generation: &Generation<T>, seat: Seat, waker: &Waker) -> bool {
        let mut hall = self.hall.lock();
        if generation.verdict().is_some() {
            return false;
        }
        if hall.state.contact_mut(seat).will_wake(waker) {
            return true;
        }
        drop(hall);
        let mut contact = waker.clone();
        let mut hall = self.hall.lock();
        let stays = generation.verdict().is_none();
        if stays {
            std::mem::swap(hall.state.contact_mut(seat), &mut contact);
        }
        drop(hall);
        drop(contact);
        stays
    }

    /// A party whose future is dropped withdraws, unless its generation has ended.
    fn withdraw(&self, generation: &Generation<T>, seat: Seat) {
        let mut hall = self.hall.lock();
        if generation.verdict().is_none() {
            let party = hall.state.withdraw(seat);
            self.hint(&hall);
            drop(hall);
            drop(party);
        }
    }

    /// The time of a party is up: true if that breaks the barrier, false if its generation has ended before.
    fn time_out(&self, generation: &Generation<T>, seat: Seat) -> bool {
        let mut hall = self.hall.lock();
        if generation.verdict().is_some() {
            return false;
        }
        let (late, dismissal) = hall.state.time_out(seat);
        let generation = hall.end(BreakCause::TimedOut);
        self.hint(&hall);
        drop(hall);
        dismiss(dismissal, generation);
        drop(late);
        true
    }

    /// What a party takes from a generation that has ended.
    #[inline]
    fn conclude(&self, generation: Shared<Generation<T>>, seat: Seat) -> Result<Arrival<T>, BrokenBarrierError> {
        let position = match generation.verdict() {
            Some(Verdict::Met(gathered)) => gathered.position(seat),
            Some(Verdict::Broken(cause)) => return Err(self.error(*cause)),
            None => unreachable!("asked once the generation has ended"),
        };
        Ok(Arrival::new(generation, position))
    }

    fn hint(&self, hall: &Hall<T>) {
        let is_next = hall.state.remaining(&self.rules) == 1;
        // Written only where it changes, as those who arrive read it.
        if self.last_is_next.load(Ordering::Relaxed) != is_next {
            self.last_is_next.store(is_next, Ordering::Relaxed);
        }
    }

    fn error(&self, cause: BreakCause) -> BrokenBarrierError {
        BrokenBarrierError::new(self.name.clone(), cause)
    }
}

/// See [`StatefulBarrier::arrive`].
enum Arriving<T> {
    Present(Shared<Generation<T>>, Seat),
    /// Present, but with no waker yet: somebody has withdrawn, and it was not the last after all.
    Unreachable(Shared<Generation<T>>, Seat),
    Last(Arrival<T>),
    Refused(BrokenBarrierError),
}

impl<T> Hall<T> {
    /// Of those who are present.
    fn generation(&mut self) -> &Shared<Generation<T>> {
        let Self { state, generation, last } = self;
        generation.get_or_insert_with(|| Self::renewed(state, last))
    }

    /// Of those who are present, and will be no longer.
    fn take_generation(&mut self) -> Shared<Generation<T>> {
        let Self { state, generation, last } = self;
        generation.take().unwrap_or_else(|| Self::renewed(state, last))
    }

    /// Of nobody yet: in the room of the last one, where that is to be had.
    fn renewed(state: &mut State<T, Waker>, last: &mut Option<Shared<Generation<T>>>) -> Shared<Generation<T>> {
        let Some(mut last) = last.take() else { return Shared::new(Generation::new()) };
        let Some(unshared) = Shared::get_mut(&mut last) else { return Shared::new(Generation::new()) };
        if let Some(Verdict::Met(Gathered { mut states, .. })) = unshared.renew() {
            states.clear();
            state.lend(states);
        }
        last
    }

    /// Those who are present will not meet. The returned generation is to be dropped after unlocking.
    #[must_use]
    fn end(&mut self, cause: BreakCause) -> Option<Shared<Generation<T>>> {
        let generation = self.generation.take();
        if let Some(generation) = &generation {
            generation.end(Verdict::Broken(cause));
        }
        generation
    }
}

/// Sends those away whose generation has been broken; with no lock held.
fn dismiss<T>(dismissal: Dismissal<T, Waker>, generation: Option<Shared<Generation<T>>>) {
    let Dismissal { states, waiting } = dismissal;
    drop(wake_each(waiting));
    drop_each(states);
    drop(generation);
}

/// In arrival order; a waker that panics keeps no other from being woken.
fn wake_each<T>(waiting: Leaving<T, Waker>) -> Option<Seats<Party<T, Waker>>> {
    waiting.each(|waker| {
        isolated(|| waker.wake());
    })
}

/// Of other parties: that one of them panics in its drop is not our caller's business.
fn drop_each<T>(states: Vec<T>) {
    for state in states {
        isolated(|| drop(state));
    }
}

/// `(&barrier).await` waits without a state.
impl<'a, T> IntoFuture for &'a StatefulBarrier<T> {
    type Output = Result<Arrival<T>, BrokenBarrierError>;
    type IntoFuture = Wait<'a, T>;

    fn into_future(self) -> Wait<'a, T> {
        self.wait(None)
    }
}

impl<T> fmt::Debug for StatefulBarrier<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hall = self.hall.lock();
        let (waiting, broken) = (hall.state.n_waiting(), hall.state.broken());
        drop(hall);
        f.debug_struct("StatefulBarrier")
            .field("name", &self.name())
            .field("parties", &self.parties())
            .field("n_waiting", &waiting)
            .field("broken", &broken)
            .finish_non_exhaustive()
    }
}

/// What broke a barrier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BreakCause {
    /// All parties have met. Not an error to those who met; to whoever comes later.
    Tripped,
    /// [`StatefulBarrier::abort`].
    Aborted,
    /// The timeout of a party: its own or another's.
    TimedOut,
    /// [`StatefulBarrier::reset`]. The barrier is not broken by it, those who waited were sent away.
    Reset,
}
