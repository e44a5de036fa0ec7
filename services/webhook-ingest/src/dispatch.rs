//! What is done next with the entries that wait. Pure: it decides, and [`crate::publish`] does; the time is a parameter.
//!
//! While the broker confirms in time, bundles fly to it, one for each queue in a flight and a few flights at once, and what
//! arrives meanwhile waits for the next. The first that fails opens the breaker: then it and all that waits go to the spool,
//! statement after statement, until a canary is confirmed.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::breaker::Breaker;
use crate::bundle::{Bundle, BundleLimits, Durability, Parcel, Waiting};

#[derive(Debug, Clone, Copy)]
pub struct DispatchLimits {
    pub bundle: BundleLimits,
    /// Flights in the air at once.
    pub flights: usize,
    /// How long the broker has, from an entry's arrival to its confirm.
    pub broker: Duration,
    /// Bytes in one statement to the spool; one bundle may exceed it.
    pub spool_bytes: usize,
    /// Between canaries, while the breaker is open.
    pub canary_interval: Duration,
}

/// What is to be done.
#[derive(Debug)]
pub enum Action {
    /// Publish these, each to its queue; what the broker has not confirmed by `deadline` has failed.
    Fly { bundles: Vec<Bundle>, deadline: Instant },
    /// Write these to the spool in one statement.
    Spool(Vec<Bundle>),
    /// Ask whether the broker takes and confirms messages of every queue again.
    Canary,
}

/// What was done.
#[derive(Debug)]
pub enum Done {
    /// Each with whether it is confirmed.
    Landed(Vec<(Bundle, bool)>),
    Spooled {
        bundles: Vec<Bundle>,
        is_committed: bool,
    },
    CanaryLanded {
        is_confirmed: bool,
    },
}

#[derive(Debug)]
pub struct Dispatcher {
    limits: DispatchLimits,
    waiting: Waiting,
    /// Bundles whose flight failed, for the spool.
    failed: VecDeque<Bundle>,
    flights: usize,
    is_spooling: bool,
    breaker: Breaker,
}

impl Dispatcher {
    pub fn new(limits: DispatchLimits) -> Self {
        Self {
            limits,
            waiting: Waiting::new(limits.bundle),
            failed: VecDeque::new(),
            flights: 0,
            is_spooling: false,
            breaker: Breaker::new(limits.canary_interval),
        }
    }

    /// Whether a parcel that came now could go on its way at once. One that could not may as well wait outside.
    pub fn takes_parcels(&self) -> bool {
        !self.breaker.is_closed() || self.flights < self.limits.flights
    }

    /// Lets a parcel wait for its turn.
    pub fn accept(&mut self, parcel: Parcel) {
        self.waiting.push(parcel);
    }

    /// The next thing to do now; ask again until there is none.
    pub fn next(&mut self, now: Instant) -> Option<Action> {
        if let Some(bundles) = self.bundles_to_spool() {
            self.is_spooling = true;
            return Some(Action::Spool(bundles));
        }
        if let Some((bundles, oldest)) = self.bundles_to_fly() {
            self.flights += 1;
            return Some(Action::Fly { bundles, deadline: oldest + self.limits.broker });
        }
        if self.breaker.canary_at().is_some_and(|at| at <= now) {
            self.breaker.canary_sent();
            return Some(Action::Canary);
        }
        None
    }

    /// When [`Self::next`] is to be asked although nothing has happened.
    pub fn wake_at(&self) -> Option<Instant> {
        self.breaker.canary_at()
    }

    pub fn done(&mut self, done: Done, now: Instant) {
        match done {
            Done::Landed(bundles) => {
                self.flights -= 1;
                for (bundle, is_confirmed) in bundles {
                    self.landed(bundle, is_confirmed, now);
                }
            }
            Done::Spooled { bundles, is_committed } => {
                self.is_spooling = false;
                let durability = if is_committed { Durability::Spool } else { Durability::Nowhere };
                for bundle in bundles {
                    bundle.settle(durability);
                }
            }
            Done::CanaryLanded { is_confirmed } => self.breaker.canary_landed(is_confirmed, now),
        }
    }

    pub fn is_breaker_closed(&self) -> bool {
        self.breaker.is_closed()
    }

    /// Nothing waits and nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.flights == 0 && !self.is_spooling && self.failed.is_empty() && self.waiting.is_empty()
    }

    fn landed(&mut self, bundle: Bundle, is_confirmed: bool, now: Instant) {
        if is_confirmed {
            bundle.settle(Durability::Broker);
        } else {
            self.breaker.open(now);
            self.failed.push_back(bundle);
        }
    }

    /// And when the oldest entry in them arrived.
    fn bundles_to_fly(&mut self) -> Option<(Vec<Bundle>, Instant)> {
        let may_fly = self.breaker.is_closed() && self.flights < self.limits.flights;
        let bundles = if may_fly { self.waiting.next_bundles() } else { Vec::new() };
        let oldest = bundles.iter().map(|bundle| bundle.oldest).min()?;
        Some((bundles, oldest))
    }

    fn bundles_to_spool(&mut self) -> Option<Vec<Bundle>> {
        if self.is_spooling {
            return None;
        }
        let mut bundles = Vec::new();
        let mut bytes = 0;
        while bytes < self.limits.spool_bytes
            && let Some(bundle) = self.next_to_spool()
        {
            bytes += bundle.encoded.len();
            bundles.push(bundle);
        }
        (!bundles.is_empty()).then_some(bundles)
    }

    fn next_to_spool(&mut self) -> Option<Bundle> {
        let may_join = !self.breaker.is_closed();
        self.failed.pop_front().or_else(|| if may_join { self.waiting.next_bundle() } else { None })
    }
}
