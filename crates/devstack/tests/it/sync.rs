//! C: sync.

use pagekeeper_devstack::api::Api;
use pagekeeper_devstack::demo;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{System, all};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cron_route_syncs_what_changed_and_a_pages_status_tells_it() {
    // C5, C7
    let system = System::start().await;
    let browser = system.logged_in(demo::PERSON).await;
    let page = all(&browser, "/api/connections").await.first().cloned().unwrap();
    let (id, page_id) = (page["id"].as_i64().unwrap(), page["page_id"].as_str().unwrap());

    system.settled().await;
    // A message whose webhook never comes.
    system.simulator.put("/_sim/webhooks", &json!({ "paused": true })).await.unwrap();
    let missed = json!({ "customer_name": "Missed", "text": "nobody told you" });
    system.simulator.post(&format!("/_sim/pages/{page_id}/messages"), &missed).await.unwrap();

    let refused = Api::with_token(&system.gateway(), "wrong").unwrap().get("/api/cron/sync-all-pages").await.unwrap();
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let cron = Api::with_token(&system.gateway(), &system.stack.secrets().cron_secret).unwrap();
    let answer = cron.get("/api/cron/sync-all-pages").await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body["success"], true);
    // Three Pages, and the Instagram account of one of them.
    assert_eq!(answer.body["pages"], 4);
    assert_eq!(answer.body["successCount"], 4);
    assert_eq!(answer.body["totalSynced"], 1);
    assert_eq!(answer.body["message"], "Synced 1 conversations across 4 page(s)");

    let status = browser.get_ok(&format!("/api/facebook/pages/{id}/sync-status")).await.unwrap();
    assert_eq!(status["page"]["id"], id);
    let conversations = status["statistics"]["total_conversations"].as_i64().unwrap();
    let counted =
        system.database.number(&format!("select count(*) from conversations where connection_id = {id}")).await;
    assert_eq!(conversations, counted);
    assert!(status["statistics"]["syncs_last_24h"].as_i64().unwrap() >= 2);
    system.stack.stop().await.unwrap();
}
