//! Whose turn it is on a queue that several processes consume one at a time. Pure; the time is a parameter.
//!
//! The broker makes the next in line active when the active consumer leaves, and whoever subscribes again is the last in
//! line. So it is enough that each who is not the owner leaves: sooner or later the owner is active, and stays.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Between two times that one process steps back from a queue. An owner who is alive but has lost the broker must not
/// slow down who works for it meanwhile.
const STEP_BACK_INTERVAL: Duration = Duration::from_secs(5);

pub(crate) struct Turns {
    /// None: nobody else is meant to consume the queue.
    is_ours: Option<watch::Receiver<bool>>,
    stepped_back_at: Option<Instant>,
}

impl Turns {
    pub(crate) fn always_ours() -> Self {
        Self { is_ours: None, stepped_back_at: None }
    }

    pub(crate) fn new(is_ours: watch::Receiver<bool>) -> Self {
        Self { is_ours: Some(is_ours), stepped_back_at: None }
    }

    /// Whether who has just got a batch of the queue should leave it to others.
    pub(crate) fn is_anothers(&self, now: Instant) -> bool {
        let is_ours = self.is_ours.as_ref().is_none_or(|is_ours| *is_ours.borrow());
        !is_ours && self.stepped_back_at.is_none_or(|at| now.saturating_duration_since(at) >= STEP_BACK_INTERVAL)
    }

    pub(crate) fn stepped_back(&mut self, now: Instant) {
        self.stepped_back_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_the_owner_steps_back_now_and_then() {
        let (owner, is_ours) = watch::channel(true);
        let mut turns = Turns::new(is_ours);
        let now = Instant::now();
        assert!(!turns.is_anothers(now), "the owner stays");
        owner.send_replace(false);
        assert!(turns.is_anothers(now));
        turns.stepped_back(now);
        assert!(!turns.is_anothers(now + STEP_BACK_INTERVAL / 2), "nobody else took it");
        assert!(turns.is_anothers(now + STEP_BACK_INTERVAL));
        owner.send_replace(true);
        assert!(!turns.is_anothers(now + STEP_BACK_INTERVAL));
    }

    #[test]
    fn a_queue_that_nobody_shares_is_never_left() {
        assert!(!Turns::always_ours().is_anothers(Instant::now()));
    }
}
