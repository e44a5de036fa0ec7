//! `/livez`, `/readyz` and `/metrics` of the operations port. (I1)

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use pagekeeper_runtime::health::{Check, CheckStatus};
use pagekeeper_runtime::metrics::Metrics;
use pagekeeper_runtime::operations::{OperationsConfig, serve_operations};
use pagekeeper_runtime::running::Chassis;
use pagekeeper_runtime::shutdown::{Shutdown, ShutdownConfig};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::web::{get, send};

#[tokio::test]
async fn readiness_turns_with_the_checks_and_off_when_the_service_stops() {
    let chassis = Chassis::new(Shutdown::new(ShutdownConfig { drain_delay_ms: 60_000, limit_ms: 60_000 }));
    let connected = Arc::new(AtomicBool::new(false));
    chassis.health.register("broker", {
        let connected = Arc::clone(&connected);
        move || {
            let connected = connected.load(Ordering::SeqCst);
            async move { if connected { Check::ok("connected") } else { Check::error("connecting") } }
        }
    });
    chassis.health.register("spool", async || Check::warning("12 waiting"));
    let stop = CancellationToken::new();
    let metrics = Metrics::install().unwrap();
    let address =
        serve_operations(&OperationsConfig::default(), chassis.health.clone(), metrics, stop.clone()).unwrap();
    let ready = async || {
        let answer = send(address, get("/readyz")).await;
        (answer.status, serde_json::from_str::<Value>(&answer.body).unwrap())
    };

    let (status, report) = ready().await;
    assert_eq!((status, &report["ready"]), (503, &json!(false)));
    assert_eq!(report["checks"]["broker"], json!({ "status": "error", "detail": "connecting" }));

    connected.store(true, Ordering::SeqCst);
    let (status, report) = ready().await;
    assert_eq!((status, &report["ready"]), (200, &json!(true)));
    assert_eq!(report["checks"]["spool"]["status"], "warning", "a warning does not take a service out");

    chassis.shutdown.begin();
    let (status, report) = ready().await;
    assert_eq!((status, &report["checks"]["shutdown"]["status"]), (503, &json!("error")));
    assert_eq!(send(address, get("/livez")).await.status, 200, "it is alive while it drains");
    stop.cancel();
}

#[tokio::test]
async fn a_check_that_hangs_is_an_error_after_a_second() {
    let chassis = Chassis::new(Shutdown::default());
    chassis.health.register("frozen", std::future::pending::<Check>);
    let asked = Instant::now();
    let report = chassis.health.report().await;
    assert!(asked.elapsed() < Duration::from_secs(3));
    assert_eq!(report.checks["frozen"].status, CheckStatus::Error);
    assert!(!report.ready);
}

#[tokio::test]
async fn metrics_are_rendered_with_buckets() {
    let metrics = Metrics::install().unwrap();
    metrics::histogram!("pagekeeper_example_seconds").record(0.02);
    metrics::histogram!("pagekeeper_example_batch").record(3.0);
    metrics::counter!("pagekeeper_example_total").increment(2);
    let stop = CancellationToken::new();
    let health = Chassis::new(Shutdown::default()).health;
    let address = serve_operations(&OperationsConfig::default(), health, metrics, stop.clone()).unwrap();
    let page = send(address, get("/metrics")).await.body;
    assert!(page.contains("pagekeeper_example_total 2"), "{page}");
    assert!(page.contains(r#"pagekeeper_example_seconds_bucket{le="0.025"} 1"#), "{page}");
    assert!(page.contains(r#"pagekeeper_example_batch_bucket{le="4"} 1"#), "{page}");
    stop.cancel();
}
