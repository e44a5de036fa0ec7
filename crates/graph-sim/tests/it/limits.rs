//! Rate limits and the headers that tell of them.

use pagekeeper_graph_sim::{ClockMode, SimConfig, WorldConfig};
use serde_json::{Value, json};

use crate::support::{TestSim, demo, start};

async fn limited() -> TestSim {
    let clock = ClockMode::Explicit { start_ms: 1_790_000_000_000 };
    start(SimConfig { clock, world: WorldConfig::simple(2, 10, 2), ..SimConfig::default() }).await
}

#[tokio::test]
async fn conversations_are_limited_to_two_calls_a_second_per_page() {
    let sim = limited().await;
    let (page, token) = sim.first_page("Test Person").await;
    let path = format!("/v25.0/{page}/conversations");
    let query = [("access_token", token.as_str())];
    for _ in 0..4 {
        assert_eq!(sim.get(&path, &query).await.status, 200);
    }
    assert_eq!(sim.get(&path, &query).await.error(), (613, None));
    // What was refused costs too.
    sim.control("POST", "/clock/advance", json!({ "ms": 500 })).await;
    assert_eq!(sim.get(&path, &query).await.error(), (613, None));
    sim.control("POST", "/clock/advance", json!({ "ms": 1_500 })).await;
    assert_eq!(sim.get(&path, &query).await.status, 200);
    let other_calls = sim.get(&format!("/v25.0/{page}"), &query).await;
    assert_eq!(other_calls.status, 200, "only the Conversations API has this limit");
}

#[tokio::test]
async fn a_page_without_engaged_users_runs_out_of_messenger_calls() {
    let sim = limited().await;
    let (page, token) = sim.first_page("Test Person").await;
    sim.control("PATCH", &format!("/pages/{page}"), json!({ "engaged_users": 1 })).await;
    sim.control("PUT", "/limits", json!({ "messenger_calls_per_engaged_user": 10, "conversations_burst": 100 })).await;
    let path = format!("/v25.0/{page}/conversations");
    let mut last = sim.get(&path, &[("access_token", &token)]).await;
    let mut usage = Vec::new();
    while last.status == 200 {
        let header: Value = serde_json::from_str(last.header("x-business-use-case-usage")).unwrap();
        assert_eq!(header[&page][0]["type"], "messenger");
        usage.push(header[&page][0]["call_count"].as_i64().unwrap());
        last = sim.get(&path, &[("access_token", &token)]).await;
    }
    assert_eq!(usage, [10, 20, 30, 40, 50, 60, 70, 80, 90]);
    assert_eq!(last.error(), (80_006, None));
    let header: Value = serde_json::from_str(last.header("x-business-use-case-usage")).unwrap();
    assert_eq!(header[&page][0]["call_count"], 100);
    assert!(header[&page][0]["estimated_time_to_regain_access"].as_i64().unwrap() > 60, "minutes: {header}");
    sim.control("PUT", "/limits", json!({ "enforced": false })).await;
    assert_eq!(sim.get(&path, &[("access_token", &token)]).await.status, 200);
}

#[tokio::test]
async fn user_and_app_tokens_tell_their_use_in_another_header() {
    let sim = demo().await;
    let token = sim.user_token("Linh Trần").await;
    for token in [&token, &sim.app_token()] {
        let reply = sim.get("/v25.0/debug_token", &[("input_token", token), ("access_token", token)]).await;
        let usage: Value = serde_json::from_str(reply.header("x-app-usage")).unwrap();
        assert!(
            usage["call_count"].is_number() && usage["total_time"].is_number() && usage["total_cputime"].is_number()
        );
    }
    sim.control("PUT", "/limits", json!({ "user_calls_per_hour": 1, "app_calls_per_user": 0 })).await;
    assert_eq!(sim.get("/v25.0/me", &[("access_token", &token)]).await.error(), (17, None));
    let app = sim.get("/v25.0/debug_token", &[("input_token", "x"), ("access_token", &sim.app_token())]).await;
    assert_eq!(app.error(), (4, None));
}
