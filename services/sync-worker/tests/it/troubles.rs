//! Runs that Facebook does not let through: tried again by the kind of the failure, parked, canceled, told (SPEC C9, K4).

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use pagekeeper_bus::Outgoing;
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_common::domain::sync_run::{RunKind, RunState};
use pagekeeper_contracts::v1::SyncPage;
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use pagekeeper_testkit::{Poll, wait_for};
use serde_json::{Value, json};

use crate::world::World;

async fn connected(conversations: u32) -> (World, ConnectionId, String) {
    // Nothing happened there lately.
    let epoch_ms = Some((Utc::now() - TimeDelta::hours(2)).timestamp_millis());
    let world = WorldConfig { epoch_ms, ..WorldConfig::simple(1, conversations, 2) };
    let mut world = World::new(SimConfig { world, ..SimConfig::default() }).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    let connection = world.connect("Test Person", &page).await;
    (world, connection, page)
}

/// Whatever waits for its next try has it now.
async fn try_now(world: &World) {
    world
        .database
        .execute(
            "update sync_runs set due_at = now(), lease_until = now() - interval '1 second' where state = 'queued'",
        )
        .await;
}

#[tokio::test]
async fn c9_a_run_that_keeps_failing_is_parked_where_operators_look_and_replayed_from_there() {
    let (world, connection, _) = connected(10).await;
    let effect = json!({"error": {"status": 500, "code": 2, "is_transient": true}});
    world.sim("POST", "faults", json!({"path": "conversations", "effect": effect})).await;
    let run = world.start_sync(RunKind::Incremental, connection).await;
    for attempts in 1..=4 {
        world
            .count_is(
                1,
                &format!(
                    "select count(*) from sync_runs where id = {run} and attempts = {attempts} and state = 'queued'"
                ),
            )
            .await;
        let told = "select count(*) from sync_runs where error = 'facebook_unavailable' and due_at > now()";
        assert_eq!(world.number(told).await, 1);
        try_now(&world).await;
    }
    let parked = world.ended(run).await;
    assert_eq!((parked.state, parked.error.as_deref()), (RunState::Parked, Some("facebook_unavailable")));
    let parked = async || match world.vhost.messages("sync-worker.commands.background.parked").await.unwrap() {
        1 => Poll::Ready(()),
        count => Poll::NotYet(count.to_string()),
    };
    wait_for("the command to be parked", Duration::from_secs(20), parked).await;
    assert_eq!(world.parked_runs().await, [("facebook_unavailable".to_owned(), 5, true)]);

    world.sim("DELETE", "faults", Value::Null).await;
    let command = SyncPage { account_id: world.account.get(), run_id: run.get(), interactive: false };
    world.publish(Outgoing::of(&command)).await;
    world
        .count_is(1, "select count(*) from sync_runs where state = 'succeeded' and attempts = 0 and error is null")
        .await;
}

#[tokio::test]
async fn c9_progress_in_between_counts_the_tries_anew() {
    let (world, connection, _) = connected(120).await;
    let effect = json!({"error": {"status": 500, "code": 2, "is_transient": true}});
    world.sim("POST", "faults", json!({"path": "conversations", "after": 1, "effect": effect})).await;
    let run = world.start_sync(RunKind::Full, connection).await;
    world.count_is(1, "select count(*) from sync_runs where attempts = 1 and conversations = 50").await;
    world.sim("DELETE", "faults", Value::Null).await;
    try_now(&world).await;
    let run = world.ended(run).await;
    assert_eq!((run.state, run.conversations, run.attempts), (RunState::Succeeded, 120, 0));
}

#[tokio::test]
async fn a_list_that_never_ends_is_noticed() {
    let (world, connection, _) = connected(10).await;
    world.sim("POST", "faults", json!({"path": "conversations", "effect": "empty_page"})).await;
    world.start_sync(RunKind::Full, connection).await;
    world.count_is(1, "select count(*) from sync_runs where state = 'queued' and attempts = 1").await;
    assert!(world.number("select calls from sync_runs where kind = 'full'").await < 20);
}

#[tokio::test]
async fn a_canceled_run_ends_and_keeps_what_it_stored() {
    let (world, connection, _) = connected(200).await;
    world.sim("POST", "faults", json!({"path": "conversations", "effect": {"latency_ms": 300}})).await;
    let run = world.start_sync(RunKind::Full, connection).await;
    world.count_is(1, "select count(*) from sync_runs where kind = 'full' and conversations >= 50").await;
    world.database.execute("update sync_runs set cancel_requested_at = now() where kind = 'full'").await;
    let run = world.ended(run).await;
    assert_eq!(run.state, RunState::Canceled);
    assert_eq!(world.number("select count(*) from conversations").await, i64::from(run.conversations));
}

#[tokio::test]
async fn a_long_run_gives_way_to_what_changed_and_goes_on_after_it() {
    let (world, connection, _) = connected(400).await;
    world.sim("POST", "faults", json!({"path": "conversations", "effect": {"latency_ms": 200}})).await;
    let full = world.start_sync(RunKind::Full, connection).await;
    world.count_is(1, "select count(*) from sync_runs where kind = 'full' and conversations >= 50").await;
    let urgent = world.ended(world.start_sync(RunKind::Incremental, connection).await).await;
    assert_eq!(urgent.state, RunState::Succeeded);
    let full = world.ended(full).await;
    assert_eq!((full.state, full.conversations), (RunState::Succeeded, 400));
    assert!(full.ended_at > urgent.ended_at);
}

#[tokio::test]
async fn k4_a_page_that_facebook_no_longer_sends_is_subscribed_again_and_its_gap_is_filled() {
    let (world, connection, page) = connected(3).await;
    world.ended(world.start_sync(RunKind::Full, connection).await).await;
    world.sim("POST", &format!("pages/{page}/unsubscribe"), Value::Null).await;
    world.database.execute("update connections set subscribed_at = now() - interval '1 day', last_webhook_at = now() - interval '3 hours'").await;
    let hour_ago = Utc::now() - TimeDelta::hours(1);
    world.sim("PUT", "clock", json!({"mode": "auto", "now_ms": hour_ago.timestamp_millis()})).await;
    let missed = json!({"customer_name": "Ana", "text": "Anyone?", "count": 2});
    world.sim("POST", &format!("pages/{page}/messages"), missed).await;
    let run = world.ended(world.start_sync(RunKind::Incremental, connection).await).await;
    assert_eq!((run.state, run.messages), (RunState::Succeeded, 2));
    let told =
        "select count(*) from connection_incidents where kind = 'unsubscribed' and messages = 2 and subscribed_again";
    assert_eq!(world.number(told).await, 1);
    assert_eq!(
        world.number("select count(*) from connections where subscribed_at > now() - interval '1 minute'").await,
        1
    );
    let again = world.ended(world.start_sync(RunKind::Incremental, connection).await).await;
    assert_eq!((again.calls, world.number("select count(*) from connection_incidents").await), (1, 1));
}
