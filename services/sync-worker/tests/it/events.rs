//! Webhook events become contacts, conversations and messages.

use pagekeeper_bus::Outgoing;
use pagekeeper_contracts::v1::{ConnectionChanged, WebhookEntry};
use pagekeeper_graph_sim::{SimConfig, WorldConfig};

use crate::world::{World, echo, entry, message};

fn small() -> SimConfig {
    SimConfig { world: WorldConfig::simple(1, 0, 0), ..SimConfig::default() }
}

#[tokio::test]
async fn a_first_message_makes_the_contact_and_the_next_one_updates_it() {
    // D2
    let mut world = World::new(small()).await;
    world.rows.connection(world.account, "100").await;
    world.publish_entries(vec![message("100", "7", "m_1", 1_770_000_000_000, "Hej")]).await;
    world.count_is(1, "select count(*) from contacts where psid = '7'").await;
    world.count_is(1, "select count(*) from messages where mid = 'm_1' and text = 'Hej' and not from_page").await;
    world.publish_entries(vec![message("100", "7", "m_2", 1_770_000_060_000, "Er I der?")]).await;
    world.count_is(1, "select count(*) from conversations where snippet = 'Er I der?'").await;
    assert_eq!(world.number("select count(*) from contacts").await, 1);
    assert_eq!(world.number("select count(*) from messages").await, 2);
}

#[tokio::test]
async fn the_last_message_and_the_unread_count_are_right_in_any_order_and_however_often() {
    // D3
    let mut world = World::new(small()).await;
    let pages: Vec<String> = (100..106).map(|page| page.to_string()).collect();
    for page in &pages {
        world.rows.connection(world.account, page).await;
    }
    let events = |page: &str| -> Vec<WebhookEntry> {
        vec![
            message(page, "7", &format!("m_{page}_1"), 1_770_000_001_000, "one"),
            echo(page, "7", &format!("m_{page}_2"), 1_770_000_002_000, "answer"),
            message(page, "7", &format!("m_{page}_3"), 1_770_000_003_000, "three"),
            message(page, "7", &format!("m_{page}_4"), 1_770_000_003_000, "four, in the same moment"),
        ]
    };
    // Six Pages, six orders; each event three times, in bundles of different sizes.
    let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1], [3, 0, 1, 2], [0, 2, 1, 3]];
    for (page, order) in pages.iter().zip(orders) {
        let events = events(page);
        let ordered: Vec<_> = order.iter().map(|index| events[*index].clone()).collect();
        world.publish_entries(ordered.clone()).await;
        for event in ordered.iter().rev() {
            world.publish_entries(vec![event.clone(), event.clone()]).await;
        }
    }
    world.webhooks_are_stored("105").await;
    let right = "select count(*) from conversations c where psid = '7' and snippet = 'four, in the same moment'
        and not last_message_from_page and (select count(*) from messages m where m.conversation_id = c.id) = 4
        and (select count(*) from messages m where m.conversation_id = c.id and not from_page and sent_at > c.read_up_to) = 2";
    assert_eq!(world.number(right).await, 6);
    assert_eq!(world.number("select count(*) from contacts where psid = '7'").await, 6);
}

#[tokio::test]
async fn a_page_that_changes_hands_is_looked_up_anew() {
    // D5
    let mut world = World::new(small()).await;
    let old = world.rows.connection(world.account, "100").await;
    world.publish_entries(vec![message("100", "7", "m_1", 1_770_000_000_000, "for the first owner")]).await;
    world.count_is(1, "select count(*) from messages").await;

    let other = world.rows.account("Another account").await;
    world.database.execute("update connections set state = 'disconnected' where page_id = '100'").await;
    let new = world.rows.connection(other, "100").await;
    let fact = ConnectionChanged { account_id: other.get(), connection_id: new.get(), page_id: "100".to_owned() };
    world.publish(Outgoing::of(&fact)).await;
    // The fact and the webhooks travel on different queues: some may still reach the first owner.
    pagekeeper_testkit::wait_for("the new owner's first message", crate::world::LIMIT, async || {
        let mid = format!("m_{}", uuid::Uuid::new_v4().simple());
        world.publish_entries(vec![message("100", "8", &mid, 1_770_000_000_000, "for the second")]).await;
        world.count_is(1, &format!("select count(*) from messages where mid = '{mid}'")).await;
        let found = world.number(&format!("select count(*) from messages where account_id = {other}")).await;
        pagekeeper_testkit::Poll::when((found > 0).then_some(()), "still the first owner's")
    })
    .await;
    assert!(old != new);
}

#[tokio::test]
async fn an_attachment_is_a_named_chip_and_an_echo_is_the_pages() {
    let mut world = World::new(small()).await;
    world.rows.connection(world.account, "100").await;
    let file = serde_json::json!({"mid": "m_1", "attachments": [{"type": "file", "payload": {"url": "https://cdn.example/a/menu.pdf?x=1"}}],
        "reply_to": {"mid": "m_0"}});
    let file = serde_json::json!({"sender": {"id": "7"}, "recipient": {"id": "100"}, "timestamp": 1_770_000_000, "message": file});
    world.publish_entries(vec![entry("100", &file), echo("100", "7", "m_2", 1_770_000_001_000, "Tak!")]).await;
    world.webhooks_are_stored("100").await;
    let chip = r#"select count(*) from messages where mid = 'm_1' and attachments = '[{"type":"file","name":"menu.pdf"}]'
        and reply_to_mid = 'm_0' and sent_at = to_timestamp(1770000000)"#;
    assert_eq!(world.number(chip).await, 1);
    assert_eq!(
        world
            .number("select count(*) from messages where mid = 'm_2' and from_page and app_id = '263902037430900'")
            .await,
        1
    );
    assert_eq!(
        world
            .number("select count(*) from conversations where psid = '7' and read_up_to = to_timestamp(1770000001)")
            .await,
        1
    );
}
