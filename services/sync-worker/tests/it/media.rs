//! C10: where files of messages are, and fresh addresses of them.

use pagekeeper_bus::{Live, Outgoing};
use pagekeeper_contracts::Contract as _;
use pagekeeper_contracts::v1::media_refreshed::Outcome;
use pagekeeper_contracts::v1::{MediaRefreshed, RefreshMedia};
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use pagekeeper_testkit::{Poll, wait_for};
use serde_json::{Value, json};

use crate::world::{LIMIT, World, entry};

const URL: &str = "select url from message_media where position = 0";

/// A picture that came by a webhook, with an address that leads nowhere, and its message at Facebook.
async fn picture() -> (World, i64, String, String) {
    let sim = SimConfig { world: WorldConfig::simple(1, 2, 1), ..SimConfig::default() };
    let mut world = World::new(sim).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    world.connect("Test Person", &page).await;
    let message = json!({"customer_name": "Ada", "attachments": [{"type": "image"}]});
    let sent = world.sim("POST", &format!("pages/{page}/messages"), message).await;
    let (psid, mid) = (sent["psid"].as_str().unwrap(), sent["messages"][0]["mid"].as_str().unwrap().to_owned());
    let attachments = json!([
        {"type": "image", "payload": {"url": "https://scontent.fbcdn.net/old.png"}},
        {"type": "fallback", "payload": {"url": "https://example.com/"}},
        {"type": "image", "payload": {"url": "file:///etc/passwd"}},
    ]);
    let element = json!({"sender": {"id": psid}, "recipient": {"id": page}, "timestamp": 1_790_000_000_000_i64,
        "message": {"mid": mid, "attachments": attachments}});
    world.publish_entries(vec![entry(&page, &element)]).await;
    world.count_is(1, "select count(*) from message_media").await;
    let id = world.number(&format!("select id from messages where mid = '{mid}'")).await;
    (world, id, mid, page)
}

async fn ask(world: &World, account_id: i64, message_id: i64) {
    world.publish(Outgoing::of(&RefreshMedia { account_id, message_id })).await;
}

#[tokio::test]
async fn a_file_gets_a_fresh_address_when_somebody_asks() {
    let (world, message, ..) = picture().await;
    assert_eq!(world.database.text(URL).await, "https://scontent.fbcdn.net/old.png");
    ask(&world, world.account.get(), message).await;
    let fresh = wait_for("a fresh address", LIMIT, async || {
        let url = world.database.text(URL).await;
        Poll::when((!url.ends_with("/old.png")).then_some(url.clone()), url)
    })
    .await;
    assert!(fresh.starts_with(world.graph.base_url()), "{fresh}");
    let counts = world.sim("GET", "calls/counts", Value::Null).await;
    assert!(counts["total"].as_u64().unwrap() >= 1, "{counts}");
}

#[tokio::test]
async fn messages_of_others_and_messages_that_are_gone_are_not_asked_for() {
    let (mut world, message, mid, page) = picture().await;
    let other = world.rows.account("Another account").await;
    let mut facts = world.facts(MediaRefreshed::TYPE).await;
    let mut outcome = async |world: &World, account: i64, message: i64| {
        ask(world, account, message).await;
        let Some(Live::Message(fact)) = facts.recv().await else { panic!("the broker went away") };
        let fact: MediaRefreshed = fact.decode().unwrap();
        assert_eq!((fact.account_id, fact.message_id), (account, message));
        fact.outcome()
    };
    let ours = world.account.get();
    assert_eq!(outcome(&world, other.get(), message).await, Outcome::Gone);
    assert_eq!(outcome(&world, ours, 999_999_999).await, Outcome::Gone);
    let deleted = format!(
        "insert into message_changes (account_id, connection_id, mid, deleted_at)
         select account_id, connection_id, mid, now() from messages where mid = '{mid}'"
    );
    world.database.execute(&deleted).await;
    assert_eq!(outcome(&world, ours, message).await, Outcome::Gone);
    assert_eq!(world.database.text(URL).await, "https://scontent.fbcdn.net/old.png");
    let asked = world.sim("GET", "calls", Value::Null).await.to_string();
    assert!(!asked.contains("attachments"), "{asked}");

    // Now Facebook says so itself, which says nothing of the Page.
    world.database.execute("delete from message_changes").await;
    world.sim("PATCH", &format!("pages/{page}/messages/{mid}"), json!({"deleted": true})).await;
    assert_eq!(outcome(&world, ours, message).await, Outcome::Gone);
    let connected = "select count(*) from connections where state = 'connected'";
    assert_eq!(world.number(connected).await, 1);
    world.sim("POST", "tokens/kill", json!({"page": page, "reason": "role_lost"})).await;
    assert_eq!(outcome(&world, ours, message).await, Outcome::Refused);
    assert_eq!(world.number(connected).await, 0);
}
