//! What outlives the process.

use std::path::Path;

use pagekeeper_graph_sim::{GraphSim, SimConfig, StartError, WorldConfig};
use serde_json::json;

use crate::support::receiver::{Receiver, wait};
use crate::support::{TestSim, start, text};

fn config(journal: &Path) -> SimConfig {
    let world = WorldConfig::simple(2, 20, 3);
    SimConfig { world, journal: Some(journal.to_owned()), enforce_limits: false, ..SimConfig::default() }
}

async fn conversations(sim: &TestSim, page: &str, token: &str) -> serde_json::Value {
    let fields = "id,updated_time,unread_count,participants,messages{id,created_time,message,from}";
    sim.get(&format!("/v25.0/{page}/conversations"), &[("fields", fields), ("access_token", token)]).await.json()["data"].clone()
}

fn without_addresses(value: &serde_json::Value) -> String {
    let mut value = value.clone();
    for conversation in value.as_array_mut().unwrap() {
        conversation["messages"]["paging"] = json!(null);
    }
    value.to_string()
}

#[tokio::test]
async fn a_restart_keeps_tokens_subscriptions_messages_and_time() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("sim.journal");
    let sim = start(config(&journal)).await;
    let receiver = Receiver::start();
    let (page, token) = sim.first_page("Test Person").await;
    receiver.subscribe(&sim, &page, &token).await;
    let dead = sim.user_token("Test Person").await;
    sim.control("POST", "/tokens/kill", json!({ "access_token": dead, "reason": "password_changed" })).await;
    let path = format!("/pages/{page}/messages");
    let new = sim.control("POST", &path, json!({ "customer_name": "Ada Lovelace", "text": "hi ä" })).await;
    sim.control("POST", &format!("/pages/{page}/replies"), json!({ "psid": new["psid"], "text": "hello" })).await;
    sim.control("POST", &path, json!({ "psid": new["psid"], "text": "thanks" })).await;
    sim.control("PATCH", &format!("/pages/{page}"), json!({ "name": "Renamed" })).await;
    sim.control("POST", "/clock/advance", json!({ "seconds": 86_400 })).await;
    let before = conversations(&sim, &page, &token).await;
    sim.running.stop().await;

    for _ in 0..2 {
        let sim = start(config(&journal)).await;
        assert_eq!(without_addresses(&conversations(&sim, &page, &token).await), without_addresses(&before));
        assert_eq!(sim.get("/v25.0/me", &[("access_token", &token)]).await.json()["name"], "Renamed");
        assert_eq!(sim.get("/v25.0/me", &[("access_token", &dead)]).await.error(), (190, Some(460)));
        let (_, again) = sim.first_page("Test Person").await;
        assert_ne!(again, token, "another login gives another token");
        let now = sim.control("GET", "/clock", json!({})).await["now_ms"].as_i64().unwrap();
        assert!(now > chrono::Utc::now().timestamp_millis() + 86_000_000);
        sim.running.stop().await;
    }

    let sim = start(config(&journal)).await;
    let sent = sim.control("POST", &path, json!({ "psid": new["psid"], "text": "after the restart" })).await;
    let mid = text(&sent["messages"][0]["mid"]);
    let arrived = || receiver.entries().iter().any(|entry| entry["messaging"][0]["message"]["mid"] == mid.as_str());
    wait("the webhook after the restart", arrived).await;
}

#[tokio::test]
async fn a_torn_last_line_is_left_out_and_another_damaged_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("sim.journal");
    let sim = start(config(&journal)).await;
    let (page, token) = sim.first_page("Test Person").await;
    sim.running.stop().await;
    let whole = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, format!("{whole}{{\"event\":\"message_se")).unwrap();
    let sim = start(config(&journal)).await;
    assert_eq!(sim.get(&format!("/v25.0/{page}"), &[("access_token", &token)]).await.status, 200);
    sim.running.stop().await;

    std::fs::write(&journal, format!("{{\"event\":\"wor\n{whole}")).unwrap();
    assert!(matches!(GraphSim::start(config(&journal)).await, Err(StartError::Journal(_))));
    std::fs::write(&journal, whole).unwrap();
    let mut other = config(&journal);
    other.world.seed = 2;
    let refused = GraphSim::start(other).await.unwrap_err();
    assert!(refused.to_string().contains("another seed"), "{refused}");
}

#[tokio::test]
async fn a_world_of_another_size_keeps_what_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("sim.journal");
    let sim = start(config(&journal)).await;
    let (page, token) = sim.first_page("Test Person").await;
    let body = json!({ "customer_name": "Ada Lovelace", "text": "still here?" });
    let sent = sim.control("POST", &format!("/pages/{page}/messages"), body).await;
    sim.running.stop().await;
    let grown = SimConfig { world: WorldConfig::simple(3, 40, 5), ..config(&journal) };
    let sim = start(grown).await;
    let path = format!("/v25.0/{}", text(&sent["messages"][0]["mid"]));
    let message = sim.get(&path, &[("fields", "message"), ("access_token", &token)]).await.json();
    assert_eq!(message["message"], "still here?");
}
