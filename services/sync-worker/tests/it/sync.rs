//! Pages are synced.

use pagekeeper_common::domain::sync_run::{RunKind, RunState};
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use serde_json::{Value, json};

use crate::world::World;

fn pages(pages: u16, conversations: u32, messages: u32) -> SimConfig {
    SimConfig { world: WorldConfig::simple(pages, conversations, messages), ..SimConfig::default() }
}

async fn first_page(world: &World) -> String {
    world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_first_sync_costs_a_call_for_fifty_conversations() {
    // C5, C8
    let mut world = World::new(pages(1, 120, 4)).await;
    let page = first_page(&world).await;
    let connection = world.connect("Test Person", &page).await;
    world.sim("DELETE", "calls", Value::Null).await;
    let run = world.ended(world.start_sync(RunKind::First, connection).await).await;
    assert_eq!((run.state, run.conversations, run.messages, run.contacts), (RunState::Succeeded, 120, 480, 120));
    assert_eq!(run.expected_conversations, Some(120));
    let counts = world.sim("GET", "calls/counts", Value::Null).await;
    assert_eq!(counts["total"].as_u64().unwrap(), u64::from(run.calls), "{counts}");
    assert!(run.calls <= 120 / 50 + 1 + 1, "{} calls", run.calls);
}

#[tokio::test]
async fn what_the_cap_leaves_out_follows_in_the_background() {
    // A2
    let mut world = World::without_worker(pages(1, 130, 2)).await;
    world.start_worker_with(&[("PAGEKEEPER__SYNC__FIRST_CONVERSATIONS", "60")]).await;
    let page = first_page(&world).await;
    let connection = world.connect("Test Person", &page).await;
    let run = world.ended(world.start_sync(RunKind::First, connection).await).await;
    assert_eq!(run.conversations, 60);
    world.all_runs_ended().await;
    assert_eq!(world.number("select count(*) from conversations").await, 130);
    assert_eq!(world.number("select count(*) from sync_runs where kind = 'backfill' and conversations = 70").await, 1);
}

#[tokio::test]
async fn older_messages_than_a_conversations_newest_follow_in_the_background() {
    let mut world = World::new(pages(1, 3, 130)).await;
    let page = first_page(&world).await;
    let connection = world.connect("Test Person", &page).await;
    let run = world.ended(world.start_sync(RunKind::First, connection).await).await;
    assert_eq!(run.messages, 3 * 25);
    world.all_runs_ended().await;
    assert_eq!(world.number("select count(*) from messages").await, 3 * 130);
}

#[tokio::test]
async fn an_incremental_sync_fetches_only_what_changed() {
    // C7, C8
    let mut world = World::new(pages(1, 120, 2)).await;
    let page = first_page(&world).await;
    let connection = world.connect("Test Person", &page).await;
    world.ended(world.start_sync(RunKind::First, connection).await).await;
    let unchanged = world.ended(world.start_sync(RunKind::Incremental, connection).await).await;
    assert_eq!((unchanged.conversations_changed, unchanged.messages, unchanged.calls), (0, 0, 1));

    world
        .sim(
            "POST",
            &format!("pages/{page}/messages"),
            json!({"customer_name": "New Customer", "text": "Hello", "count": 2}),
        )
        .await;
    let changed = world.ended(world.start_sync(RunKind::Incremental, connection).await).await;
    assert_eq!((changed.conversations_changed, changed.messages, changed.contacts, changed.calls), (1, 2, 1, 1));
}

#[tokio::test]
async fn a_sync_of_unchanged_data_writes_no_row_version() {
    // C8: reading all of it again finds everything as it is.
    let mut world = World::new(pages(1, 60, 4)).await;
    let page = first_page(&world).await;
    let connection = world.connect("Test Person", &page).await;
    world.ended(world.start_sync(RunKind::First, connection).await).await;
    world.all_runs_ended().await;
    world.count_is(60, "select count(*) from contacts where name is not null").await;
    let versions = async || {
        let mut versions = Vec::new();
        for table in ["conversations", "contacts", "messages", "message_media"] {
            let sql = format!(
                "select coalesce(sum(hashtextextended(ctid::text || xmin::text, 0) / 1000), 0)::bigint from {table}"
            );
            versions.push((table, world.number(&sql).await));
        }
        versions
    };
    let before = versions().await;
    let again = world.ended(world.start_sync(RunKind::First, connection).await).await;
    assert_eq!((again.state, again.calls >= 2), (RunState::Succeeded, true), "it was read again");
    assert_eq!(versions().await, before);
}

#[tokio::test]
async fn a_page_whose_token_fails_does_not_disturb_the_others() {
    let mut world = World::new(pages(2, 10, 2)).await;
    let listed = world.sim("GET", "pages", Value::Null).await;
    let (good, bad) = (listed[0]["id"].as_str().unwrap(), listed[1]["id"].as_str().unwrap());
    let good = world.connect("Test Person", good).await;
    let dead = world.connect("Test Person", bad).await;
    world.sim("POST", "tokens/kill", json!({"page": bad, "reason": "role_lost"})).await;
    let failing = world.start_sync(RunKind::First, dead).await;
    let working = world.start_sync(RunKind::First, good).await;
    assert_eq!(world.ended(working).await.state, RunState::Succeeded);
    let failed = world.ended(failing).await;
    assert_eq!((failed.state, failed.error.as_deref()), (RunState::Failed, Some("role_lost")));
    let marked = format!(
        "select count(*) from connections where id = {dead} and state = 'reauthorization_required' and reason = 'role_lost'"
    );
    assert_eq!(world.number(&marked).await, 1);
}

#[tokio::test]
async fn a_throttled_run_waits_and_ends() {
    let mut world = World::new(pages(1, 60, 2)).await;
    let page = first_page(&world).await;
    let connection = world.connect("Test Person", &page).await;
    let effect = json!({"error": {"status": 400, "code": 613}});
    world.sim("POST", "faults", json!({"path": "conversations", "times": 2, "effect": effect})).await;
    let run = world.ended(world.start_sync(RunKind::First, connection).await).await;
    assert_eq!((run.state, run.conversations), (RunState::Succeeded, 60));
    assert!(run.throttled_ms > 0);
}

#[tokio::test]
async fn a_page_of_data_that_is_too_large_is_halved() {
    let mut world = World::new(pages(1, 60, 2)).await;
    let page = first_page(&world).await;
    let connection = world.connect("Test Person", &page).await;
    world.sim("POST", "faults", json!({"path": "conversations", "times": 2, "effect": "reduce_data"})).await;
    let run = world.ended(world.start_sync(RunKind::First, connection).await).await;
    assert_eq!((run.state, run.conversations), (RunState::Succeeded, 60));
}

#[tokio::test]
async fn facebook_answering_badly_for_a_while_does_not_end_a_run() {
    let mut world = World::without_worker(pages(1, 60, 2)).await;
    world.start_worker_with(&[("PAGEKEEPER__SYNC__LEASE_S", "60")]).await;
    let page = first_page(&world).await;
    let connection = world.connect("Test Person", &page).await;
    for effect in ["html", "empty", "truncate", "reset_before"] {
        world.sim("POST", "faults", json!({"path": "conversations", "times": 1, "effect": effect})).await;
    }
    let run = world.ended(world.start_sync(RunKind::First, connection).await).await;
    assert_eq!((run.state, run.conversations), (RunState::Succeeded, 60), "{run:?}");
}

#[tokio::test]
async fn a_refused_cursor_starts_the_listing_anew() {
    let mut world = World::new(pages(1, 120, 2)).await;
    let page = first_page(&world).await;
    let connection = world.connect("Test Person", &page).await;
    let effect = json!({"error": {"status": 400, "code": 100}});
    world.sim("POST", "faults", json!({"path": "conversations", "times": 1, "after": 1, "effect": effect})).await;
    let run = world.ended(world.start_sync(RunKind::First, connection).await).await;
    assert_eq!(run.state, RunState::Succeeded, "{run:?}");
    assert_eq!(world.number("select count(*) from conversations").await, 120);
}

#[tokio::test]
async fn what_is_unread_at_facebook_is_unread_here_after_the_first_sync() {
    let mut world = World::new(pages(1, 2, 3)).await;
    let page = first_page(&world).await;
    let connection = world.connect("Test Person", &page).await;
    let written = world
        .sim("POST", &format!("pages/{page}/messages"), json!({"customer_name": "Ana", "text": "?", "count": 3}))
        .await;
    let psid = written["psid"].as_str().unwrap();
    world.sim("PATCH", &format!("pages/{page}/customers/{psid}"), json!({"unread_count": 2})).await;
    world.ended(world.start_sync(RunKind::First, connection).await).await;
    let unread = format!(
        "select count(*) from conversations c join messages m on m.conversation_id = c.id
         where c.psid = '{psid}' and not m.from_page and m.sent_at > c.read_up_to"
    );
    assert!(world.number(&unread).await >= 2);
}

#[tokio::test]
async fn backfills_leave_room_for_a_person_who_connects() {
    let sim = SimConfig { world: WorldConfig::simple(5, 10, 2), ..SimConfig::default() };
    let mut world = World::without_worker(sim).await;
    world.start_worker_with(&[("PAGEKEEPER__SYNC__PARALLEL_RUNS", "4")]).await;
    world.sim("POST", "faults", json!({"path": "conversations", "effect": "hang"})).await;
    let pages = world.sim("GET", "pages", Value::Null).await;
    for page in pages.as_array().unwrap() {
        let connection = world.connect("Test Person", page["id"].as_str().unwrap()).await;
        world.start_sync(RunKind::Backfill, connection).await;
    }
    let at_work = "select count(*) from sync_runs where state = 'running'";
    world.count_is(3, at_work).await;
    world.log_in("Test Person").await;
    world.start_connect().await;
    world.count_is(1, "select count(*) from sync_runs where kind = 'connect' and started_at is not null").await;
    world.stop_workers().await;
}
