//! A run goes on wherever its worker was killed.

use std::time::Duration;

use pagekeeper_common::domain::sync_run::{RunKind, RunState};
use pagekeeper_graph_sim::{Latency, SimConfig, WorldConfig};
use serde_json::{Value, json};

use crate::world::World;

fn slow(pages: u16, conversations: u32) -> SimConfig {
    SimConfig {
        world: WorldConfig::simple(pages, conversations, 2),
        latency: Latency { ms: 20, jitter_ms: 0 },
        ..SimConfig::default()
    }
}

#[tokio::test]
async fn a_sync_that_is_killed_after_each_page_goes_on_from_there() {
    let mut world = World::new(slow(1, 200)).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    let connection = world.connect("Test Person", &page).await;
    let run = world.start_sync(RunKind::First, connection).await;
    for stored in [50, 100, 150] {
        let at_least = format!("select (count(*) >= {stored})::int::bigint from conversations");
        world.count_is(1, &at_least).await;
        world.kill_workers().await;
        world.start_worker().await;
    }
    let ended = world.ended(run).await;
    assert_eq!((ended.state, ended.conversations), (RunState::Succeeded, 200), "{ended:?}");
    assert_eq!(world.number("select count(*) from messages").await, 400);
}

#[tokio::test]
async fn a_worker_that_stops_gives_its_runs_back_at_once() {
    let mut world = World::new(slow(1, 200)).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    let connection = world.connect("Test Person", &page).await;
    let run = world.start_sync(RunKind::First, connection).await;
    world.count_is(1, "select (count(*) >= 50)::int::bigint from conversations").await;
    world.stop_workers().await;
    assert_eq!(world.number("select count(*) from sync_runs where state = 'queued' and lease_owner is null").await, 1);
    world.start_worker().await;
    assert_eq!(world.ended(run).await.conversations, 200);
}

#[tokio::test]
async fn a_connect_run_that_is_killed_at_any_step_connects_all_pages() {
    let mut world = World::new(slow(4, 60)).await;
    world.log_in("Test Person").await;
    let run = world.start_connect().await;
    for reached in [
        "select count(*) from credentials where kind = 'user' and is_long_lived",
        "select (count(*) > 0)::int::bigint from connections",
        "select (count(*) > 0)::int::bigint from connections where state = 'connected'",
        "select (count(*) > 0)::int::bigint from conversations",
    ] {
        world.count_is(1, reached).await;
        world.kill_workers().await;
        world.start_worker().await;
    }
    let ended = world.ended(run).await;
    assert_eq!((ended.state, ended.result.unwrap()["connected"].clone()), (RunState::Succeeded, json!(4)));
    world.all_runs_ended().await;
    assert_eq!(world.number("select count(*) from connections where state = 'connected'").await, 4);
    assert_eq!(world.number("select count(*) from conversations").await, 240);
    assert_eq!(world.number("select count(*) from messages").await, 480);
}

#[tokio::test]
async fn a_run_is_carried_out_once_however_often_its_command_comes() {
    let mut world = World::new(slow(1, 100)).await;
    world.start_worker().await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    let connection = world.connect("Test Person", &page).await;
    let run = world.start_sync(RunKind::First, connection).await;
    for _ in 0..5 {
        assert_eq!(world.start_sync(RunKind::First, connection).await, run);
    }
    let ended = tokio::time::timeout(Duration::from_mins(1), world.ended(run)).await.unwrap();
    assert_eq!((ended.conversations, ended.calls), (100, 3));
}
