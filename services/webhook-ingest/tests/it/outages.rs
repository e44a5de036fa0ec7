//! Broker and database away: what is still kept, what is refused, and how fast (D1, invariants 1 and 9).

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pagekeeper_runtime::health::CheckStatus;
use pagekeeper_testkit::servers::PrivateRabbitMq;
use pagekeeper_testkit::{ChaosProxy, Poll, TestDatabase, TestVhost, wait_for};
use reqwest::StatusCode;
use tokio_util::sync::CancellationToken;

use crate::ingest::{
    Ingest, Place, Queue, SOON, database_url, entry_json, json_of, page_body, problem, queued_bundles, spooled_bundles,
};

/// RabbitMQ 3.10 writes the name of a new quorum queue down a little later; killed before, it loses the queue's leader.
const QUEUE_IS_SETTLED: Duration = Duration::from_secs(2);

/// Meta waits five seconds; we promise four.
const PROMISE: Duration = Duration::from_secs(4);

/// The service with a proxy before each of its servers.
struct Fragile {
    vhost: TestVhost,
    database: TestDatabase,
    to_broker: ChaosProxy,
    to_database: ChaosProxy,
    ingest: Ingest,
}

impl Fragile {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let (vhost, database) = (TestVhost::new().await, TestDatabase::new().await);
        let to_broker = ChaosProxy::start(&vhost.url()).await.unwrap();
        let to_database = ChaosProxy::start(&database_url(&database)).await.unwrap();
        let (broker, spool) = (to_broker.url(&vhost.url()), to_database.url(&database_url(&database)));
        let ingest = Ingest::start_with(&broker, &spool, settings).await;
        ingest.until_broker_is_there().await;
        Self { vhost, database, to_broker, to_database, ingest }
    }

    async fn check(&self, name: &str) -> (bool, CheckStatus) {
        let report = self.ingest.chassis.health.report().await;
        (report.ready, report.checks[name].status)
    }
}

async fn until_spool_is_empty(database: &TestDatabase) {
    wait_for("the spool to be drained", SOON, async || {
        let bundles = spooled_bundles(database).await;
        Poll::when((bundles == 0).then_some(()), format!("{bundles} bundles"))
    })
    .await;
}

#[tokio::test]
async fn while_the_broker_is_stalled_webhooks_are_spooled_and_then_published_d1() {
    let place = Fragile::new().await;
    place.to_broker.stall();
    let started = Instant::now();
    assert_eq!(place.ingest.deliver(1).await, StatusCode::OK);
    assert!(started.elapsed() < PROMISE, "{:?}", started.elapsed());
    assert_eq!(spooled_bundles(&place.database).await, 1);

    // The breaker is open now: nobody waits for the broker any more.
    let started = Instant::now();
    assert_eq!(place.ingest.deliver(2).await, StatusCode::OK);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(place.check("broker").await, (true, CheckStatus::Warning));

    place.to_broker.resume();
    until_spool_is_empty(&place.database).await;
    let mut queue = Queue::open(&place.vhost.url()).await;
    let wanted: HashSet<String> = [1, 2].map(entry_json).into();
    let mut seen = HashSet::new();
    while !wanted.is_subset(&seen) {
        seen.extend(queue.take().await.iter().map(json_of));
    }
    // The breaker closed by itself: what comes now goes to the queue.
    assert_eq!(place.ingest.deliver(3).await, StatusCode::OK);
    while !seen.contains(&entry_json(3)) {
        seen.extend(queue.take().await.iter().map(json_of));
    }
    assert_eq!(spooled_bundles(&place.database).await, 0);
    assert_eq!(place.check("broker").await, (true, CheckStatus::Ok));
}

#[tokio::test]
async fn a_broker_that_refuses_connections_costs_no_waiting_d1() {
    let place = Fragile::new().await;
    place.to_broker.refuse();
    wait_for("the loss to be seen", SOON, async || {
        let status = place.check("broker").await;
        Poll::when((status.1 == CheckStatus::Warning).then_some(()), format!("{status:?}"))
    })
    .await;
    let started = Instant::now();
    let entries: Vec<String> = (0..1000).map(entry_json).collect();
    let answer = place.ingest.post(page_body(&entries)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(started.elapsed() < Duration::from_millis(1500), "{:?}", started.elapsed());
    assert_eq!(place.database.number("select sum(entries) from ingest_spool").await, 1000);

    place.to_broker.resume();
    until_spool_is_empty(&place.database).await;
    let arrived = Queue::open(&place.vhost.url()).await.take_at_least(1000).await;
    let arrived: HashSet<String> = arrived.iter().map(json_of).collect();
    assert_eq!(arrived, entries.into_iter().collect());
}

#[tokio::test]
async fn a_service_that_starts_without_its_broker_spools_d1() {
    let database = TestDatabase::new().await;
    let nobody = format!("amqp://guest:guest@127.0.0.1:{}/%2f", pagekeeper_testkit::servers::free_port().unwrap());
    let ingest = Ingest::start(&nobody, &database_url(&database)).await;
    assert_eq!(ingest.deliver(1).await, StatusCode::OK);
    assert_eq!(spooled_bundles(&database).await, 1);
}

#[tokio::test]
async fn a_database_without_its_tables_is_waited_for_i1() {
    let place = Place::new().await;
    place.database.execute("drop table ingest_spool; delete from __diesel_schema_migrations").await;
    assert_eq!(place.ingest.deliver(1).await, StatusCode::OK);
    let report = place.ingest.chassis.health.report().await;
    assert!(report.ready, "{report:?}");
    assert!(report.checks["database"].detail.contains("gateway migrate"), "{report:?}");
}

#[tokio::test]
async fn while_the_database_is_away_webhooks_still_go_to_the_broker_d1() {
    let place = Fragile::new().await;
    place.to_database.stall();
    assert_eq!(place.ingest.deliver(1).await, StatusCode::OK);
    assert_eq!(place.check("database").await, (true, CheckStatus::Warning));
    place.to_database.refuse();
    assert_eq!(place.ingest.deliver(2).await, StatusCode::OK);
    assert_eq!(queued_bundles(&place.vhost.url()).await, 2);
    place.to_database.resume();
}

#[tokio::test]
async fn with_both_away_the_answer_is_503_within_four_seconds_and_200_when_one_is_back_d1() {
    let place = Fragile::new().await;
    place.to_broker.stall();
    place.to_database.stall();
    for _ in 0..3 {
        let posts: Vec<_> = (0..8).map(|id| place.ingest.post(page_body(&[entry_json(id)])).send()).collect();
        let started = Instant::now();
        for answer in futures_util::future::join_all(posts).await {
            let answer = answer.unwrap();
            assert_eq!(answer.headers()["retry-after"], "5");
            problem(answer, 503).await;
        }
        assert!(started.elapsed() < PROMISE, "{:?}", started.elapsed());
    }
    assert_eq!(place.check("broker").await, (false, CheckStatus::Error));
    assert_eq!(place.check("database").await, (false, CheckStatus::Error));

    place.to_database.resume();
    wait_for("the spool to take webhooks again", SOON, async || {
        let status = place.ingest.deliver(100).await;
        Poll::when((status == StatusCode::OK).then_some(()), status.to_string())
    })
    .await;
    place.to_broker.resume();
    until_spool_is_empty(&place.database).await;
    let mut queue = Queue::open(&place.vhost.url()).await;
    while !queue.take().await.iter().any(|entry| json_of(entry) == entry_json(100)) {}
}

#[tokio::test]
async fn no_more_bytes_wait_than_configured_d1() {
    let limits = [("HTTP__BODY_LIMIT", "1000"), ("DURABILITY__WAITING_BYTES", "2000")];
    let place = Fragile::with(&limits).await;
    place.to_broker.stall();
    place.to_database.stall();
    let body = page_body(&[format!(r#"{{"id":"1","x":"{}"}}"#, "x".repeat(900))]);
    // There is room for two of them at most, whoever comes first.
    let posts = (0..4).map(|_| async {
        let started = Instant::now();
        let answer = place.ingest.post(body.clone()).send().await.unwrap();
        (problem(answer, 503).await, started.elapsed())
    });
    let answers = futures_util::future::join_all(posts).await;
    let refused: Vec<_> =
        answers.iter().filter(|(problem, _)| problem["detail"] == "too many bytes are waiting").collect();
    assert!(refused.len() >= 2, "{answers:?}");
    assert!(refused.iter().all(|(_, took)| *took < Duration::from_secs(1)), "{answers:?}");
}

#[tokio::test]
async fn spooled_webhooks_of_an_earlier_process_are_published_d1() {
    let Place { vhost, database, ingest } = Place::new().await;
    ingest.stop().await.unwrap();
    let nobody = "amqp://guest:guest@127.0.0.1:1/%2f";
    let ingest = Ingest::start(nobody, &database_url(&database)).await;
    assert_eq!(ingest.deliver(1).await, StatusCode::OK);
    ingest.stop().await.unwrap();
    let _ingest = Ingest::start(&vhost.url(), &database_url(&database)).await;
    let entries = Queue::open(&vhost.url()).await.take_at_least(1).await;
    assert_eq!(json_of(&entries[0]), entry_json(1));
    until_spool_is_empty(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_broker_loses_nothing_d1() {
    let mut broker = PrivateRabbitMq::temporary().await.unwrap();
    let (accepted, seen) = under_load(&mut broker, async |broker, ingest| {
        broker.freeze().unwrap();
        wait_for("the breaker to open", SOON, async || {
            let report = ingest.chassis.health.report().await;
            let is_open = report.checks["broker"].status == CheckStatus::Warning;
            Poll::when(is_open.then_some(()), format!("{report:?}"))
        })
        .await;
        assert_eq!(ingest.deliver(u64::MAX).await, StatusCode::OK);
        broker.thaw().unwrap();
    })
    .await;
    println!("frozen broker: {} webhooks answered with 200, {} of them in the queue", accepted.len(), seen.len());
    assert_eq!(seen, accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_broker_loses_nothing_d1() {
    let mut broker = PrivateRabbitMq::temporary().await.unwrap();
    let (accepted, seen) = under_load(&mut broker, async |broker, _ingest| {
        broker.kill().unwrap();
        broker.restart().await.unwrap();
    })
    .await;
    println!("killed broker: {} webhooks answered with 200, {} of them in the queue", accepted.len(), seen.len());
    assert_eq!(seen, accepted);
}

/// Posts without a pause while `disturb` works on the broker. Answers which webhooks got 200, and which of these were in
/// the queue at the end, with the spool drained.
async fn under_load(
    broker: &mut PrivateRabbitMq,
    disturb: impl AsyncFnOnce(&mut PrivateRabbitMq, &Ingest),
) -> (HashSet<String>, HashSet<String>) {
    let database = TestDatabase::new().await;
    let ingest = Arc::new(Ingest::start(&broker.url(), &database_url(&database)).await);
    ingest.until_broker_is_there().await;
    let next = Arc::new(AtomicU64::new(0));
    let stop = CancellationToken::new();
    let post = |_| tokio::spawn(post_on(Arc::clone(&ingest), Arc::clone(&next), stop.clone()));
    let posting: Vec<_> = (0..16).map(post).collect();

    let declared = Instant::now();
    until_posted(&next, 500).await;
    wait_for("the queue to be settled", SOON, async || {
        let age = declared.elapsed();
        Poll::when((age > QUEUE_IS_SETTLED).then_some(()), format!("{age:?}"))
    })
    .await;
    disturb(broker, &ingest).await;
    let posted = next.load(Ordering::Relaxed);
    ingest.until_broker_is_there().await;
    until_posted(&next, posted + 500).await;
    stop.cancel();
    let mut accepted = HashSet::new();
    for post in posting {
        accepted.extend(post.await.unwrap());
    }
    until_spool_is_empty(&database).await;

    let mut queue = Queue::open(&broker.url()).await;
    let mut seen = HashSet::new();
    while !accepted.is_subset(&seen) {
        seen.extend(queue.take().await.iter().map(json_of));
    }
    seen.retain(|json| accepted.contains(json));
    (accepted, seen)
}

async fn post_on(ingest: Arc<Ingest>, next: Arc<AtomicU64>, stop: CancellationToken) -> Vec<String> {
    let mut accepted = Vec::new();
    while !stop.is_cancelled() {
        let id = next.fetch_add(1, Ordering::Relaxed);
        let started = Instant::now();
        let status = ingest.deliver(id).await;
        assert!(started.elapsed() < PROMISE, "{:?}", started.elapsed());
        if status == StatusCode::OK {
            accepted.push(entry_json(id));
        }
    }
    accepted
}

async fn until_posted(next: &AtomicU64, count: u64) {
    wait_for("webhooks to be posted", SOON, async || {
        let posted = next.load(Ordering::Relaxed);
        Poll::when((posted >= count).then_some(()), format!("{posted} of {count}"))
    })
    .await;
}
