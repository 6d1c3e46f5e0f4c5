//! Parties in the order of their arrival, any of which may leave.

/// A place in [`Seats`], until its party leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Seat(u32);

impl Seat {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A list in arrival order, linked through a vector: to sit down and to leave take constant time, and a seat
/// that was left is taken again. So memory never exceeds what the most parties took that were present at once, or the room
/// made for them at the first arrival, however many have come and gone.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Seats<P> {
    slots: Vec<Slot<P>>,
    first: u32,
    last: u32,
    /// Slots that were left, linked by `after`.
    vacant: u32,
    taken: u32,
    /// Whether a slot that was left has been taken again, so that slots no longer stand in arrival order.
    reused: bool,
}

#[derive(Debug)]
struct Slot<P> {
    party: Option<P>,
    before: u32,
    after: u32,
}

/// Ends the lists. One more slot than this index would not fit an address space by far.
const NONE: u32 = u32::MAX;

/// Room is made for all parties at the first arrival up to this many bytes, so that nothing is copied while they come.
const EAGER: usize = 8 << 20;

impl<P> Seats<P> {
    #[cfg(test)]
    pub(super) const BYTES_A_PARTY: usize = size_of::<Slot<P>>();

    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), first: NONE, last: NONE, vacant: NONE, taken: 0, reused: false }
    }

    pub(super) const fn taken(&self) -> usize {
        self.taken as usize
    }

    pub(super) fn has_room(&self) -> bool {
        self.slots.capacity() > 0
    }

    /// Whether the index of each seat is its rank among those present.
    pub(super) fn are_ranks(&self) -> bool {
        !self.reused && self.slots.len() == self.taken()
    }

    /// The rank of the party at each seat, by the seat's index; seats that were left hold anything.
    pub(super) fn ranks(&self) -> Box<[u32]> {
        let mut ranks = vec![NONE; self.slots.len()];
        let (mut at, mut rank) = (self.first, 0);
        while at != NONE {
            ranks[at as usize] = rank;
            rank += 1;
            at = self.slots[at as usize].after;
        }
        ranks.into_boxed_slice()
    }

    /// A party sits down, last in order. No more than `limit` ever sit at once.
    #[inline]
    pub(super) fn sit(&mut self, party: P, limit: usize) -> Seat {
        let index = self.vacant;
        let slot = Slot { party: Some(party), before: self.last, after: NONE };
        let index = if index == NONE {
            self.make_room(limit);
            let index = u32::try_from(self.slots.len()).expect("memory holds fewer parties than a u32 counts");
            self.slots.push(slot);
            index
        } else {
            self.vacant = self.slots[index as usize].after;
            self.slots[index as usize] = slot;
            self.reused = true;
            index
        };
        match self.slots.get_mut(self.last as usize) {
            Some(last) => last.after = index,
            None => self.first = index,
        }
        self.last = index;
        self.taken += 1;
        Seat(index)
    }

    /// The party at `seat` leaves.
    #[inline]
    pub(super) fn leave(&mut self, seat: Seat) -> P {
        let slot = &mut self.slots[seat.index()];
        let party = slot.party.take().expect("a seat belongs to one party until it leaves");
        let (before, after) = (slot.before, slot.after);
        slot.after = self.vacant;
        self.vacant = seat.0;
        match self.slots.get_mut(before as usize) {
            Some(before) => before.after = after,
            None => self.first = after,
        }
        match self.slots.get_mut(after as usize) {
            Some(after) => after.before = before,
            None => self.last = before,
        }
        self.taken -= 1;
        if self.taken == 0 {
            self.clear();
        }
        party
    }

    /// All leave: the first by itself, the others with the room, if there are others. So where two meet, neither is there
    /// an allocation nor has the room to be brought back.
    #[inline]
    pub(super) fn take_all(&mut self) -> (Option<P>, Option<Self>) {
        let first = if self.first == NONE { None } else { Some(self.leave(Seat(self.first))) };
        let rest = (self.taken > 0).then(|| std::mem::replace(self, Self::new()));
        (first, rest)
    }

    /// Shows each out, in order; the room is left.
    #[must_use]
    pub(super) fn emptied(mut self, mut each: impl FnMut(P)) -> Self {
        if self.reused {
            let mut at = self.first;
            while let Some(slot) = self.slots.get_mut(at as usize) {
                at = slot.after;
                slot.party.take().into_iter().for_each(&mut each);
            }
        } else {
            // Once over the room rather than twice: nothing is left to be looked at when it is cleared.
            self.slots.drain(..).filter_map(|slot| slot.party).for_each(each);
        }
        self.taken = 0;
        self.clear();
        self
    }

    pub(super) fn party_mut(&mut self, seat: Seat) -> &mut P {
        self.slots[seat.index()].party.as_mut().expect("a seat belongs to one party until it leaves")
    }

    /// Shows each party, in order.
    pub(super) fn for_each(&mut self, mut show: impl FnMut(&mut P)) {
        if self.reused {
            let mut at = self.first;
            while let Some(slot) = self.slots.get_mut(at as usize) {
                at = slot.after;
                slot.party.iter_mut().for_each(&mut show);
            }
        } else {
            self.slots.iter_mut().filter_map(|slot| slot.party.as_mut()).for_each(show);
        }
    }

    /// Nobody is present; the room stays.
    fn clear(&mut self) {
        self.slots.clear();
        (self.first, self.last, self.vacant, self.reused) = (NONE, NONE, NONE, false);
    }

    #[inline]
    fn make_room(&mut self, limit: usize) {
        let len = self.slots.len();
        if len == self.slots.capacity() {
            // Doubles, as vectors do, but not past what can ever be needed.
            let more = len.max(EAGER / size_of::<Slot<P>>()).min(limit.saturating_sub(len)).max(1);
            self.slots.reserve_exact(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(mut seats: Seats<char>) -> String {
        let (first, rest) = seats.take_all();
        let mut order = String::from_iter(first);
        if let Some(rest) = rest {
            let _room = rest.emptied(|party| order.push(party));
        }
        order
    }

    #[test]
    fn parties_leave_in_the_order_in_which_they_sat_down() {
        let mut seats = Seats::new();
        let [_, b, _, d] = ['a', 'b', 'c', 'd'].map(|party| seats.sit(party, 8));
        assert!(seats.are_ranks());
        assert_eq!((seats.leave(b), seats.leave(d)), ('b', 'd'));
        assert!(!seats.are_ranks());
        let e = seats.sit('e', 8);
        let ranks = seats.ranks();
        assert_eq!(ranks[e.index()], 2);
        assert_eq!(drained(seats), "ace");
    }

    #[test]
    fn a_seat_that_was_left_is_taken_again() {
        let mut seats = Seats::new();
        let stays = seats.sit('a', 3);
        let mut other = seats.sit('b', 3);
        for _ in 0..1000 {
            let next = seats.sit('c', 3);
            seats.leave(other);
            other = next;
        }
        assert_eq!(seats.slots.len(), 3);
        assert_eq!(seats.leave(stays), 'a');
        assert_eq!(drained(seats), "c");
    }

    #[test]
    fn when_all_have_left_seats_are_ranks_again_and_the_room_is_kept() {
        let mut seats = Seats::new();
        let a = seats.sit('a', 2);
        let b = seats.sit('b', 2);
        seats.leave(a);
        seats.sit('c', 2);
        assert!(!seats.are_ranks());
        seats.leave(b);
        let (first, rest) = seats.take_all();
        assert!(first == Some('c') && rest.is_none());
        assert!(seats.are_ranks() && seats.has_room());
        assert_eq!(seats.slots.capacity(), 2);
    }

    #[test]
    fn there_is_room_for_all_from_the_first_arrival_on_unless_that_is_much_and_never_more() {
        let mut seats = Seats::new();
        seats.sit(0, 99_999);
        assert_eq!(seats.slots.capacity(), 99_999);
        let mut seats = Seats::new();
        let eager = EAGER / size_of::<Slot<usize>>();
        let limit = eager + eager / 2;
        for party in 0..limit {
            seats.sit(party, limit);
            assert!(party > 0 || seats.slots.capacity() == eager);
        }
        assert_eq!(seats.slots.capacity(), limit);
    }

    #[test]
    fn the_room_of_several_goes_with_them_empty() {
        for leaves in [false, true] {
            let mut seats = Seats::new();
            let a = seats.sit('a', 3);
            seats.sit('b', 3);
            if leaves {
                seats.leave(a);
            }
            seats.sit('c', 3);
            seats.sit('d', 3);
            let (first, rest) = seats.take_all();
            let mut order = String::from_iter(first);
            let room = rest.expect("there are others").emptied(|party| order.push(party));
            assert_eq!(order, if leaves { "bcd" } else { "abcd" });
            assert!(room.slots.capacity() >= 3 && room.are_ranks() && room.taken() == 0);
            assert!(!seats.has_room());
        }
    }
}
