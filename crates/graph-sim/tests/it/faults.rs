//! Faults on demand, latency, and the log of calls.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{demo, text};

#[tokio::test]
async fn a_graph_error_comes_a_number_of_times_for_one_page() {
    let sim = demo().await;
    let (page, token) = sim.first_page("Linh Trần").await;
    let error = json!({ "status": 500, "code": 2, "subcode": 99, "is_transient": true });
    let rule =
        json!({ "method": "GET", "path": "conversations", "page": page, "times": 2, "effect": { "error": error } });
    let id = sim.control("POST", "/faults", rule).await["id"].clone();
    let path = format!("/v25.0/{page}/conversations");
    for _ in 0..2 {
        let reply = sim.get(&path, &[("access_token", &token)]).await;
        assert_eq!((reply.status, reply.error()), (500, (2, Some(99))));
        assert_eq!(reply.json()["error"]["is_transient"], true);
    }
    assert_eq!(sim.get(&path, &[("access_token", &token)]).await.status, 200);
    let faults = sim.control("GET", "/faults", json!({})).await;
    assert_eq!((&faults[0]["id"], &faults[0]["hits"]), (&id, &json!(2)));
    let log = sim.control("GET", &format!("/calls?page={page}&endpoint=conversations"), json!({})).await;
    assert_eq!(log.as_array().unwrap().len(), 3);
    assert_eq!((&log[2]["code"], &log[2]["fault"]), (&json!(2), &json!("error")));
    assert!(!log.to_string().contains(&token), "the log holds no tokens");
}

#[tokio::test]
async fn answers_are_html_empty_cut_or_never_come() {
    let sim = demo().await;
    let token = sim.user_token("Linh Trần").await;
    let query = [("access_token", token.as_str())];
    let fault = |effect: serde_json::Value| {
        sim.control("POST", "/faults", json!({ "path": "me", "times": 1, "effect": effect }))
    };

    fault(json!("html")).await;
    let html = sim.get("/v25.0/me", &query).await;
    assert_eq!((html.status, html.header("content-type")), (502, "text/html; charset=utf-8"));
    fault(json!("empty")).await;
    let empty = sim.get("/v25.0/me", &query).await;
    assert_eq!((empty.status, empty.text.as_str()), (200, ""));
    for effect in ["truncate", "reset_before", "reset_after"] {
        fault(json!(effect)).await;
        let failed = match sim.http.get(sim.url("/v25.0/me")).query(&query).send().await {
            Ok(response) => response.text().await.is_err(),
            Err(_reset) => true,
        };
        assert!(failed, "{effect}");
    }
    fault(json!("hang")).await;
    let hanging = sim.http.get(sim.url("/v25.0/me")).query(&query).timeout(Duration::from_millis(300)).send().await;
    assert!(hanging.unwrap_err().is_timeout());
    fault(json!("reduce_data")).await;
    assert_eq!(sim.get("/v25.0/me", &query).await.error(), (1, None));
    assert_eq!(sim.get("/v25.0/me", &query).await.status, 200);
}

#[tokio::test]
async fn a_reset_comes_before_or_after_the_call_took_effect() {
    let sim = demo().await;
    let (page, token) = sim.first_page("Linh Trần").await;
    let path = sim.url(&format!("/v25.0/{page}/subscribed_apps"));
    for (effect, taken) in [("reset_before", false), ("reset_after", true)] {
        sim.control("POST", "/faults", json!({ "path": "subscribed_apps", "times": 1, "effect": effect })).await;
        let form = [("subscribed_fields", "messages"), ("access_token", token.as_str())];
        assert!(sim.http.post(&path).form(&form).send().await.is_err());
        let subscribed = sim.control("GET", &format!("/pages/{page}"), json!({})).await["subscribed_fields"].clone();
        assert_eq!(subscribed == json!(["messages"]), taken, "{effect}");
    }
}

#[tokio::test]
async fn latency_is_added_to_every_call() {
    let sim = demo().await;
    let token = sim.user_token("Linh Trần").await;
    sim.control("PUT", "/latency", json!({ "ms": 120 })).await;
    let started = Instant::now();
    let calls = (0..5).map(|_| sim.get("/v25.0/me", &[]));
    futures_util::future::join_all(calls).await;
    assert!(started.elapsed().as_millis() >= 120);
    sim.control("PUT", "/latency", json!({ "ms": 0 })).await;
    let slow = json!({ "path": "me", "times": 1, "effect": { "latency_ms": 150 } });
    sim.control("POST", "/faults", slow).await;
    let started = Instant::now();
    assert_eq!(sim.get("/v25.0/me", &[("access_token", &token)]).await.status, 200);
    assert!(started.elapsed().as_millis() >= 150);
}

#[tokio::test]
async fn the_control_api_says_what_it_does_not_understand() {
    let sim = demo().await;
    let bad = sim.send(sim.http.post(sim.url("/_sim/faults")).json(&json!({ "nonsense": 1 }))).await;
    assert_eq!(bad.status, 400);
    assert!(text(&bad.json()["error"]).contains("nonsense"));
    assert_eq!(sim.get("/_sim/nonsense", &[]).await.status, 404);
    assert_eq!(sim.get("/_sim/pages/123", &[]).await.status, 404);
    let state = sim.control("GET", "/state", json!({})).await;
    assert_eq!(state["people"], 5);
}
