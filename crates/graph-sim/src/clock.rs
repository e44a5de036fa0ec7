//! The simulated time: it runs by itself for people and stands still for tests until they move it.

use std::time::{Duration, Instant};

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::locks::Mutex;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClockMode {
    /// Runs by itself, `scale` simulated seconds per real second, from the real time at the start.
    Auto { scale: f64 },
    /// Stands still until the control API moves it.
    Explicit { start_ms: i64 },
}

impl Default for ClockMode {
    fn default() -> Self {
        Self::Auto { scale: 1.0 }
    }
}

/// Milliseconds since 1970, as Graph and webhooks count.
pub(crate) type Millis = i64;

pub(crate) const SECOND: Millis = 1_000;
pub(crate) const MINUTE: Millis = 60 * SECOND;
pub(crate) const HOUR: Millis = 60 * MINUTE;
pub(crate) const DAY: Millis = 24 * HOUR;

/// What the journal keeps of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub(crate) enum ClockSetting {
    Auto { offset_ms: Millis, scale: f64 },
    Explicit { now_ms: Millis },
}

#[derive(Debug)]
pub(crate) struct Clock {
    state: Mutex<State>,
    changes: watch::Sender<u64>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Auto { anchor: Instant, anchor_ms: Millis, scale: f64 },
    Explicit { now_ms: Millis },
}

impl Clock {
    pub(crate) fn new(mode: ClockMode) -> Self {
        let state = match mode {
            ClockMode::Auto { scale } => State::Auto { anchor: Instant::now(), anchor_ms: real_now_ms(), scale },
            ClockMode::Explicit { start_ms } => State::Explicit { now_ms: start_ms },
        };
        Self { state: Mutex::new(state), changes: watch::Sender::new(0) }
    }

    pub(crate) fn now_ms(&self) -> Millis {
        self.state.lock().now_ms()
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(SECOND)
    }

    pub(crate) fn scale(&self) -> Option<f64> {
        match *self.state.lock() {
            State::Auto { scale, .. } => Some(scale),
            State::Explicit { .. } => None,
        }
    }

    pub(crate) fn advance(&self, by_ms: Millis) -> Millis {
        let now = {
            let mut state = self.state.lock();
            let moved = state.now_ms().saturating_add(by_ms);
            *state = match *state {
                State::Auto { scale, .. } => State::Auto { anchor: Instant::now(), anchor_ms: moved, scale },
                State::Explicit { .. } => State::Explicit { now_ms: moved },
            };
            moved
        };
        self.announce();
        now
    }

    pub(crate) fn set_auto(&self, now_ms: Option<Millis>, scale: f64) {
        {
            let mut state = self.state.lock();
            let anchor_ms = now_ms.unwrap_or_else(|| state.now_ms());
            *state = State::Auto { anchor: Instant::now(), anchor_ms, scale };
        }
        self.announce();
    }

    pub(crate) fn set_explicit(&self, now_ms: Option<Millis>) {
        {
            let mut state = self.state.lock();
            let now_ms = now_ms.unwrap_or_else(|| state.now_ms());
            *state = State::Explicit { now_ms };
        }
        self.announce();
    }

    pub(crate) fn setting(&self) -> ClockSetting {
        let state = *self.state.lock();
        match state {
            State::Auto { scale, .. } => {
                ClockSetting::Auto { offset_ms: state.now_ms().saturating_sub(real_now_ms()), scale }
            }
            State::Explicit { now_ms } => ClockSetting::Explicit { now_ms },
        }
    }

    pub(crate) fn restore(&self, setting: ClockSetting) {
        match setting {
            ClockSetting::Auto { offset_ms, scale } => {
                self.set_auto(Some(real_now_ms().saturating_add(offset_ms)), scale);
            }
            ClockSetting::Explicit { now_ms } => self.set_explicit(Some(now_ms)),
        }
    }

    /// Waits until the simulated time has come, however the clock is moved meanwhile.
    pub(crate) async fn sleep_until(&self, at_ms: Millis) {
        let mut changes = self.changes.subscribe();
        loop {
            let Some(real) = self.real_time_until(at_ms) else { return };
            tokio::select! {
                () = tokio::time::sleep(real) => {}
                changed = changes.changed() => if changed.is_err() { return },
            }
        }
    }

    /// `None` once the time has come. A clock that stands still is asked again only when it is moved.
    fn real_time_until(&self, at_ms: Millis) -> Option<Duration> {
        const UNTIL_MOVED: Duration = Duration::from_hours(24);
        let state = *self.state.lock();
        let left = at_ms.saturating_sub(state.now_ms());
        if left <= 0 {
            return None;
        }
        let left = Duration::from_millis(left.unsigned_abs());
        Some(match state {
            State::Auto { scale, .. } if scale > 0.0 => {
                Duration::try_from_secs_f64(left.as_secs_f64() / scale).unwrap_or(UNTIL_MOVED)
                    + Duration::from_millis(1)
            }
            State::Auto { .. } | State::Explicit { .. } => UNTIL_MOVED,
        })
    }

    fn announce(&self) {
        self.changes.send_modify(|version| *version = version.wrapping_add(1));
    }
}

impl State {
    fn now_ms(&self) -> Millis {
        match *self {
            Self::Explicit { now_ms } => now_ms,
            Self::Auto { anchor, anchor_ms, scale } => {
                let passed =
                    Duration::try_from_secs_f64(anchor.elapsed().as_secs_f64() * scale).unwrap_or(Duration::MAX);
                anchor_ms.saturating_add(Millis::try_from(passed.as_millis()).unwrap_or(Millis::MAX))
            }
        }
    }
}

/// `2026-07-16T12:00:00+0000`: Graph's dates have no colon in the offset.
pub(crate) fn graph_time(at_ms: Millis) -> String {
    let at = DateTime::<Utc>::from_timestamp_millis(at_ms).unwrap_or_default();
    let year = u32::try_from(at.year()).unwrap_or_default();
    let mut text = String::with_capacity(24);
    // A full page holds thousands of these: chrono's own format would be a sixth of the work.
    for (number, digits, then) in [
        (year, 4, '-'),
        (at.month(), 2, '-'),
        (at.day(), 2, 'T'),
        (at.hour(), 2, ':'),
        (at.minute(), 2, ':'),
        (at.second(), 2, '+'),
    ] {
        for place in (0..digits).rev() {
            text.extend(char::from_digit(number / 10_u32.pow(place) % 10, 10));
        }
        text.push(then);
    }
    text.push_str("0000");
    text
}

fn real_now_ms() -> Millis {
    Utc::now().timestamp_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_explicit_clock_wakes_sleepers_when_it_is_moved() {
        let clock = std::sync::Arc::new(Clock::new(ClockMode::Explicit { start_ms: 1_000 }));
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(1_000 + HOUR).await }
        });
        tokio::task::yield_now().await;
        clock.advance(HOUR / 2);
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(HOUR / 2);
        sleeper.await.unwrap();
        assert_eq!(clock.now_ms(), 1_000 + HOUR);
    }

    #[test]
    fn dates_have_no_colon_in_the_offset() {
        assert_eq!(graph_time(1_458_692_752_478), "2016-03-23T00:25:52+0000");
    }
}
