//! I: health and operations.

use pagekeeper_devstack::api::Api;
use pagekeeper_devstack::command_line::ServiceName;
use pagekeeper_devstack::demo;
use pagekeeper_testkit::{Poll, wait_for};
use reqwest::StatusCode;

use crate::support::{LIMIT, System};

const SERVICES: [ServiceName; 3] = [ServiceName::Gateway, ServiceName::WebhookIngest, ServiceName::SyncWorker];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_is_well_says_so_everywhere_and_its_logs_hold_no_token_name_or_text() {
    // I1, I4
    let system = System::start().await;
    let browser = system.logged_in(demo::PERSON).await;
    let anybody = Api::browser(&system.gateway()).unwrap();
    let health = wait_for("health", LIMIT, async || {
        let health = anybody.get("/api/health").await.unwrap();
        let healthy = health.status == StatusCode::OK && health.body["status"] == "healthy";
        let status = health.body.to_string();
        Poll::when(healthy.then_some(health.body), status)
    })
    .await;
    for check in ["database", "facebookPages", "tokenExpiration", "conversations", "sync", "broker"] {
        assert_eq!(health["checks"][check]["status"], "ok", "{check}: {health}");
    }
    // Three Pages, and the Instagram account of one of them.
    assert_eq!(health["checks"]["facebookPages"]["count"], 4);

    let http = reqwest::Client::builder().timeout(LIMIT).build().unwrap();
    for service in SERVICES {
        let operations = format!("http://{}", system.stack.service(service).unwrap().address("operations").unwrap());
        for (path, expected) in [("livez", ""), ("readyz", ""), ("metrics", "pagekeeper_")] {
            let answer = http.get(format!("{operations}/{path}")).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "{service:?} {path}");
            assert!(answer.text().await.unwrap().contains(expected), "{service:?} {path}");
        }
    }

    let connections = browser.get_ok("/api/connections").await.unwrap().to_string();
    let name = "Phở Nhà Linh";
    assert!(connections.contains(name));
    let token = system.simulator.user_token(&system.simulator.person(demo::PERSON).await.unwrap()).await.unwrap();
    for service in SERVICES {
        let log = std::fs::read_to_string(system.stack.log(service).unwrap()).unwrap();
        for secret in [name, demo::PERSON, &token, "EAA", &system.stack.secrets().app_secret] {
            assert!(!log.contains(secret), "{service:?}'s log holds {secret}");
        }
    }
    system.stack.stop().await.unwrap();
}
