//! Budgets and schedules, shared by all workers.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_store::budgets::{self, Bucket, Rate, Taken};
use pagekeeper_store::{Store, SystemTx, schedules};

use crate::fixture::Fixture;

fn bucket(name: &str, size: f64, refill_per_second: f64) -> Bucket {
    Bucket { name: name.to_owned(), rate: Some(Rate { size, refill_per_second }) }
}

async fn take(store: &Store, buckets: &[Bucket], calls: u32) -> Taken {
    store.take_calls(buckets, calls, Lane::Interactive).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_together_take_no_more_than_a_bucket_holds() {
    let fixture = Fixture::new().await;
    let store = fixture.worker();
    let buckets = [bucket("page:1", 20.0, 0.001), bucket("app:1", 1000.0, 0.001)];
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let (store, buckets) = (store.clone(), buckets.clone());
            tokio::spawn(async move {
                let mut granted = 0;
                for _ in 0..10 {
                    granted += u32::from(take(&store, &buckets, 1).await == Taken::Granted);
                }
                granted
            })
        })
        .collect();
    let mut granted = 0;
    for task in tasks {
        granted += task.await.unwrap();
    }
    assert_eq!(granted, 20);
    let left = fixture.database.number("select round(tokens) from graph_budgets where bucket = 'app:1'").await;
    assert_eq!(left, 980, "a call that one bucket refuses is taken from none");
}

#[tokio::test]
async fn a_refusal_says_when_there_will_be_enough() {
    let fixture = Fixture::new().await;
    let store = fixture.worker();
    let buckets = [bucket("page:1", 10.0, 0.1)];
    assert_eq!(take(&store, &buckets, 10).await, Taken::Granted);
    let Taken::WaitUntil(until) = take(&store, &buckets, 5).await else { panic!("granted") };
    let wait = until - Utc::now();
    assert!(wait > TimeDelta::seconds(45) && wait <= TimeDelta::seconds(51), "{wait}");
    // More than a bucket ever holds goes when it is full, and is owed afterwards.
    let large = [bucket("page:2", 10.0, 0.1)];
    assert_eq!(take(&store, &large, 25).await, Taken::Granted);
    let Taken::WaitUntil(until) = take(&store, &large, 1).await else { panic!("granted") };
    assert!(until - Utc::now() > TimeDelta::seconds(150));
}

#[tokio::test]
async fn a_bucket_that_meta_blocked_gives_nothing_until_the_longest_block_is_over() {
    let fixture = Fixture::new().await;
    let store = fixture.worker();
    store
        .system(async |tx: &mut SystemTx| {
            budgets::block(tx, "page:1", Duration::from_mins(5), Lane::Interactive).await?;
            budgets::block(tx, "page:1", Duration::from_secs(1), Lane::Interactive).await?;
            budgets::note_usage(tx, "page:1", 97).await
        })
        .await
        .unwrap();
    let Taken::WaitUntil(until) = take(&store, &[bucket("page:1", 10.0, 1.0)], 1).await else { panic!("granted") };
    assert!(until - Utc::now() > TimeDelta::seconds(290));
    assert_eq!(fixture.database.number("select usage_percent from graph_budgets").await, 97);
}

#[tokio::test]
async fn what_nobody_waits_for_leaves_a_quarter_to_what_somebody_waits_for() {
    let fixture = Fixture::new().await;
    let store = fixture.worker();
    let buckets = [bucket("page:1", 8.0, 0.01), bucket("app:1", 1000.0, 1.0)];
    let take = async |lane: Lane| store.take_calls(&buckets, 1, lane).await.unwrap() == Taken::Granted;
    let mut background = 0;
    while take(Lane::Background).await {
        background += 1;
    }
    assert_eq!(background, 6);
    assert!(take(Lane::Interactive).await && take(Lane::Interactive).await);
    assert!(!take(Lane::Interactive).await, "more than the bucket holds");

    let closed = [bucket("page:2", 8.0, 1.0)];
    assert_eq!(crate::budgets::take(&store, &closed, 1).await, Taken::Granted);
    let block = async |lane: Lane| {
        store
            .system(async |tx: &mut SystemTx| budgets::block(tx, "page:2", Duration::from_mins(5), lane).await)
            .await
            .unwrap();
    };
    block(Lane::Background).await;
    let background = store.take_calls(&closed, 1, Lane::Background).await.unwrap();
    assert!(matches!(background, Taken::WaitUntil(until) if until - Utc::now() > TimeDelta::seconds(290)));
    assert_eq!(crate::budgets::take(&store, &closed, 1).await, Taken::Granted, "people go on");
    block(Lane::Interactive).await;
    assert!(matches!(crate::budgets::take(&store, &closed, 1).await, Taken::WaitUntil(_)), "Meta refuses everybody");
}

#[tokio::test]
async fn where_meta_documents_no_rate_calls_go_until_meta_closes_the_bucket() {
    let fixture = Fixture::new().await;
    let store = fixture.worker();
    let app = Bucket { name: "app:1".to_owned(), rate: None };
    let page = bucket("page:1:conversations", 2.0, 0.001);
    let take = async |buckets: &[Bucket], lane: Lane| store.take_calls(buckets, 1, lane).await.unwrap();
    assert_eq!(take(std::slice::from_ref(&app), Lane::Background).await, Taken::Granted);
    let block = async |lane: Lane, minutes: u64| {
        let wait = Duration::from_mins(minutes);
        store.system(async |tx: &mut SystemTx| budgets::block(tx, "app:1", wait, lane).await).await.unwrap();
    };
    block(Lane::Background, 5).await;
    let both = [page, app];
    let refused = take(&both, Lane::Background).await;
    assert!(matches!(refused, Taken::WaitUntil(until) if until - Utc::now() > TimeDelta::seconds(290)));
    assert_eq!(take(&both, Lane::Interactive).await, Taken::Granted, "people go on");
    assert_eq!(take(&both, Lane::Interactive).await, Taken::Granted, "what was refused was taken from none");
    block(Lane::Interactive, 7).await;
    let refused = take(&both[1..], Lane::Interactive).await;
    assert!(matches!(refused, Taken::WaitUntil(until) if until - Utc::now() > TimeDelta::seconds(410)));
    assert_eq!(fixture.database.number("select count(*) from graph_budgets").await, 2);
}

#[tokio::test]
async fn a_schedule_fires_once_for_all_and_again_when_its_time_comes() {
    let fixture = Fixture::new().await;
    let store = fixture.gateway();
    let claim = async |owner: &str| {
        store
            .system(async |tx: &mut SystemTx| schedules::claim_due(tx, "sync", owner, Duration::from_mins(1)).await)
            .await
            .unwrap()
    };
    let complete = async |owner: &str| {
        store
            .system(async |tx: &mut SystemTx| schedules::complete(tx, "sync", owner, Duration::from_mins(30)).await)
            .await
            .unwrap()
    };
    assert!(claim("a").await, "one that never fired is due");
    assert!(!claim("b").await);
    fixture.database.execute("update schedules set lease_until = now() - interval '1 second'").await;
    assert!(claim("b").await, "a died");
    assert!(!complete("a").await);
    assert!(complete("b").await);
    assert!(!claim("b").await);
    fixture.database.execute("update schedules set due_at = now() - interval '3 days'").await;
    assert!(claim("a").await);
    assert!(complete("a").await);
    let due_in = fixture.database.number("select extract(epoch from due_at - now())::bigint from schedules").await;
    assert!((1790..=1800).contains(&due_in), "not three days of catching up: {due_in}");
}
