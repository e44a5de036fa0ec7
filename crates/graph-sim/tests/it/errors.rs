//! Errors, tokens, versions and proofs.

use pagekeeper_graph_sim::{ClockMode, SimConfig};
use ring::hmac;
use serde_json::json;

use crate::support::{demo, start, text};

#[tokio::test]
async fn the_token_is_checked_before_the_path() {
    let sim = demo().await;
    assert_eq!(sim.get("/v25.0/nonsense/edge", &[]).await.error(), (104, None));
    let dead = sim.get("/v25.0/nonsense/edge", &[("access_token", "EAAnone")]).await;
    assert_eq!(dead.error(), (190, None));
    let header = dead.header("www-authenticate");
    assert!(header.starts_with("OAuth \"Facebook Platform\" \"invalid_token\" \""), "{header}");
    let token = sim.user_token("Linh Trần").await;
    assert_eq!(sim.get("/v25.0/123", &[("access_token", &token)]).await.error(), (100, Some(33)));
}

#[tokio::test]
async fn a_token_comes_in_query_form_json_or_header() {
    let sim = demo().await;
    let token = sim.user_token("Linh Trần").await;
    let url = sim.url("/v25.0/me");
    for scheme in ["Bearer", "OAuth"] {
        let request = sim.http.get(&url).header("authorization", format!("{scheme} {token}"));
        assert_eq!(sim.send(request).await.status, 200);
    }
    let overridden = sim.send(sim.http.post(&url).form(&[("method", "get"), ("access_token", token.as_str())])).await;
    assert_eq!(overridden.json()["name"], "Linh Trần");
    let json = sim.http.post(&url).json(&json!({ "method": "get", "access_token": token }));
    assert_eq!(sim.send(json).await.status, 200);
    let boundary = format!("--b\r\ncontent-disposition: form-data; name=\"access_token\"\r\n\r\n{token}\r\n--b--\r\n");
    let multipart =
        sim.http.post(format!("{url}?method=get")).header("content-type", "multipart/form-data; boundary=b");
    assert_eq!(sim.send(multipart.body(boundary)).await.status, 200);
}

#[tokio::test]
async fn each_way_to_die_has_its_subcode() {
    let sim = demo().await;
    let reasons = [
        ("app_removed", 458),
        ("checkpoint", 459),
        ("password_changed", 460),
        ("expired", 463),
        ("unconfirmed", 464),
        ("logged_out", 467),
        ("role_lost", 492),
    ];
    for (reason, subcode) in reasons {
        let token = sim.user_token("Noah Pedersen").await;
        let killed = sim.control("POST", "/tokens/kill", json!({ "access_token": token, "reason": reason })).await;
        assert_eq!(killed["killed"], 1);
        assert_eq!(sim.get("/v25.0/me", &[("access_token", &token)]).await.error(), (190, Some(subcode)));
    }
    let (page, token) = sim.first_page("Linh Trần").await;
    sim.control("PATCH", &format!("/pages/{page}"), json!({ "deleted": true })).await;
    assert_eq!(sim.get("/v25.0/me", &[("access_token", &token)]).await.error(), (190, None));
}

#[tokio::test]
async fn a_token_expires_on_the_simulated_clock() {
    let clock = ClockMode::Explicit { start_ms: 1_790_000_000_000 };
    let sim = start(SimConfig { clock, ..SimConfig::default() }).await;
    let body = json!({ "person": "Noah Pedersen", "expires_in": 60 });
    let token = text(&sim.control("POST", "/tokens", body).await["access_token"]);
    sim.control("POST", "/clock/advance", json!({ "seconds": 59 })).await;
    assert_eq!(sim.get("/v25.0/me", &[("access_token", &token)]).await.status, 200);
    sim.control("POST", "/clock/advance", json!({ "ms": 1_000 })).await;
    let expired = sim.get("/v25.0/me", &[("access_token", &token)]).await;
    assert_eq!(expired.error(), (190, Some(463)));
    let message = text(&expired.json()["error"]["message"]);
    assert!(
        message.starts_with("Error validating access token: Session has expired on Monday, 21-Sep-26"),
        "{message}"
    );
}

#[tokio::test]
async fn an_expired_version_is_served_by_the_oldest_that_lives() {
    let clock = ClockMode::Explicit { start_ms: 1_795_000_000_000 };
    let sim = start(SimConfig { clock, ..SimConfig::default() }).await;
    let token = sim.user_token("Linh Trần").await;
    for (path, version) in [("/v25.0/me", "v25.0"), ("/v19.0/me", "v21.0"), ("/me", "v26.0")] {
        let reply = sim.get(path, &[("access_token", &token)]).await;
        assert_eq!((reply.status, reply.header("facebook-api-version")), (200, version), "{path}");
    }
    assert_eq!(sim.get("/v99.0/me", &[("access_token", &token)]).await.error(), (2500, None));
}

#[tokio::test]
async fn a_required_proof_must_be_there_and_right() {
    let sim = start(SimConfig { require_appsecret_proof: true, ..SimConfig::default() }).await;
    let token = sim.user_token("Linh Trần").await;
    let missing = sim.get("/v25.0/me", &[("access_token", &token)]).await;
    assert_eq!(
        (missing.error(), missing.json()["error"]["type"].clone()),
        ((100, None), json!("GraphMethodException"))
    );
    let wrong = [("access_token", token.as_str()), ("appsecret_proof", "00")];
    assert_eq!(sim.get("/v25.0/me", &wrong).await.error(), (100, None));
    let key = hmac::Key::new(hmac::HMAC_SHA256, sim.running.app_secret().as_bytes());
    let proof = hex::encode(hmac::sign(&key, token.as_bytes()));
    assert_eq!(sim.get("/v25.0/me", &[("access_token", &token), ("appsecret_proof", &proof)]).await.status, 200);
}

#[tokio::test]
async fn answers_are_ascii_with_metas_escapes() {
    let sim = demo().await;
    let token = sim.user_token("Linh Trần").await;
    let reply = sim.get("/v25.0/me", &[("fields", "name,email,picture"), ("access_token", &token)]).await;
    assert!(reply.text.is_ascii());
    assert!(
        reply.text.contains("Tr\\u1ea7n")
            && reply.text.contains("linh\\u0040example.com")
            && reply.text.contains("http:\\/\\/")
    );
    assert_eq!(reply.json()["name"], "Linh Trần");
}

#[tokio::test]
async fn broken_requests_are_refused_in_graphs_own_form() {
    let sim = demo().await;
    let token = sim.user_token("Linh Trần").await;
    let fields = sim.get("/v25.0/me", &[("fields", "id,accounts{id"), ("access_token", &token)]).await;
    assert_eq!(fields.error(), (2500, None));
    let json = sim.http.post(sim.url("/v25.0/me")).header("content-type", "application/json").body("{");
    assert_eq!(sim.send(json).await.error(), (100, None));
    let large = sim.http.post(sim.url("/v25.0/me")).body("a".repeat(5 << 20));
    assert_eq!(sim.send(large).await.status, 413);
}
