//! When something happened, by the times that Meta gives.

use chrono::{DateTime, TimeDelta, Utc};

/// 2004-02-04, the day Facebook began: nothing was sent before.
const FACEBOOK_BEGAN: i64 = 1_075_852_800;

/// How far a sender's clock may be ahead of ours.
const FUTURE_MAX: TimeDelta = TimeDelta::days(1);

/// What stands in where an event has no plausible time of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    /// `entry.time`: when the notification was sent.
    pub(super) entry: Option<DateTime<Utc>>,
    pub(super) received_at: DateTime<Utc>,
}

impl Arrival {
    pub(super) fn of(self, own: Option<DateTime<Utc>>) -> DateTime<Utc> {
        let is_plausible =
            |time: &DateTime<Utc>| time.timestamp() >= FACEBOOK_BEGAN && *time <= self.received_at + FUTURE_MAX;
        [own, self.entry].into_iter().flatten().find(is_plausible).unwrap_or(self.received_at)
    }
}
