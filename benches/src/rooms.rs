//! Futures in places that are used again and again.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Rooms for futures: what is measured is not whether there is room.
#[derive(Debug)]
pub struct Rooms<F>(Vec<Pin<Box<Option<F>>>>);

impl<F: Future> Rooms<F> {
    /// So many, all of them empty.
    #[must_use]
    pub fn new(rooms: usize) -> Self {
        Self((0..rooms).map(|_| Box::pin(None)).collect())
    }

    /// A future comes to a room, in the place of the one that was there.
    #[inline]
    pub fn come(&mut self, room: usize, future: F) {
        self.0[room].as_mut().set(Some(future));
    }

    /// Polls the future in a room.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[inline]
    pub fn poll(&mut self, room: usize, waker: &Waker) -> Poll<F::Output> {
        self.0[room].as_mut().as_pin_mut().expect("a future").poll(&mut Context::from_waker(waker))
    }

    /// One comes to each room, is polled once and has to wait.
    ///
    /// # Panics
    ///
    /// If one of them does not have to.
    pub fn queue(&mut self, waker: &Waker, mut future: impl FnMut(u64) -> F) {
        for (room, number) in (0..self.0.len()).zip(0..) {
            self.come(room, future(number));
            assert!(self.poll(room, waker).is_pending(), "has to wait");
        }
    }

    /// All are dropped, in the order of the rooms.
    #[inline]
    pub fn leave(&mut self) {
        for room in &mut self.0 {
            room.as_mut().set(None);
        }
    }
}
