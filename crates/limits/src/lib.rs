//! Calls to Graph under Meta's limits, which all workers share through the database.
//!
//! A call goes when every bucket that it belongs to has room. What Meta says of its limits, in headers or by refusing,
//! closes a bucket for a while, for all workers. Nothing is locked while a call is under way.

mod usage_log;

use std::ops::AddAssign;
use std::time::Duration;

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::backoff::Backoff;
use pagekeeper_common::domain::clock::{Clock, SystemClock};
use pagekeeper_common::domain::ids::PageId;
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_common::graph::{Answer, Decision, GraphError, ThrottleScope, Usage};
use pagekeeper_store::budgets::{self, Bucket, Rate, Taken};
use pagekeeper_store::{Store, StoreError};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use usage_log::{UsageLog, Used};

/// Calls without an answer worth having.
const FAILED_CALL: Backoff = Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(8) };

/// After a refusal where Meta does not say how long.
const REFUSED_CALL: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_mins(5) };

/// Tries of one call that failed for a reason that may pass.
const TRIES: u32 = 5;

/// From here on, in percent of a limit, background calls pause: what is left is for people who wait.
const NEARLY_USED: u32 = 90;
const PAUSE_WHEN_NEARLY_USED: Duration = Duration::from_secs(30);

/// Here Meta refuses; calls made all the same lengthen the wait.
const USED_UP: u32 = 100;

/// The limits that a call counts against.
#[derive(Debug, Clone, Copy)]
pub enum CallKind<'a> {
    /// With a person's token.
    Person,
    /// With a Page's token.
    Page(&'a PageId),
    /// The Conversations API, which has a documented rate for each Page.
    Conversations(&'a PageId),
}

/// What calls have cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meter {
    /// Counted as Meta counts them.
    pub calls: u32,
    /// Spent waiting for Meta's limits.
    pub throttled: Duration,
    /// Of the answers.
    pub bytes: u64,
    /// Calls that failed, also those that were made again.
    pub errors: u32,
}

impl AddAssign for Meter {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.throttled += other.throttled;
        self.bytes += other.bytes;
        self.errors += other.errors;
    }
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("Facebook refused, or did not answer")]
    Graph(#[from] GraphError),
    #[error("the budget of calls could not be read")]
    Store(#[from] StoreError),
    /// Longer than a run waits in memory.
    #[error("Facebook's limits leave no room for {0:?}")]
    Throttled(Duration),
}

/// Clones share the same budgets.
#[derive(Clone)]
pub struct CallLimits {
    store: Store,
    app_bucket: String,
    conversations_per_second: f64,
    /// The longest that one call may take with all its waits and tries.
    patience: Duration,
    log: UsageLog,
}

impl CallLimits {
    pub fn new(store: Store, app_id: &str, conversations_per_second: f64, patience: Duration) -> Self {
        Self {
            store,
            app_bucket: format!("app:{app_id}"),
            conversations_per_second,
            patience,
            log: UsageLog::default(),
        }
    }

    /// Writes down how much of each limit is used, until `stop`.
    pub async fn record_usage(self, stop: CancellationToken) {
        self.log.run(&self.store, stop).await;
    }

    /// Makes a call as soon as it may go, and again where that helps. `cost` is how Meta counts it. What somebody waits
    /// for goes before what nobody waits for.
    pub async fn call<T, Sent>(
        &self,
        kind: CallKind<'_>,
        lane: Lane,
        cost: u32,
        meter: &mut Meter,
        send: impl Fn() -> Sent,
    ) -> Result<T, CallError>
    where
        Sent: Future<Output = Result<Answer<T>, GraphError>>,
    {
        let give_up_at = Instant::now() + self.patience;
        let (mut failures, mut refusals) = (0, 0);
        loop {
            self.wait_for_room(kind, lane, cost, give_up_at, meter).await?;
            let error = match send().await {
                Ok(answer) => {
                    meter.calls += answer.calls;
                    meter.bytes += answer.bytes;
                    self.note(kind, answer.calls, 0, &answer.usage);
                    self.heed(kind, &answer.usage).await?;
                    return Ok(answer.value);
                }
                Err(error) => error,
            };
            meter.calls += error.calls;
            meter.errors += 1;
            self.note(kind, error.calls, 1, &error.usage);
            match error.decision {
                Decision::Throttled { scope, retry_after } => {
                    refusals += 1;
                    let wait = retry_after.unwrap_or_else(|| REFUSED_CALL.wait(refusals, 0.0));
                    self.close(self.bucket_of(kind, scope), wait, Lane::Interactive).await?;
                }
                Decision::Transient | Decision::Unreadable | Decision::Network(_) => {
                    failures += 1;
                    let wait = FAILED_CALL.wait(failures, 0.0);
                    if failures >= TRIES || Instant::now() + wait > give_up_at {
                        return Err(error.into());
                    }
                    sleep(wait).await;
                }
                _ => return Err(error.into()),
            }
        }
    }

    async fn wait_for_room(
        &self,
        kind: CallKind<'_>,
        lane: Lane,
        cost: u32,
        give_up_at: Instant,
        meter: &mut Meter,
    ) -> Result<(), CallError> {
        let buckets = self.buckets(kind);
        let buckets = buckets.as_slice();
        loop {
            let taken = self.store.take_calls(buckets, cost, lane).await?;
            let Taken::WaitUntil(free_at) = taken else { return Ok(()) };
            let wait = until(free_at);
            if Instant::now() + wait > give_up_at {
                return Err(CallError::Throttled(wait));
            }
            meter.throttled += wait;
            self.log.add(
                &self.bucket_of(kind, ThrottleScope::Page),
                SystemClock.now(),
                Used { throttled: wait, ..Used::default() },
            );
            sleep(wait).await;
        }
    }

    /// For the record: a Page's calls count against its own limit and the app's.
    fn note(&self, kind: CallKind<'_>, calls: u32, errors: u32, usage: &Usage) {
        let now = SystemClock.now();
        let app = usage.app.map(|app| app.highest()).unwrap_or_default();
        self.log.add(&self.app_bucket, now, Used { calls, errors, percent: app, ..Used::default() });
        if let CallKind::Page(page) | CallKind::Conversations(page) = kind {
            let percent = usage.business.iter().map(|usage| usage.percentages.highest()).max().unwrap_or_default();
            self.log.add(&page_bucket(page), now, Used { calls, errors, percent, ..Used::default() });
        }
    }

    /// What the usage headers ask for.
    async fn heed(&self, kind: CallKind<'_>, usage: &Usage) -> Result<(), StoreError> {
        let highest = usage.highest_percent();
        metrics::histogram!("pagekeeper_graph_usage_percent").record(f64::from(highest));
        if highest < NEARLY_USED {
            return Ok(());
        }
        let scope = if usage.business.is_empty() { ThrottleScope::App } else { ThrottleScope::Page };
        let bucket = self.bucket_of(kind, scope);
        self.store.system(async |tx| budgets::note_usage(tx, &bucket, highest).await).await?;
        let refused_for = usage.regain_access();
        let lane = if refused_for.is_some() || highest >= USED_UP { Lane::Interactive } else { Lane::Background };
        self.close(bucket, refused_for.unwrap_or(PAUSE_WHEN_NEARLY_USED), lane).await
    }

    /// To everybody, or to the background alone.
    async fn close(&self, bucket: String, wait: Duration, lane: Lane) -> Result<(), StoreError> {
        tracing::info!(area = "graph", bucket, ?lane, wait_ms = wait.as_millis(), "Facebook's limit is near: waiting");
        metrics::counter!("pagekeeper_graph_throttled_total").increment(1);
        self.store.system(async |tx| budgets::block(tx, &bucket, wait, lane).await).await
    }

    fn buckets(&self, kind: CallKind<'_>) -> Vec<Bucket> {
        let mut buckets = vec![open_bucket(self.app_bucket.clone())];
        match kind {
            CallKind::Person => {}
            CallKind::Page(page) => buckets.push(open_bucket(page_bucket(page))),
            CallKind::Conversations(page) => {
                buckets.push(open_bucket(page_bucket(page)));
                let refill_per_second = self.conversations_per_second;
                let rate = Rate { size: refill_per_second.max(1.0), refill_per_second };
                buckets.push(Bucket { name: conversations_bucket(page), rate: Some(rate) });
            }
        }
        buckets
    }

    fn bucket_of(&self, kind: CallKind<'_>, scope: ThrottleScope) -> String {
        match (kind, scope) {
            (CallKind::Person, _) | (_, ThrottleScope::App | ThrottleScope::User) => self.app_bucket.clone(),
            (CallKind::Conversations(page), ThrottleScope::Endpoint) => conversations_bucket(page),
            (CallKind::Page(page) | CallKind::Conversations(page), _) => page_bucket(page),
        }
    }
}

fn open_bucket(name: String) -> Bucket {
    Bucket { name, rate: None }
}

fn page_bucket(page: &PageId) -> String {
    format!("page:{page}")
}

fn conversations_bucket(page: &PageId) -> String {
    format!("page:{page}:conversations")
}

/// At least a little, so that a clock that is behind the database's does not spin.
fn until(time: DateTime<Utc>) -> Duration {
    (time - SystemClock.now()).to_std().unwrap_or_default().max(Duration::from_millis(5))
}
