//! What cannot be stored is kept with its reason, and keeps nothing else back.

use pagekeeper_bus::Outgoing;
use pagekeeper_bus::topology::{parked, webhook_queue};
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use pagekeeper_testkit::{ChaosProxy, Poll, wait_for};

use crate::world::{LIMIT, World, entry, message, raw_entry, unsplit};

fn small() -> SimConfig {
    SimConfig { world: WorldConfig::simple(1, 0, 0), ..SimConfig::default() }
}

#[tokio::test]
async fn a_bad_event_at_each_place_of_a_batch_keeps_nothing_back() {
    let mut world = World::new(small()).await;
    world.rows.connection(world.account, "100").await;
    for place in 0..5 {
        let mut entries: Vec<_> =
            (0..5).map(|index| message("100", "7", &format!("m_{place}_{index}"), 1_770_000_000_000, "good")).collect();
        entries[place] = raw_entry("100", &format!("not json {place}"));
        world.publish_entries(entries).await;
    }
    world.webhooks_are_stored("100").await;
    assert_eq!(world.number("select count(*) from messages where text = 'good'").await, 20);
    world.count_is(5, "select count(*) from quarantine where reason = 'unparseable'").await;
}

#[tokio::test]
async fn what_is_kept_is_kept_for_its_reason_and_counted() {
    let mut world = World::new(small()).await;
    world.rows.connection(world.account, "100").await;
    let strange =
        r#"{"id":"100","time":1,"messaging":[{"sender":{"id":"7"},"recipient":{"id":"100"},"a_kind_of_2031":{}}]}"#;
    for _ in 0..3 {
        world
            .publish_entries(vec![
                raw_entry("100", strange),
                unsplit("not json"),
                unsplit(r#"{"object":"whatsapp_business_account","entry":[]}"#),
                message("999", "7", "m_1", 1_770_000_000_000, "nobody's"),
            ])
            .await;
    }
    world.webhooks_are_stored("100").await;
    for reason in ["not_understood", "unparseable", "unknown_object", "page_not_connected"] {
        world.count_is(1, &format!("select count(*) from quarantine where reason = '{reason}' and seen = 3")).await;
    }
    assert_eq!(world.number("select count(*) from quarantine where owner_id = '999'").await, 1);
}

#[tokio::test]
async fn a_poison_event_is_found_by_halving_and_put_aside_alone() {
    let mut world = World::without_worker(small()).await;
    world.rows.connection(world.account, "100").await;
    world.database.execute("alter table messages add constraint no_poison check (text <> 'poison')").await;
    for place in [0, 6, 12] {
        let entries = (0..13)
            .map(|index| {
                let text = if index == place { "poison" } else { "good" };
                message("100", &format!("7{index}"), &format!("m_{place}_{index}"), 1_770_000_000_000, text)
            })
            .collect();
        world.publish_entries(entries).await;
    }
    world.start_worker().await;
    world.count_is(3, "select count(*) from quarantine where reason = 'refused_by_database'").await;
    world.webhooks_are_stored("100").await;
    assert_eq!(world.number("select count(*) from messages where text = 'good'").await, 36);
}

#[tokio::test]
async fn a_poison_event_that_is_no_message_is_found_too() {
    let mut world = World::without_worker(small()).await;
    world.rows.connection(world.account, "100").await;
    world.database.execute("alter table message_changes add constraint no_poison check (text <> 'poison')").await;
    let entries = (0..9).map(|index| {
        let text = if index == 5 { "poison" } else { "good" };
        let edit = serde_json::json!({"sender": {"id": "7"}, "recipient": {"id": "100"}, "timestamp": 1_770_000_001_000_i64,
            "message_edit": {"mid": format!("m_{index}"), "text": text, "num_edit": 1}});
        entry("100", &edit)
    });
    let messages = (0..9).map(|index| message("100", "7", &format!("m_{index}"), 1_770_000_000_000, "first"));
    world.publish_entries(messages.chain(entries).collect()).await;
    world.start_worker().await;
    world.count_is(1, "select count(*) from quarantine where reason = 'refused_by_database'").await;
    world.count_is(8, "select count(*) from message_changes where text = 'good'").await;
    assert_eq!(world.number("select count(*) from messages where text = 'first'").await, 9);
}

#[tokio::test]
async fn an_event_that_fails_by_a_fault_of_ours_is_tried_again_by_itself() {
    let mut world = World::new(small()).await;
    world.rows.connection(world.account, "100").await;
    // An exception of no class that is known: neither the data's fault nor the database away.
    world
        .database
        .execute(
            "create function fail() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;
             create trigger fail before insert on messages for each row when (new.text = 'unlucky') execute function fail()",
        )
        .await;
    world
        .publish_entries(vec![
            message("100", "7", "m_1", 1_770_000_000_000, "good"),
            message("100", "7", "m_2", 1_770_000_001_000, "unlucky"),
        ])
        .await;
    world.count_is(1, "select count(*) from messages where text = 'good'").await;
    world.database.execute("drop trigger fail on messages").await;
    // It comes back from the first retry level after five seconds.
    world.count_is(1, "select count(*) from messages where text = 'unlucky'").await;
    assert_eq!(world.number("select count(*) from quarantine").await, 0);
}

#[tokio::test]
async fn a_message_that_is_no_bundle_is_parked() {
    let mut world = World::new(small()).await;
    world.rows.connection(world.account, "100").await;
    let mut broken = Outgoing::of(&pagekeeper_contracts::v1::WebhookBundle::default());
    broken.body = bytes::Bytes::from_static(b"\xff\xff\xff");
    world.publish(broken).await;
    world.webhooks_are_stored("100").await;
    wait_for("the message to be parked", LIMIT, async || {
        let parked = world.vhost.messages(&parked(&webhook_queue(0))).await.unwrap();
        Poll::when((parked == 1).then_some(()), format!("{parked} parked"))
    })
    .await;
}

#[tokio::test]
async fn webhooks_wait_while_the_database_is_away() {
    let mut world = World::without_worker(small()).await;
    world.rows.connection(world.account, "100").await;
    let url = world.database.url_as("pagekeeper_sync_worker");
    let proxy = ChaosProxy::start(&url).await.unwrap();
    world.start_worker_with(&[("PAGEKEEPER__DATABASE__URL", &proxy.url(&url))]).await;
    world.webhooks_are_stored("100").await;
    proxy.refuse();
    let late = (0..50).map(|n| message("100", "7", &format!("m_{n}"), 1_770_000_000_000, "patient")).collect();
    world.publish_entries(late).await;
    wait_for("the batch to be held back", LIMIT, async || {
        let connections = "select count(*) from pg_stat_activity where usename = 'pagekeeper_sync_worker' and datname = current_database()";
        let found = world.number(connections).await;
        // One connection is the test's own store, if it was used.
        Poll::when((found <= 1).then_some(()), format!("{found} connections"))
    })
    .await;
    assert_eq!(world.number("select count(*) from messages where text = 'patient'").await, 0);
    proxy.resume();
    world.count_is(50, "select count(*) from messages where text = 'patient'").await;
    assert_eq!(world.number("select count(*) from quarantine").await, 0);
}
