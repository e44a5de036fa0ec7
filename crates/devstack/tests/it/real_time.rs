//! D: real time.

use std::time::Instant;

use futures_util::StreamExt as _;
use pagekeeper_devstack::api::Api;
use pagekeeper_devstack::demo;
use pagekeeper_testkit::{Poll, wait_for};
use serde_json::{Value, json};

use crate::support::{LIMIT, System, all};

pub(crate) async fn connected_page(api: &Api) -> (i64, String) {
    let connections = all(api, "/api/connections").await;
    let connection = connections.iter().find(|connection| connection["connection_type"] == "facebook").unwrap();
    (connection["id"].as_i64().unwrap(), connection["page_id"].as_str().unwrap().to_owned())
}

/// The newest conversation of the list, once it holds `text`.
pub(crate) async fn on_top(api: &Api, text: &str) -> Value {
    wait_for("the message on top of the inbox", LIMIT, async || {
        let list = api.get_ok("/api/conversations?limit=1").await.unwrap();
        let top = list["data"][0].clone();
        let status = top.to_string();
        Poll::when((top["snippet"] == text).then_some(top), status)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_customers_message_appears_with_an_event_and_the_name_follows() {
    // D1, D2, D4
    let system = System::start().await;
    let browser = system.logged_in(demo::PERSON).await;
    let (_, page) = connected_page(&browser).await;
    let mut events = browser.stream("/api/events").await.unwrap().bytes_stream();
    // The stream has begun: its first bytes are there.
    let first = events.next().await.unwrap().unwrap();
    assert!(!first.is_empty());

    let sent = Instant::now();
    let customer = json!({ "customer_name": "Åse Nguyễn", "text": "Har I åbent på søndag?" });
    system.simulator.post(&format!("/_sim/pages/{page}/messages"), &customer).await.unwrap();
    let event = tokio::time::timeout(LIMIT, async {
        let mut seen = String::new();
        while !seen.contains("event: conversation") {
            seen.push_str(&String::from_utf8_lossy(&events.next().await.unwrap().unwrap()));
        }
        seen
    })
    .await
    .unwrap();
    println!("webhook to event: {:?}", sent.elapsed());
    assert!(event.contains("conversation_ids"));

    let top = on_top(&browser, "Har I åbent på søndag?").await;
    assert_eq!(top["unread_count"], 1);
    let contact = top["contact"]["id"].as_i64().unwrap();
    let named = wait_for("the contact's name", LIMIT, async || {
        let contact = browser.get_ok(&format!("/api/contacts/{contact}")).await.unwrap();
        Poll::when(contact["name"].as_str().map(str::to_owned), contact.to_string())
    })
    .await;
    assert_eq!(named, "Åse Nguyễn");
    system.stack.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn order_and_unread_are_right_whatever_order_webhooks_come_in_and_however_often() {
    // D3
    let system = System::start().await;
    let browser = system.logged_in(demo::PERSON).await;
    let (_, page) = connected_page(&browser).await;
    let chaos = json!({ "duplicate_percent": 50, "reorder_percent": 50 });
    system.simulator.put("/_sim/webhooks", &chaos).await.unwrap();
    let first = json!({ "customer_name": "Bo", "text": "one" });
    let answer = system.simulator.post(&format!("/_sim/pages/{page}/messages"), &first).await.unwrap();
    let psid = answer["psid"].as_str().unwrap().to_owned();
    for text in ["two", "three", "four", "five", "six"] {
        let message = json!({ "psid": psid, "text": text });
        system.simulator.post(&format!("/_sim/pages/{page}/messages"), &message).await.unwrap();
    }
    let top = on_top(&browser, "six").await;
    let id = top["id"].as_i64().unwrap();
    let texts = wait_for("all six", LIMIT, async || {
        let messages = all(&browser, &format!("/api/conversations/{id}/messages")).await;
        let texts: Vec<String> = messages.iter().filter_map(|m| m["text"].as_str().map(str::to_owned)).collect();
        let status = format!("{texts:?}");
        Poll::when((texts.len() == 6).then_some(texts), status)
    })
    .await;
    assert_eq!(texts, ["six", "five", "four", "three", "two", "one"]);
    let conversation = browser.get_ok(&format!("/api/conversations/{id}")).await.unwrap();
    assert_eq!(conversation["unread_count"], 6);

    // The Page's own answer, typed in Facebook's inbox, reads everything before it.
    let reply = json!({ "psid": psid, "text": "seven, from us" });
    system.simulator.post(&format!("/_sim/pages/{page}/replies"), &reply).await.unwrap();
    let top = on_top(&browser, "seven, from us").await;
    assert_eq!(top["unread_count"], 0);
    assert_eq!(top["last_message_from_page"], true);
    system.stack.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_connected_later_gets_what_was_written_before() {
    // D5, D6: kept in quarantine, and replayed when the Page is connected.
    let system = System::start().await;
    let linh = system.logged_in(demo::PERSON).await;
    let (connection, page) = connected_page(&linh).await;
    linh.post(&format!("/api/connections/{connection}/disconnect"), &json!({})).await.unwrap();
    let raw = json!({ "page": page, "messaging": {
        "sender": { "id": "990000000000001" }, "recipient": { "id": page }, "timestamp": 1_790_000_000_123_i64,
        "message": { "mid": "m_while_disconnected", "text": "is anybody there?" } } });
    system.simulator.post("/_sim/webhooks/raw", &raw).await.unwrap();
    wait_for("the quarantine", LIMIT, async || {
        let kept = system.database.number("select count(*) from quarantine where reason = 'page_not_connected'").await;
        Poll::when((kept == 1).then_some(()), format!("{kept} kept"))
    })
    .await;
    let mut again = linh.clone();
    let next = again.log_in(&system.simulator, demo::PERSON).await.unwrap();
    system.run_ended(&again, next.rsplit('/').next().unwrap()).await;
    let stored = "select count(*) from messages where mid = 'm_while_disconnected'";
    wait_for("the replay", LIMIT, async || {
        let stored = system.database.number(stored).await;
        Poll::when((stored == 1).then_some(()), format!("{stored} stored"))
    })
    .await;
    assert_eq!(system.database.number("select count(*) from quarantine").await, 0);
    system.stack.stop().await.unwrap();
}
