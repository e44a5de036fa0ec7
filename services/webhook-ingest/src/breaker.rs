//! Whether the broker is tried at all. Pure: the time is a parameter.

use std::time::Duration;

use tokio::time::Instant;

/// Closed while the broker confirms in time. Open after a flight that it did not confirm: then everything goes to the
/// spool at once, and only canaries try the broker, until one of them is confirmed.
#[derive(Debug)]
pub struct Breaker {
    canary_interval: Duration,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open { canary_at: Instant },
    CanaryInTheAir,
}

impl Breaker {
    pub fn new(canary_interval: Duration) -> Self {
        Self { canary_interval, state: State::Closed }
    }

    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// A flight failed.
    pub fn open(&mut self, now: Instant) {
        if self.is_closed() {
            self.state = State::Open { canary_at: now + self.canary_interval };
        }
    }

    /// When the next canary is to be sent, if one is awaited.
    pub fn canary_at(&self) -> Option<Instant> {
        match self.state {
            State::Open { canary_at } => Some(canary_at),
            State::Closed | State::CanaryInTheAir => None,
        }
    }

    pub fn canary_sent(&mut self) {
        self.state = State::CanaryInTheAir;
    }

    pub fn canary_landed(&mut self, is_confirmed: bool, now: Instant) {
        self.state = if is_confirmed { State::Closed } else { State::Open { canary_at: now + self.canary_interval } };
    }
}
