//! Counts over a rolling window, and the bucket behind a rate per second.

use super::usage::Percent;
use crate::clock::Millis;

const PARTS: usize = 24;

/// Calls of the last window, in 24 parts.
#[derive(Debug)]
pub(super) struct RollingCount {
    part_ms: Millis,
    parts: [u64; PARTS],
    newest: i64,
}

impl RollingCount {
    pub(super) fn over(window: Millis) -> Self {
        Self { part_ms: window / 24, parts: [0; PARTS], newest: 0 }
    }

    pub(super) fn charge(&mut self, now_ms: Millis, allowed: u64) -> Percent {
        self.roll(now_ms);
        if let Some(part) = self.parts.get_mut(slot(self.newest)) {
            *part += 1;
        }
        let used: u64 = self.parts.iter().sum();
        let percent = used.saturating_mul(100).checked_div(allowed).unwrap_or(100);
        Percent { percent, minutes_to_regain: self.minutes_to_regain(used, allowed) }
    }

    fn roll(&mut self, now_ms: Millis) {
        let now = now_ms.div_euclid(self.part_ms);
        let passed = now.saturating_sub(self.newest).clamp(0, 24);
        for step in 0..passed {
            if let Some(part) = self.parts.get_mut(slot(now - step)) {
                *part = 0;
            }
        }
        self.newest = self.newest.max(now);
    }

    /// Until enough of the oldest calls have left the window.
    fn minutes_to_regain(&self, used: u64, allowed: u64) -> u64 {
        let mut left = used;
        if left < allowed {
            return 0;
        }
        for step in 0..24_i64 {
            left -= self.parts.get(slot(self.newest + 1 + step)).copied().unwrap_or(0);
            if left < allowed {
                return (self.part_ms * (step + 1)).unsigned_abs().div_ceil(60_000);
            }
        }
        (self.part_ms * 24).unsigned_abs().div_ceil(60_000)
    }
}

fn slot(part: i64) -> usize {
    usize::try_from(part.rem_euclid(24)).unwrap_or(0)
}

/// Refills by the second; a refused call costs too, down to one second's worth of debt.
#[derive(Debug)]
pub(super) struct TokenBucket {
    tokens: f64,
    filled_ms: Option<Millis>,
}

impl TokenBucket {
    pub(super) fn new() -> Self {
        Self { tokens: 0.0, filled_ms: None }
    }

    pub(super) fn take(&mut self, now_ms: Millis, per_second: f64, burst: f64) -> bool {
        let burst = burst.max(1.0);
        self.tokens = match self.filled_ms {
            None => burst,
            Some(filled_ms) => {
                let passed = u32::try_from(now_ms.saturating_sub(filled_ms).max(0)).unwrap_or(u32::MAX);
                (self.tokens + f64::from(passed) / 1_000.0 * per_second).min(burst)
            }
        };
        self.filled_ms = Some(now_ms);
        let allowed = self.tokens >= 1.0;
        self.tokens = (self.tokens - 1.0).max(-per_second);
        allowed
    }
}
