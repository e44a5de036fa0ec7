//! How much of each limit is used, by the minute: counted in memory, written down every few seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use pagekeeper_store::budgets::{self, UsageSample};
use pagekeeper_store::{Store, StoreError};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// What a process that dies has not written down is lost: it is for plots.
const WRITE_EVERY: Duration = Duration::from_secs(5);

/// Limits and minutes in memory; while the database is away, what is beyond that is not counted.
const MOST_SAMPLES: usize = 50_000;

/// What was used since it was written down last. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct UsageLog {
    samples: Arc<Mutex<Samples>>,
}

/// By limit and minute.
type Samples = HashMap<(String, DateTime<Utc>), Used>;

/// What one call used.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Used {
    pub(crate) calls: u32,
    pub(crate) errors: u32,
    pub(crate) throttled: Duration,
    pub(crate) percent: u32,
}

impl UsageLog {
    pub(crate) fn add(&self, bucket: &str, now: DateTime<Utc>, used: Used) {
        let minute = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (bucket.to_owned(), minute);
        if samples.len() >= MOST_SAMPLES && !samples.contains_key(&key) {
            return;
        }
        let sample = samples.entry(key).or_default();
        sample.calls = sample.calls.saturating_add(used.calls);
        sample.errors = sample.errors.saturating_add(used.errors);
        sample.throttled += used.throttled;
        sample.percent = sample.percent.max(used.percent);
    }

    /// Writes it down until asked to stop, and then once more.
    pub(crate) async fn run(&self, store: &Store, stop: CancellationToken) {
        let mut tick = interval(WRITE_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            self.write(store).await;
        }
        self.write(store).await;
    }

    async fn write(&self, store: &Store) {
        let taken = std::mem::take(&mut *self.samples.lock().unwrap_or_else(PoisonError::into_inner));
        if taken.is_empty() {
            return;
        }
        let samples: Vec<UsageSample> =
            taken.iter().map(|((bucket, minute), used)| used.sample(bucket, *minute)).collect();
        let written: Result<(), StoreError> = store.system(async |tx| budgets::record_usage(tx, &samples).await).await;
        if written.is_err() {
            for ((bucket, minute), used) in taken {
                self.add(&bucket, minute, used);
            }
        }
    }
}

impl Used {
    fn sample(self, bucket: &str, minute: DateTime<Utc>) -> UsageSample {
        UsageSample {
            bucket: bucket.to_owned(),
            minute,
            calls: self.calls,
            errors: self.errors,
            throttled_ms: u64::try_from(self.throttled.as_millis()).unwrap_or(u64::MAX),
            percent: self.percent,
        }
    }
}
