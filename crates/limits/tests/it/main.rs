//! Calls under limits, with the budgets in a PostgreSQL of their own.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use pagekeeper_common::domain::ids::PageId;
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_common::graph::{Answer, BusinessUsage, Decision, GraphError, Percentages, ThrottleScope, Usage};
use pagekeeper_limits::{CallError, CallKind, CallLimits, Meter};
use pagekeeper_store::migrations::roles;
use pagekeeper_store::{Store, StoreConfig};
use pagekeeper_testkit::TestDatabase;

const PATIENCE: Duration = Duration::from_secs(5);

struct Worker {
    limits: CallLimits,
    page: PageId,
    database: TestDatabase,
}

impl Worker {
    async fn start() -> Self {
        let database = TestDatabase::new().await;
        let store =
            Store::connect(&StoreConfig { pool_size: 3, ..StoreConfig::new(database.url_as(roles::SYNC_WORKER)) });
        let limits = CallLimits::new(store, "app", 100.0, PATIENCE);
        Self { limits, page: PageId::parse("11").unwrap(), database }
    }

    /// One call of the Page's, answered as `answer` says; how long it took.
    async fn call(
        &self,
        lane: Lane,
        answer: impl Fn() -> Result<Answer<()>, GraphError>,
    ) -> (Result<(), CallError>, Duration) {
        let (started, mut meter) = (Instant::now(), Meter::default());
        let outcome = self.limits.call(CallKind::Page(&self.page), lane, 1, &mut meter, async || answer()).await;
        (outcome, started.elapsed())
    }
}

fn answered(usage: Usage) -> Answer<()> {
    Answer { value: (), usage, calls: 1, bytes: 0 }
}

fn used(percent: u32, regain_access: Option<Duration>) -> Usage {
    let percentages = Percentages { call_count: percent, ..Percentages::default() };
    let page = BusinessUsage { object_id: "11".into(), kind: "messenger".into(), percentages, regain_access };
    Usage { app: None, business: vec![page] }
}

fn throttled(retry_after: Option<Duration>) -> GraphError {
    Decision::Throttled { scope: ThrottleScope::Page, retry_after }.into()
}

#[tokio::test]
async fn a_refused_call_waits_as_long_as_meta_says_and_goes_again() {
    let worker = Worker::start().await;
    let tries = AtomicU32::new(0);
    let pause = Duration::from_millis(700);
    let answer = || match tries.fetch_add(1, Ordering::Relaxed) {
        0 => Err(throttled(Some(pause))),
        _ => Ok(answered(Usage::default())),
    };
    let (outcome, took) = worker.call(Lane::Background, answer).await;
    outcome.unwrap();
    assert_eq!(tries.load(Ordering::Relaxed), 2, "not once while Meta refuses");
    assert!(took >= pause, "{took:?}");
}

#[tokio::test]
async fn a_limit_that_never_opens_ends_the_call() {
    let worker = Worker::start().await;
    let (outcome, took) = worker.call(Lane::Interactive, || Err(throttled(Some(Duration::from_hours(1))))).await;
    assert!(matches!(outcome, Err(CallError::Throttled(wait)) if wait > Duration::from_mins(59)));
    assert!(took < PATIENCE, "nobody waits for an hour in memory");
    let (outcome, _) = worker.call(Lane::Interactive, || panic!("Meta said when to ask again")).await;
    assert!(matches!(outcome, Err(CallError::Throttled(_))), "another worker knows it too");
}

#[tokio::test]
async fn near_a_limit_only_what_nobody_waits_for_waits() {
    let worker = Worker::start().await;
    worker.call(Lane::Background, || Ok(answered(used(95, None)))).await.0.unwrap();
    let (outcome, _) = worker.call(Lane::Background, || panic!("the rest is for people")).await;
    assert!(matches!(outcome, Err(CallError::Throttled(_))));
    worker.call(Lane::Interactive, || Ok(answered(used(96, None)))).await.0.unwrap();
    assert_eq!(worker.database.number("select usage_percent from graph_budgets where bucket = 'page:11'").await, 96);

    worker.call(Lane::Interactive, || Ok(answered(used(100, Some(Duration::from_mins(5)))))).await.0.unwrap();
    let (outcome, _) = worker.call(Lane::Interactive, || panic!("Meta refuses now")).await;
    assert!(matches!(outcome, Err(CallError::Throttled(wait)) if wait > Duration::from_mins(4)));
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_again_and_one_that_will_not_is_told() {
    let worker = Worker::start().await;
    let tries = AtomicU32::new(0);
    let passing = || match tries.fetch_add(1, Ordering::Relaxed) {
        0 => Err(Decision::Transient.into()),
        _ => Ok(answered(Usage::default())),
    };
    worker.call(Lane::Interactive, passing).await.0.unwrap();
    assert_eq!(tries.load(Ordering::Relaxed), 2);
    let refused = || {
        tries.fetch_add(1, Ordering::Relaxed);
        Err(Decision::PermissionMissing.into())
    };
    let (outcome, _) = worker.call(Lane::Interactive, refused).await;
    assert!(matches!(outcome, Err(CallError::Graph(error)) if error.decision == Decision::PermissionMissing));
    assert_eq!(tries.load(Ordering::Relaxed), 3, "once");
}
