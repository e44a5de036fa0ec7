//! Parts of a Page by themselves: its details, its customers, one conversation; and what is written to it.

use pagekeeper_common::domain::ids::{ConnectionId, ConversationId, RunId};
use pagekeeper_common::domain::sync_run::{RunKind, RunState};
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use pagekeeper_store::sync_runs::NewRun;
use serde_json::{Value, json};

use crate::world::{World, raw_entry};

/// A Page that is connected and was never synced.
async fn connected(conversations: u32, messages: u32) -> (World, ConnectionId, String) {
    let world = WorldConfig::simple(1, conversations, messages);
    let mut world = World::new(SimConfig { world, ..SimConfig::default() }).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    let connection = world.connect("Test Person", &page).await;
    (world, connection, page)
}

async fn start_of_conversation(world: &World, kind: RunKind, connection: ConnectionId, psid: &str) -> RunId {
    let id = world.number(&format!("select id from conversations where psid = '{psid}'")).await;
    let conversation_id = Some(ConversationId::new(id));
    world.start(NewRun { conversation_id, interactive: true, ..NewRun::of_page(world.account, kind, connection) }).await
}

async fn a_psid(world: &World) -> String {
    world.database.text("select psid from conversations order by id limit 1").await
}

#[tokio::test]
async fn c1_the_details_of_a_page_are_pulled_alone() {
    let (world, connection, page) = connected(5, 2).await;
    world.sim("PATCH", &format!("pages/{page}"), json!({"profile": {"about": "Buns, daily"}})).await;
    let run = world.ended(world.start_sync(RunKind::Details, connection).await).await;
    assert_eq!((run.state, run.calls, run.conversations), (RunState::Succeeded, 1, 0));
    assert_eq!(world.database.text("select about from connections").await, "Buns, daily");
    assert_eq!(world.number("select count(*) from conversations").await, 0);
}

#[tokio::test]
async fn a_profile_that_a_webhook_said_has_changed_is_read_with_the_next_sync() {
    let (world, connection, page) = connected(2, 2).await;
    world.ended(world.start_sync(RunKind::Full, connection).await).await;
    world.sim("PATCH", &format!("pages/{page}"), json!({"profile": {"about": "Buns, daily"}})).await;
    let change = json!({"field": "about", "value": "Buns, daily"});
    let entry = json!({"id": page, "time": chrono::Utc::now().timestamp(), "changes": [change]}).to_string();
    world.publish_entries(vec![raw_entry(&page, &entry)]).await;
    world.count_is(1, "select count(*) from connections where details_changed_at is not null").await;
    world.database.execute("update connections set last_synced_at = details_changed_at - interval '1 minute'").await;
    let run = world.ended(world.start_sync(RunKind::Incremental, connection).await).await;
    assert_eq!((run.state, run.calls), (RunState::Succeeded, 2));
    assert_eq!(world.database.text("select about from connections").await, "Buns, daily");
    let next = world.ended(world.start_sync(RunKind::Incremental, connection).await).await;
    assert_eq!(next.calls, 1);
}

#[tokio::test]
async fn c3_the_customers_of_a_page_are_pulled_without_messages() {
    let (world, connection, _) = connected(230, 2).await;
    let run = world.ended(world.start_sync(RunKind::Contacts, connection).await).await;
    assert_eq!((run.state, run.conversations, run.calls), (RunState::Succeeded, 230, 3));
    assert_eq!(world.number("select count(*) from contacts where name is not null").await, 230);
    assert_eq!(world.number("select count(*) from messages").await, 0);
}

#[tokio::test]
async fn c2_all_messages_of_one_conversation_are_pulled() {
    let (world, connection, _) = connected(3, 230).await;
    world.ended(world.start_sync(RunKind::Contacts, connection).await).await;
    let psid = a_psid(&world).await;
    let run = world.ended(start_of_conversation(&world, RunKind::Messages, connection, &psid).await).await;
    assert_eq!((run.state, run.messages, run.calls), (RunState::Succeeded, 230, 3));
    assert_eq!(run.result, Some(json!({"messages": 230})));
    assert_eq!(world.number("select count(distinct conversation_id) from messages").await, 1);
    let again = world.ended(start_of_conversation(&world, RunKind::Messages, connection, &psid).await).await;
    assert_eq!((again.messages, again.rows_new, again.rows_changed), (0, 0, 0));
    assert!(again.rows_same >= 230);
}

#[tokio::test]
async fn c2_a_conversation_that_only_a_webhook_told_of_is_found_on_facebook() {
    let (world, connection, page) = connected(2, 2).await;
    let written = world
        .sim("POST", &format!("pages/{page}/messages"), json!({"customer_name": "Ana", "text": "?", "count": 3}))
        .await;
    let psid = written["psid"].as_str().unwrap();
    world.ended(world.start_sync(RunKind::Contacts, connection).await).await;
    world.database.execute("update conversations set thread_id = null").await;
    let run = world.ended(start_of_conversation(&world, RunKind::Messages, connection, psid).await).await;
    assert_eq!((run.state, run.messages), (RunState::Succeeded, 3));
    assert_eq!(world.number("select count(*) from conversations where thread_id is not null").await, 1);
}

#[tokio::test]
async fn c4_what_facebook_says_of_a_conversation_is_pulled() {
    let (world, connection, page) = connected(2, 2).await;
    let written = world
        .sim("POST", &format!("pages/{page}/messages"), json!({"customer_name": "Ana", "text": "?", "count": 3}))
        .await;
    let psid = written["psid"].as_str().unwrap();
    world.ended(world.start_sync(RunKind::Full, connection).await).await;
    let unread = format!(
        "select count(*) from conversations c join messages m on m.conversation_id = c.id
         where c.psid = '{psid}' and not m.from_page and m.sent_at > c.read_up_to"
    );
    assert_eq!(world.number(&unread).await, 3);
    world.sim("PATCH", &format!("pages/{page}/customers/{psid}"), json!({"unread_count": 0})).await;
    let run = world.ended(start_of_conversation(&world, RunKind::Status, connection, psid).await).await;
    let result = run.result.unwrap();
    assert_eq!(
        (run.state, &result["unread_count"], &result["can_reply"]),
        (RunState::Succeeded, &json!(0), &json!(true))
    );
    assert_eq!(world.number(&unread).await, 0, "what was read there is read here");
}

#[tokio::test]
async fn c6_a_full_sync_brings_details_customers_conversations_and_all_messages() {
    let (world, connection, page) = connected(60, 40).await;
    world.sim("PATCH", &format!("pages/{page}"), json!({"profile": {"about": "Buns, daily"}})).await;
    let run = world.ended(world.start_sync(RunKind::Full, connection).await).await;
    assert_eq!((run.state, run.conversations, run.messages), (RunState::Succeeded, 60, 60 * 40));
    assert_eq!(world.database.text("select about from connections").await, "Buns, daily");
    assert_eq!(world.number("select count(*) from contacts where name is not null").await, 60);
    assert_eq!(world.number("select count(*) from sync_runs where kind = 'backfill'").await, 0, "nothing is left over");
}

#[tokio::test]
async fn e1_what_facebook_took_is_stored_and_what_it_refused_is_named() {
    let (world, connection, _) = connected(1, 1).await;
    let update = async |request: Value| {
        let request = Some(request);
        let new =
            NewRun { request, interactive: true, ..NewRun::of_page(world.account, RunKind::UpdatePage, connection) };
        world.ended(world.start(new).await).await
    };
    let taken = update(json!({"about": "Buns", "phone": "+45 33 12 34 56"})).await;
    assert_eq!(
        (taken.state, taken.result),
        (RunState::Succeeded, Some(json!({"applied": ["about", "phone"], "refused": []})))
    );
    assert_eq!(world.database.text("select about || phone from connections").await, "Buns+45 33 12 34 56");

    let partly = update(json!({"about": "Cake", "phone": "call me"})).await;
    let result = partly.result.unwrap();
    assert_eq!((partly.state, partly.error.as_deref()), (RunState::Failed, Some("refused")));
    assert_eq!((&result["applied"], &result["refused"][0]["field"]), (&json!(["about"]), &json!("phone")));
    assert!(result["refused"][0]["detail"].as_str().unwrap().contains("invalid format"), "{result}");
    assert_eq!(world.database.text("select about || phone from connections").await, "Cake+45 33 12 34 56");
}
