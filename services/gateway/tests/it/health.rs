//! I1: health, while the database or the broker is away.

use std::time::Duration;

use pagekeeper_graph_sim::{GraphSim, SimConfig};
use pagekeeper_testkit::{ChaosProxy, Poll, TestDatabase, TestVhost, wait_for};
use serde_json::json;

use crate::browser::Browser;
use crate::data;
use crate::system::{LONG, System};

const QUICK: (&str, &str) = ("HEALTH__CACHE_S", "1");

#[tokio::test]
async fn a_system_that_is_well_is_healthy_and_tells_totals_only() {
    let system = System::start_with(&[QUICK]).await;
    let account = system.logged_in("Linh Trần").await.account_id().await;
    data::a_page(&system.database, account, "111").await;
    let browser = system.browser();
    until(&browser, "healthy").await;
    let health = browser.get("/api/health").await.expect(200);
    assert!(!health.body.contains("Café") && !health.body.contains("Linh"));
    let checks = &health.json()["checks"];
    assert_eq!(checks["facebookPages"], json!({"status": "ok", "count": 1}));
    assert_eq!(checks["conversations"], json!({"status": "ok", "count": 1}));
    assert_eq!((&checks["sync"]["status"], &checks["sync"]["stale"]), (&json!("ok"), &json!(0)));
}

#[tokio::test]
async fn stale_pages_and_ending_tokens_degrade_it() {
    let system = System::start_with(&[QUICK]).await;
    let account = system.logged_in("Linh Trần").await.account_id().await;
    data::a_page(&system.database, account, "111").await;
    let browser = system.browser();
    until(&browser, "healthy").await;
    system.database.execute("update connections set last_synced_at = now() - interval '3 hours'").await;
    until(&browser, "degraded").await;
    assert_eq!(browser.get("/api/health").await.expect(200).json()["checks"]["sync"]["stale"], 1);
    system.database.execute("update connections set last_synced_at = now()").await;
    until(&browser, "healthy").await;
    system
        .database
        .execute("update credentials set is_long_lived = true, expires_at = now() + interval '3 days'")
        .await;
    until(&browser, "degraded").await;
    assert_eq!(
        browser.get("/api/health").await.expect(200).json()["checks"]["tokenExpiration"],
        json!({"status": "warning", "detail": "a token ends soon", "expiring": 1})
    );
}

#[tokio::test]
async fn a_lost_database_is_told_and_gone_through() {
    let (database, vhost) = (TestDatabase::new().await, TestVhost::new().await);
    let graph = GraphSim::start(SimConfig::default()).await.unwrap();
    let url = database.url_as("pagekeeper_gateway");
    let proxy = ChaosProxy::start(&url).await.unwrap();
    let through = proxy.url(&url);
    let system = System::start_on(
        database,
        vhost,
        graph,
        &[("DATABASE__URL", &through), ("DATABASE__CONNECT_TIMEOUT_MS", "500"), QUICK],
    )
    .await;
    let browser = system.logged_in("Linh Trần").await;
    until(&browser, "healthy").await;

    proxy.refuse();
    proxy.cut();
    until(&browser, "unhealthy").await;
    let health = browser.get("/api/health").await.expect(503).json();
    assert_eq!(
        (&health["checks"]["database"]["status"], &health["checks"]["broker"]["status"]),
        (&json!("error"), &json!("ok"))
    );
    let refused = browser.get("/api/me").await;
    assert!(refused.headers.contains_key("retry-after"), "{refused:?}");
    refused.expect_problem(503);
    browser.get("/login").await.expect(200);

    proxy.resume();
    until(&browser, "healthy").await;
    browser.get("/api/me").await.expect(200);
}

#[tokio::test]
async fn a_frozen_database_is_told_within_seconds() {
    let (database, vhost) = (TestDatabase::new().await, TestVhost::new().await);
    let graph = GraphSim::start(SimConfig::default()).await.unwrap();
    let url = database.url_as("pagekeeper_gateway");
    let proxy = ChaosProxy::start(&url).await.unwrap();
    let through = proxy.url(&url);
    let system = System::start_on(database, vhost, graph, &[("DATABASE__URL", &through), QUICK]).await;
    let browser = system.browser();
    until(&browser, "healthy").await;
    proxy.stall();
    let began = std::time::Instant::now();
    until(&browser, "unhealthy").await;
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    proxy.resume();
    until(&browser, "healthy").await;
}

#[tokio::test]
async fn a_lost_broker_is_told_and_commands_wait_for_it() {
    let (database, vhost) = (TestDatabase::new().await, TestVhost::new().await);
    let graph = GraphSim::start(SimConfig::default()).await.unwrap();
    let url = vhost.url();
    let proxy = ChaosProxy::start(&url).await.unwrap();
    let through = proxy.url(&url);
    let system = System::start_on(database, vhost, graph, &[("BUS__URL", &through), QUICK]).await;
    until(&system.browser(), "healthy").await;
    proxy.refuse();
    proxy.cut();
    until(&system.browser(), "unhealthy").await;

    // A login works without the broker; its command waits.
    let browser = system.logged_in("Linh Trần").await;
    browser.get("/api/me").await.expect(200);
    assert_eq!(system.database.number("select count(*) from outbox").await, 1);
    proxy.resume();
    until(&browser, "healthy").await;
    wait_for("the outbox", LONG, async || {
        let waiting = system.database.number("select count(*) from outbox").await;
        Poll::when((waiting == 0).then_some(()), format!("{waiting} in the outbox"))
    })
    .await;
}

#[tokio::test]
async fn health_questions_are_limited_per_address() {
    let system = System::start_with(&[("DOORS__HEALTH_PER_MINUTE", "2")]).await;
    let browser = system.browser();
    browser.get("/api/health").await;
    browser.get("/api/health").await;
    browser.get("/api/health").await.expect_problem(429);
}

async fn until(browser: &Browser, status: &str) {
    wait_for(status, LONG, async || {
        let health = browser.get("/api/health").await.json();
        Poll::when((health["status"] == status).then_some(()), health.to_string())
    })
    .await;
}
