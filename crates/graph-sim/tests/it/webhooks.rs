//! Webhooks: who gets them, how they are signed, and what happens when nobody answers.

use std::collections::HashMap;
use std::time::Duration;

use pagekeeper_graph_sim::{ClockMode, SimConfig, WorldConfig};
use ring::hmac;
use serde_json::{Value, json};

use crate::support::receiver::{Receiver, wait};
use crate::support::{TestSim, simple, start, text};

const HOUR_MS: i64 = 3_600_000;

fn signature(sim: &TestSim, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, sim.running.app_secret().as_bytes());
    format!("sha256={}", hex::encode(hmac::sign(&key, body)))
}

async fn subscribed() -> (TestSim, Receiver, String) {
    let sim = simple(2, 10, 2).await;
    let receiver = Receiver::start();
    let (page, token) = sim.first_page("Test Person").await;
    receiver.subscribe(&sim, &page, &token).await;
    (sim, receiver, page)
}

async fn write(sim: &TestSim, page: &str, text: &str, count: u32) -> Value {
    let customer = sim.control("GET", &format!("/pages/{page}/customers?limit=1"), json!({})).await[0]["psid"].clone();
    let body = json!({ "psid": customer, "text": text, "count": count });
    sim.control("POST", &format!("/pages/{page}/messages"), body).await
}

#[tokio::test]
async fn a_message_arrives_signed_over_its_escaped_bytes() {
    let (sim, receiver, page) = subscribed().await;
    let sent = write(&sim, &page, "äöå https://ex.am/a 🎉", 1).await;
    let delivered = receiver.wait_for(1).await.remove(0);
    assert!(delivered.body.is_ascii());
    let raw = String::from_utf8(delivered.body.clone()).unwrap();
    assert!(raw.contains(r"\u00e4\u00f6\u00e5 https:\/\/ex.am\/a \ud83c\udf89"), "{raw}");
    assert_eq!(delivered.signature, Some(signature(&sim, &delivered.body)));

    let body = delivered.json();
    assert_eq!(body["object"], "page");
    let entry = &body["entry"][0];
    assert_eq!(entry["id"], page.as_str());
    assert!(entry["time"].as_i64().unwrap() > 1_000_000_000_000, "milliseconds");
    let message = &entry["messaging"][0];
    assert_eq!(message["sender"]["id"], sent["psid"]);
    assert_eq!(message["recipient"]["id"], page.as_str());
    assert_eq!(message["timestamp"], sent["messages"][0]["timestamp"]);
    assert_eq!(message["message"]["mid"], sent["messages"][0]["mid"]);
    assert_eq!(message["message"]["text"], "äöå https://ex.am/a 🎉");
}

#[tokio::test]
async fn an_answer_from_the_page_inbox_is_an_echo() {
    let (sim, receiver, page) = subscribed().await;
    let customer = sim.control("GET", &format!("/pages/{page}/customers?limit=1"), json!({})).await[0]["psid"].clone();
    let body = json!({ "psid": customer, "text": "we are open" });
    sim.control("POST", &format!("/pages/{page}/replies"), body).await;
    let echo = receiver.wait_for(1).await[0].entries()[0]["messaging"][0].clone();
    assert_eq!((&echo["sender"]["id"], &echo["recipient"]["id"]), (&json!(page), &customer));
    assert_eq!(echo["message"]["is_echo"], true);
    assert!(echo["message"]["app_id"].is_number());
}

#[tokio::test]
async fn the_callback_must_return_the_challenge() {
    let sim = simple(1, 1, 1).await;
    let receiver = Receiver::start();
    let path = format!("/v25.0/{}/subscriptions", sim.running.app_id());
    let mut wrong = receiver.subscription(&sim, "messages");
    wrong[3] = ("verify_token", "another token");
    assert_eq!(sim.post(&path, &wrong).await.error(), (2200, None));
    assert_eq!(sim.get(&path, &[("access_token", &sim.app_token())]).await.json(), json!({ "data": [] }));
    assert_eq!(sim.post(&path, &receiver.subscription(&sim, "messages,nonsense")).await.error(), (100, None));
    let user = sim.user_token("Test Person").await;
    let mut with_user_token = receiver.subscription(&sim, "messages");
    with_user_token[4] = ("access_token", &user);
    assert_eq!(sim.post(&path, &with_user_token).await.error(), (15, None));

    assert_eq!(sim.post(&path, &receiver.subscription(&sim, "messages")).await.json()["success"], true);
    let listed = sim.get(&path, &[("access_token", &sim.app_token())]).await.json()["data"][0].clone();
    assert_eq!(listed["callback_url"], receiver.url.as_str());
    assert_eq!(listed["fields"][0]["name"], "messages");
    let gone = sim.delete(&path, &[("object", "page"), ("access_token", &sim.app_token())]).await;
    assert_eq!(gone.json()["success"], true);
    assert_eq!(sim.get(&path, &[("access_token", &sim.app_token())]).await.json(), json!({ "data": [] }));
}

#[tokio::test]
async fn only_subscribed_pages_and_fields_are_told_of() {
    let (sim, receiver, page) = subscribed().await;
    let people = sim.control("GET", "/people", json!({})).await;
    let other = text(&people[0]["pages"][1]["id"]);
    write(&sim, &other, "nobody hears this", 1).await;
    let token = sim.first_page("Test Person").await.1;
    let path = format!("/v25.0/{page}/subscribed_apps");
    let installed = sim.get(&path, &[("access_token", &token)]).await.json();
    assert_eq!(installed["data"][0]["subscribed_fields"], json!(["messages", "message_echoes"]));
    assert_eq!(sim.delete(&path, &[("access_token", &token)]).await.json()["success"], true);
    assert_eq!(sim.get(&path, &[("access_token", &token)]).await.json(), json!({ "data": [] }));
    write(&sim, &page, "nor this", 1).await;
    let unknown = [("subscribed_fields", "messages,nonsense"), ("access_token", token.as_str())];
    assert_eq!(sim.post(&path, &unknown).await.error(), (100, None));
    let again = [("subscribed_fields", "messages"), ("access_token", token.as_str())];
    sim.post(&path, &again).await;
    write(&sim, &page, "but this", 1).await;
    let got = receiver.wait_for(1).await;
    assert_eq!(got[0].entries()[0]["messaging"][0]["message"]["text"], "but this");
}

#[tokio::test]
async fn what_waits_travels_together_in_order_one_message_per_entry() {
    let (sim, receiver, page) = subscribed().await;
    sim.control("PUT", "/webhooks", json!({ "paused": true, "max_entries": 20 })).await;
    write(&sim, &page, "message", 50).await;
    assert_eq!(sim.control("GET", "/webhooks", json!({})).await["queue"]["pending"], 50);
    sim.control("PUT", "/webhooks", json!({ "paused": false })).await;
    wait("all entries", || receiver.entries().len() == 50).await;
    assert_eq!(receiver.got().len(), 3);
    let texts: Vec<_> =
        receiver.entries().iter().map(|entry| text(&entry["messaging"][0]["message"]["text"])).collect();
    let expected: Vec<_> = (1..=50).map(|number| format!("message {number}")).collect();
    assert_eq!(texts, expected);
    assert!(receiver.entries().iter().all(|entry| entry["messaging"].as_array().unwrap().len() == 1));
}

#[tokio::test]
async fn a_failed_delivery_is_tried_again_with_the_same_bytes() {
    let (sim, receiver, page) = subscribed().await;
    receiver.answer(500);
    write(&sim, &page, "again and again", 1).await;
    receiver.wait_for(3).await;
    waiting(&sim, 1).await;
    receiver.answer(200);
    sim.control("POST", "/clock/advance", json!({ "seconds": 20 })).await;
    let got = receiver.wait_for(4).await;
    assert!(got.windows(2).all(|pair| pair[0].body == pair[1].body && pair[0].signature == pair[1].signature));
    let ledger = settled(&sim, 4).await;
    let outcomes: Vec<_> = ledger.as_array().unwrap().iter().map(|delivery| text(&delivery["outcome"])).collect();
    assert_eq!(outcomes, ["refused", "refused", "refused", "delivered"]);
    assert_eq!(ledger[3]["attempt"], 4);
}

/// The ledger once it has so many deliveries: the receiver knows of each a moment earlier.
async fn settled(sim: &TestSim, count: usize) -> Value {
    for _ in 0..500 {
        let ledger = sim.control("GET", "/webhooks/deliveries", json!({})).await;
        if ledger.as_array().unwrap().len() >= count {
            return ledger;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("fewer than {count} deliveries");
}

/// Until so many entries wait for a later try.
async fn waiting(sim: &TestSim, count: u64) {
    for _ in 0..500 {
        if sim.control("GET", "/webhooks", json!({})).await["queue"]["waiting"] == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("fewer than {count} entries wait");
}

#[tokio::test]
async fn a_slow_receiver_counts_as_failed() {
    let (sim, receiver, page) = subscribed().await;
    sim.control("PUT", "/webhooks", json!({ "timeout_ms": 200, "immediate_retries": 0 })).await;
    receiver.stall(Duration::from_secs(5));
    write(&sim, &page, "slow", 1).await;
    assert_eq!(settled(&sim, 1).await[0]["outcome"], "timed_out");
}

#[tokio::test]
async fn after_an_hour_of_failure_the_page_is_unsubscribed() {
    let clock = ClockMode::Explicit { start_ms: 1_790_000_000_000 };
    let sim = start(SimConfig { clock, world: WorldConfig::simple(2, 5, 1), ..SimConfig::default() }).await;
    let receiver = Receiver::start();
    let (page, token) = sim.first_page("Test Person").await;
    receiver.subscribe(&sim, &page, &token).await;
    receiver.stop().await;
    write(&sim, &page, "lost", 1).await;

    let mut advanced = 0;
    let mut kinds = Vec::new();
    while !kinds.contains(&"disabled".to_owned()) {
        assert!(advanced < 3 * HOUR_MS, "still subscribed after {advanced} ms");
        sim.control("POST", "/clock/advance", json!({ "ms": 15_000 })).await;
        advanced += 15_000;
        tokio::time::sleep(Duration::from_millis(20)).await;
        let alerts = sim.control("GET", "/webhooks", json!({})).await["alerts"].clone();
        kinds = alerts.as_array().unwrap().iter().map(|alert| text(&alert["kind"])).collect();
    }
    assert!(advanced >= HOUR_MS, "unsubscribed after {advanced} ms already");
    assert_eq!(kinds, ["failing", "disabled"]);
    let state = sim.control("GET", &format!("/pages/{page}"), json!({})).await;
    assert_eq!(state["subscribed_fields"], json!([]));
}

#[tokio::test]
async fn duplicates_and_reordering_come_on_demand() {
    let (sim, receiver, page) = subscribed().await;
    let modes = json!({ "duplicate_percent": 30, "reorder_percent": 30, "max_entries": 5 });
    sim.control("PUT", "/webhooks", modes).await;
    write(&sim, &page, "n", 100).await;
    wait("all messages", || counts(&receiver).len() == 100).await;
    wait("duplicates", || counts(&receiver).values().filter(|count| **count > 1).count() > 5).await;
    let numbers: Vec<i64> =
        receiver.entries().iter().map(|entry| entry["messaging"][0]["timestamp"].as_i64().unwrap()).collect();
    assert!(!numbers.is_sorted(), "something was overtaken");
}

fn counts(receiver: &Receiver) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for entry in receiver.entries() {
        *counts.entry(text(&entry["messaging"][0]["message"]["mid"])).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn signatures_can_be_missing_wrong_or_over_other_bytes() {
    let (sim, receiver, page) = subscribed().await;
    for (number, mode) in ["missing", "wrong", "reserialized", "valid"].into_iter().enumerate() {
        sim.control("PUT", "/webhooks", json!({ "signature": mode })).await;
        write(&sim, &page, "ä", 1).await;
        let got = receiver.wait_for(number + 1).await.remove(number);
        assert_eq!(got.signature == Some(signature(&sim, &got.body)), mode == "valid", "{mode}");
        assert_eq!(got.signature.is_none(), mode == "missing");
    }
}

#[tokio::test]
async fn any_bytes_and_any_event_can_be_sent() {
    let (sim, receiver, page) = subscribed().await;
    let sent = sim.control("POST", "/webhooks/raw", json!({ "body": "not json {" })).await;
    assert_eq!(sent, json!({ "outcome": "delivered", "status": 200 }));
    let element = json!({ "sender": { "id": "1" }, "recipient": { "id": page }, "future": { "thing": 1 } });
    let body = json!({ "page": page, "messaging": element });
    sim.control("POST", "/webhooks/raw", body).await;
    let got = receiver.wait_for(2).await;
    assert_eq!(got[0].body, b"not json {");
    assert_eq!(got[0].signature, Some(signature(&sim, b"not json {")));
    assert_eq!(got[1].entries()[0]["messaging"][0]["future"]["thing"], 1);
}

#[tokio::test]
async fn what_is_no_message_is_tried_for_longer_and_ends_no_subscription() {
    let sim = simple(1, 1, 1).await;
    let receiver = Receiver::start();
    let (page, token) = sim.first_page("Test Person").await;
    receiver.subscribe_to(&sim, &page, &token, "feed").await;
    receiver.answer(500);
    let post = [("message", "New menu"), ("access_token", token.as_str())];
    sim.post(&format!("/v25.0/{page}/feed"), &post).await;
    receiver.wait_for(3).await;
    // The next try is due from the end of the last one, which may not have come yet: so the clock goes on until it is here.
    let next_try = async || {
        let before = receiver.got().len();
        let try_comes = async {
            while receiver.got().len() == before {
                sim.control("POST", "/clock/advance", json!({ "seconds": 60 })).await;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), try_comes).await.expect("it is tried again");
    };
    for _ in 0..8 {
        next_try().await;
    }
    let state = sim.control("GET", &format!("/pages/{page}"), json!({})).await;
    assert_eq!(state["subscribed_fields"], json!(["feed"]), "more than an hour later");
    receiver.answer(200);
    next_try().await;
}
