//! Where a message goes that failed: to wait at a level and come home, or to be parked. Pure.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::message::{Outgoing, Tries};
use crate::topology::parked;

const MOST_LEVELS: usize = 8;
const LONGEST_DELAY: Duration = Duration::from_hours(24);

/// The waits between tries, shortest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryLevels(Vec<Duration>);

impl RetryLevels {
    /// None unless there are 1 to 8 delays, each longer than the one before, of at most a day.
    pub fn new(delays: Vec<Duration>) -> Option<Self> {
        let grow = delays.iter().zip(delays.iter().skip(1)).all(|(shorter, longer)| shorter < longer);
        let fit = delays.iter().all(|delay| !delay.is_zero() && *delay <= LONGEST_DELAY);
        (grow && fit && (1..=MOST_LEVELS).contains(&delays.len())).then_some(Self(delays))
    }

    pub fn delays(&self) -> &[Duration] {
        &self.0
    }

    /// The wait after a message's failures; none when it has failed as often as there are levels and once more.
    fn after(&self, failures: u32) -> Option<Duration> {
        let index = usize::try_from(failures.checked_sub(1)?).ok()?;
        self.0.get(index).copied()
    }

    /// The copy to publish for a message of `home_queue` that has failed as `tries` say, and now once more.
    pub(crate) fn for_retry(
        &self,
        home_queue: &str,
        message: Outgoing,
        tries: &Tries,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Outgoing {
        let tries = tries.after(reason, now);
        match self.after(tries.attempt) {
            // A fanout exchange leaves the routing key alone, and it is the way home from the level's queue.
            Some(delay) => {
                Outgoing { exchange: level_name(delay), routing_key: home_queue.to_owned(), tries, ..message }
            }
            None => to_parked(home_queue, message, tries),
        }
    }
}

/// The copy to publish for a message of `home_queue` that no further try can help.
pub(crate) fn for_parking(
    home_queue: &str,
    message: Outgoing,
    tries: &Tries,
    reason: &str,
    now: DateTime<Utc>,
) -> Outgoing {
    to_parked(home_queue, message, tries.after(reason, now))
}

fn to_parked(home_queue: &str, message: Outgoing, tries: Tries) -> Outgoing {
    Outgoing { exchange: String::new(), routing_key: parked(home_queue), tries, ..message }
}

/// The name of a level's exchange and queue: `retry.5s`, `retry.10m`.
pub(crate) fn level_name(delay: Duration) -> String {
    let milliseconds = delay.as_millis();
    match (milliseconds % 1_000, milliseconds / 1_000 % 60, milliseconds / 60_000 % 60) {
        (0, 0, 0) => format!("retry.{}h", milliseconds / 3_600_000),
        (0, 0, _) => format!("retry.{}m", milliseconds / 60_000),
        (0, _, _) => format!("retry.{}s", milliseconds / 1_000),
        _ => format!("retry.{milliseconds}ms"),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use pagekeeper_contracts::v1::SyncPage;
    use proptest::prelude::*;

    use super::*;

    const HOME: &str = "sync-worker.webhooks";

    fn levels() -> RetryLevels {
        RetryLevels::new([5, 60, 600, 3_600].map(Duration::from_secs).to_vec()).unwrap()
    }

    fn failed(attempt: u32) -> Tries {
        Tries { attempt, ..Tries::default() }
    }

    fn after(attempt: u32) -> Outgoing {
        levels().for_retry(HOME, Outgoing::of(&SyncPage::default()), &failed(attempt), "no", DateTime::UNIX_EPOCH)
    }

    #[test]
    fn each_failure_waits_longer_and_the_last_parks() {
        let exchanges: Vec<String> = (0..4).map(|attempt| after(attempt).exchange).collect();
        assert_eq!(exchanges, ["retry.5s", "retry.1m", "retry.10m", "retry.1h"]);
        assert!((0..4).all(|attempt| after(attempt).routing_key == HOME));
        let parked = after(4);
        assert_eq!((parked.exchange.as_str(), parked.routing_key.as_str()), ("", "sync-worker.webhooks.parked"));
    }

    #[test]
    fn levels_are_named_after_their_delay() {
        let names = [1, 200, 1_500, 90_000, 7_200_000].map(|delay| level_name(Duration::from_millis(delay)));
        assert_eq!(names, ["retry.1ms", "retry.200ms", "retry.1500ms", "retry.90s", "retry.2h"]);
    }

    proptest! {
        #[test]
        fn a_copy_differs_only_in_where_it_goes_and_its_tries(attempt in any::<u32>(), reason in ".{0,300}") {
            let body = Bytes::from_static(b"body");
            let message = Outgoing { body, account_id: Some(7), ..Outgoing::of(&SyncPage::default()) };
            let first = DateTime::from_timestamp(1_790_000_000, 0);
            let tries = Tries { first_failed_at: first, ..failed(attempt) };
            let copy = levels().for_retry(HOME, message.clone(), &tries, &reason, DateTime::UNIX_EPOCH);
            prop_assert_eq!(copy.tries.attempt, attempt.saturating_add(1));
            prop_assert_eq!(copy.tries.first_failed_at, first);
            prop_assert!(reason.starts_with(copy.tries.last_error.as_deref().unwrap()));
            prop_assert_eq!(copy.exchange.is_empty(), attempt >= 4);
            let Outgoing { exchange, routing_key, tries, .. } = message.clone();
            prop_assert_eq!(Outgoing { exchange, routing_key, tries, ..copy }, message);
        }

        #[test]
        fn two_delays_share_no_name(one in 1u64..100_000_000, other in 1u64..100_000_000) {
            let name = |delay| level_name(Duration::from_millis(delay));
            prop_assert_eq!(one == other, name(one) == name(other));
        }
    }
}
