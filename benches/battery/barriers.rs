//! Barriers.

use std::pin::pin;

use altlocks_benches::barriers::{Barrier, Visit, each};

use crate::calls::poll;
use crate::table::{Verdict, render};

pub(crate) fn table() -> String {
    let mut rows = Rows::default();
    each(&mut rows);
    render("barrier of three", &["one of two who wait is dropped, another comes"], &rows.0)
}

#[derive(Default)]
struct Rows(Vec<(&'static str, Vec<Verdict>)>);

impl Visit for Rows {
    fn visit<B: Barrier>(&mut self, peer: &'static str) {
        self.0.push((peer, vec![cancelled_party::<B>()]));
    }
}

/// Two are there, so a third has to come.
fn cancelled_party<B: Barrier>() -> Verdict {
    let barrier = B::new(3);
    let mut stays = pin!(barrier.wait(1));
    assert!(poll(stays.as_mut()).is_pending(), "one of three waits");
    {
        let mut leaves = pin!(barrier.wait(2));
        assert!(poll(leaves.as_mut()).is_pending(), "two of three wait");
    }
    let mut comes = pin!(barrier.wait(3));
    if poll(comes.as_mut()).is_ready() {
        return Verdict::wrong("two meet with a ghost");
    }
    let mut third = pin!(barrier.wait(4));
    Verdict::of(poll(third.as_mut()).is_ready(), "they wait for a third")
}
