//! C1–C6, E1: anything is pulled from Facebook, all of it or one part, and pushed, through all services.

use pagekeeper_devstack::demo;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{System, all};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_part_of_a_page_is_pulled_by_its_route_and_its_fields_are_pushed() {
    let system = System::start().await;
    let browser = system.logged_in(demo::PERSON).await;
    system.settled().await;
    let connections = all(&browser, "/api/connections").await;
    let page = connections.iter().find(|one| one["connection_type"] == "facebook").cloned().unwrap();
    let (id, page_id) = (page["id"].as_i64().unwrap(), page["page_id"].as_str().unwrap().to_owned());
    let conversation =
        all(&browser, &format!("/api/conversations?connection_id={id}")).await[0]["id"].as_i64().unwrap();
    // From here on Facebook tells nothing by itself.
    system.simulator.put("/_sim/webhooks", &json!({ "paused": true })).await.unwrap();
    let pull = async |path: String| -> Value {
        let answer = browser.post(&path, &json!({})).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        assert_eq!(answer.body["success"], true, "{path}");
        answer.body
    };

    // C1
    let changed = json!({ "profile": { "about": "Open late" } });
    system.simulator.patch(&format!("/_sim/pages/{page_id}"), &changed).await.unwrap();
    let details = pull(format!("/api/facebook/pages/{id}/sync-from-facebook")).await;
    assert_eq!((&details["page_id"], &details["page"]["about"]), (&json!(id), &json!("Open late")));
    // C3
    let contacts = pull(format!("/api/facebook/pages/{id}/sync-contacts-from-facebook")).await;
    let conversations = format!("select count(*) from conversations where connection_id = {id}");
    assert_eq!(contacts["synced_count"], system.database.number(&conversations).await);
    // C2
    let messages = pull(format!("/api/facebook/conversations/{conversation}/sync-messages-from-facebook")).await;
    let stored = format!("select count(*) from messages where conversation_id = {conversation}");
    assert_eq!(messages["synced_count"], system.database.number(&stored).await);
    // C4
    let status = pull(format!("/api/facebook/conversations/{conversation}/sync-status-from-facebook")).await;
    assert!(status["status"]["unread_count"].is_number() && status["status"]["can_reply"].is_boolean(), "{status}");
    // C6
    let missed = json!({ "customer_name": "Missed", "text": "nobody told you", "count": 30 });
    system.simulator.post(&format!("/_sim/pages/{page_id}/messages"), &missed).await.unwrap();
    let full = pull(format!("/api/facebook/pages/{id}/full-sync-from-facebook?wait=120")).await;
    let results = &full["sync_results"];
    assert_eq!(results["page_details"]["about"], "Open late");
    assert_eq!(results["contacts"]["synced_count"], system.database.number(&conversations).await);
    assert_eq!(results["conversations"][0]["messages_synced"], 30);
    let told: i64 =
        results["conversations"].as_array().unwrap().iter().map(|one| one["messages_synced"].as_i64().unwrap()).sum();
    assert_eq!(
        told,
        system.database.number(&format!("select count(*) from messages where connection_id = {id}")).await
    );

    // E1
    let update = format!("/api/facebook/pages/{id}/update-to-facebook");
    let pushed = browser
        .put(&update, &json!({ "about": "Closed on Mondays", "website": "https://nord.example" }))
        .await
        .unwrap();
    assert_eq!((pushed.status, &pushed.body["page"]["about"]), (StatusCode::OK, &json!("Closed on Mondays")));
    let there = system.simulator.get(&format!("/_sim/pages/{page_id}")).await.unwrap();
    assert_eq!(there["profile"]["about"], "Closed on Mondays");
    let refused = browser.put(&update, &json!({ "phone": "call me", "about": "Open" })).await.unwrap();
    assert_eq!(
        (refused.status, &refused.body["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("phone"))
    );
    system.stack.stop().await.unwrap();
}
