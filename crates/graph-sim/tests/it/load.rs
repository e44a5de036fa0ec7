//! Load on demand.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::receiver::{Receiver, wait};
use crate::support::{TestSim, simple, text};

#[tokio::test]
async fn every_message_of_a_load_is_in_its_ledger_and_arrives() {
    let sim = simple(3, 50, 2).await;
    let receiver = Receiver::start();
    let token = sim.user_token("Test Person").await;
    for page in sim.get("/v25.0/me/accounts", &[("access_token", &token)]).await.json()["data"].as_array().unwrap() {
        receiver.subscribe(&sim, &text(&page["id"]), &text(&page["access_token"])).await;
    }
    let plan = json!({ "total": 2_000, "new_customers_percent": 5, "echo_percent": 10, "duplicate_percent": 10, "reorder_percent": 10 });
    let id = sim.control("POST", "/load", plan).await["id"].clone();
    loop {
        let progress = sim.control("GET", &format!("/load/{id}"), json!({})).await;
        if progress["state"] == "done" {
            assert_eq!(progress["sent"], 2_000);
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ledger = sim.get(&format!("/_sim/load/{id}/ledger"), &[]).await.text;
    let lines: Vec<Value> = ledger.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sent: HashSet<_> = lines.iter().map(|line| text(&line["mid"])).collect();
    assert_eq!(sent.len(), 2_000, "no mid twice");
    assert!(lines.iter().any(|line| line["from_page"] == true));
    let got = || -> HashSet<String> {
        receiver.entries().iter().map(|entry| text(&entry["messaging"][0]["message"]["mid"])).collect()
    };
    wait("the whole load", || receiver.entries().len() >= 2_000).await;
    wait("the last of it", || got() == sent).await;
}

#[tokio::test]
async fn a_rate_is_kept_and_a_load_can_be_stopped() {
    let sim = simple(1, 50, 2).await;
    let (page, _) = sim.first_page("Test Person").await;
    let started = Instant::now();
    let plan = json!({ "total": 100_000, "rate": 200, "pages": [page] });
    let id = sim.control("POST", "/load", plan).await["id"].clone();
    while sent(&sim, &id).await < 50 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    sim.control("DELETE", &format!("/load/{id}"), json!({})).await;
    let most = 2 + u64::try_from(started.elapsed().as_millis()).unwrap() / 5;
    let sent = sent(&sim, &id).await;
    assert!(sent <= most, "{sent} sent, {most} allowed");
    let none = sim.send(sim.http.post(sim.url("/_sim/load")).json(&json!({ "total": 0 }))).await;
    assert_eq!(none.status, 400);
}

async fn sent(sim: &TestSim, id: &Value) -> u64 {
    sim.control("GET", &format!("/load/{id}"), json!({})).await["sent"].as_u64().unwrap()
}
