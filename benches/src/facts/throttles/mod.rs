//! What is counted of throttles.

mod crowd;
mod pace;
mod queue;

use altlocks_benches::throttles::{Throttle, Visit, each};

use super::Fact;

pub(super) fn facts() -> Vec<Fact> {
    let mut facts = Facts(Vec::new());
    each(&mut Bytes(&mut facts));
    for waiters in [1, 64, 1000, 10_000] {
        each(&mut Waiting { waiters, facts: &mut facts });
    }
    for rate in [10, 100, 1000, 10_000, 100_000] {
        each(&mut Paced { rate, facts: &mut facts });
    }
    facts.0
}

struct Facts(Vec<Fact>);

impl Facts {
    /// Names that are put together live as long as the report; there are a few dozen.
    fn add(&mut self, table: impl Into<String>, peer: impl Into<String>, value: f64, unit: &'static str) {
        self.0.push(Fact { table: table.into().leak(), peer: peer.into().leak(), value, unit });
    }
}

struct Bytes<'a>(&'a mut Facts);

impl Visit for Bytes<'_> {
    fn visit<T: Throttle>(&mut self, peer: &'static str) {
        let queue::Bytes { future, heap } = queue::bytes::<T>();
        self.0.add("throttle: bytes of the future of an entry", peer, future, "bytes");
        self.0.add("throttle: bytes allocated while it waits", peer, heap, "bytes");
    }
}

struct Waiting<'a> {
    waiters: u32,
    facts: &'a mut Facts,
}

impl Visit for Waiting<'_> {
    fn visit<T: Throttle>(&mut self, peer: &'static str) {
        let plural = if self.waiters == 1 { "" } else { "s" };
        let name = format!("{peer}, {} waiter{plural}", self.waiters);
        let counted = crowd::watched::<T>(self.waiters);
        self.facts.add("throttle: polls per admission", name.as_str(), counted.polls, "");
        self.facts.add("throttle: goes on after one who came later", name.as_str(), counted.overtaken, "%");
        self.facts.add(
            "throttle: processor time per admission, at 10000 per second",
            name.as_str(),
            counted.processor,
            "µs",
        );
        if T::TOKIO_SLEEPS {
            self.facts.add("throttle: armed timers", name, queue::armed::<T>(self.waiters), "");
        }
    }
}

struct Paced<'a> {
    rate: u32,
    facts: &'a mut Facts,
}

impl Visit for Paced<'_> {
    fn visit<T: Throttle>(&mut self, peer: &'static str) {
        let rate = self.rate;
        let pace::Pace { error, late } = pace::kept::<T>(rate);
        self.facts.add(format!("throttle: error of the rate, at {rate} per second"), peer, error, "%");
        self.facts.add(format!("throttle: 99 % are less late than, at {rate} per second"), peer, late, "ms");
    }
}
