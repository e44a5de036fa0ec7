//! How deliveries go wrong on demand.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::signature::SignatureMode;
use crate::world::draw::Draw;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Modes {
    /// Events queue up and nothing is sent.
    pub(crate) paused: bool,
    /// Of a hundred events, so many come a second time.
    pub(crate) duplicate_percent: u64,
    /// Of a hundred events, so many are overtaken by later ones.
    pub(crate) reorder_percent: u64,
    /// Real time that each event waits before it is sent.
    pub(crate) delay_ms: u64,
    /// Every delivery counts as failed, without being sent.
    pub(crate) refuse: bool,
    pub(crate) signature: SignatureMode,
    /// Sends the old `X-Hub-Signature` too.
    pub(crate) sha1: bool,
    /// Most entries in one request.
    pub(crate) max_entries: usize,
    /// Most requests at once.
    pub(crate) concurrency: usize,
    /// Real time that the receiver has; Meta says "5 or less seconds".
    pub(crate) timeout_ms: u64,
    /// Tries at once after a failed one; Meta says "a few".
    pub(crate) immediate_retries: u32,
}

impl Default for Modes {
    fn default() -> Self {
        Self {
            paused: false,
            duplicate_percent: 0,
            reorder_percent: 0,
            delay_ms: 0,
            refuse: false,
            signature: SignatureMode::Valid,
            sha1: false,
            max_entries: 50,
            concurrency: 16,
            timeout_ms: 5_000,
            immediate_retries: 2,
        }
    }
}

/// What was drawn for one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drawn {
    pub(crate) duplicate_after: Option<Duration>,
    pub(crate) held_for: Option<Duration>,
}

impl Modes {
    pub(crate) fn draw(&self, number: u64) -> Drawn {
        let draw = Draw::seeded(number).named("webhook");
        let delay = Duration::from_millis(self.delay_ms);
        let duplicate = draw.at(0).below(100) < self.duplicate_percent;
        let held = draw.at(1).below(100) < self.reorder_percent;
        let duplicate_after = duplicate.then(|| delay + Duration::from_millis(draw.at(2).below(1_500)));
        let held_for = delay + if held { Duration::from_millis(20 + draw.at(3).below(480)) } else { Duration::ZERO };
        Drawn { duplicate_after, held_for: Some(held_for).filter(|held_for| !held_for.is_zero()) }
    }
}
