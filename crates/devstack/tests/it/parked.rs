//! C9, I5: what no further try can help is parked, and a person sees it, replays it, drops it.

use lapin::options::BasicPublishOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Connection, ConnectionProperties};
use pagekeeper_devstack::api::Api;
use pagekeeper_devstack::demo;
use pagekeeper_testkit::{Poll, wait_for};
use serde_json::{Value, json};

use crate::support::{LIMIT, System, all};

/// Waits until the list holds one entry that differs from `before`.
async fn one_parked(api: &Api, path: &str, before: &Value) -> Value {
    wait_for("one parked message", LIMIT, async || {
        let list = api.get_ok(path).await.unwrap();
        let entries = list["data"].as_array().unwrap();
        let found = (entries.len() == 1 && entries[0] != *before).then(|| entries[0].clone());
        Poll::when(found, list.to_string())
    })
    .await
}

/// A command of this account whose body nobody can read.
async fn send_poison(system: &System, account: i64) {
    let connection = Connection::connect(&system.vhost.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let mut headers = FieldTable::default();
    headers.insert("pk-account-id".into(), AMQPValue::LongLongInt(account));
    let properties = BasicProperties::default()
        .with_type("sync.page".into())
        .with_message_id("0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e11".into())
        .with_headers(headers);
    let options = BasicPublishOptions::default();
    let sent = channel.basic_publish("commands".into(), "sync.page".into(), options, b"\xff\xff", properties);
    sent.await.unwrap().await.unwrap();
    connection.close(200, "sent".into()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn poison_is_parked_seen_replayed_and_dropped() {
    let system = System::start().await;
    let linh = system.logged_in(demo::PERSON).await;
    system.settled().await;
    let account = linh.get_ok("/api/me").await.unwrap()["account"]["id"].as_i64().unwrap();
    send_poison(&system, account).await;
    let parked = one_parked(&linh, "/api/parked", &Value::Null).await;
    assert_eq!((&parked["queue"], &parked["reason"]), (&json!("commands.background"), &json!("not a command")));
    let id = parked["id"].as_str().unwrap();
    assert_eq!(linh.get_ok(&format!("/api/parked/{id}")).await.unwrap()["content"], Value::Null);

    // A replay of what is broken comes back, as the same message.
    linh.post(&format!("/api/parked/{id}/replay"), &json!({})).await.unwrap();
    let again = one_parked(&linh, "/api/parked", &parked).await;
    assert_eq!((&again["id"], &again["first_failed_at"]), (&parked["id"], &parked["first_failed_at"]));
    let dropped = linh.post("/api/parked/drop", &json!({"queue": "commands.background"})).await.unwrap();
    assert_eq!(dropped.body["dropped"], 1);

    // A webhook of a shape that nobody knows goes to quarantine, and back to it.
    let page = all(&linh, "/api/connections").await[0]["page_id"].as_str().unwrap().to_owned();
    let raw = json!({ "page": page, "messaging": { "sender": 7, "recipient": { "id": page }, "message": [] } });
    system.simulator.post("/_sim/webhooks/raw", &raw).await.unwrap();
    let kept = one_parked(&linh, "/api/parked?queue=quarantine", &Value::Null).await;
    assert_eq!((&kept["reason"], &kept["page"]["page_id"]), (&json!("not_understood"), &json!(page)));
    linh.post(&format!("/api/parked/{}/replay", kept["id"].as_str().unwrap()), &json!({})).await.unwrap();
    let again = one_parked(&linh, "/api/parked?queue=quarantine", &kept).await;
    assert_eq!(again["reason"], "not_understood");
    let dropped = linh.post("/api/parked/drop", &json!({"all": true})).await.unwrap();
    assert_eq!(dropped.body["dropped"], 1);
    assert_eq!(linh.get_ok("/api/parked").await.unwrap()["data"], json!([]));
    system.stack.stop().await.unwrap();
}
