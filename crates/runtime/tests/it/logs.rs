//! What a log line holds, and what it never does. (I4)

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opentelemetry::propagation::Injector;
use pagekeeper_runtime::secret::SecretString;
use pagekeeper_runtime::telemetry::{LogFormat, TelemetryConfig, subscriber};
use serde_json::Value;
use tracing_opentelemetry::OpenTelemetrySpanExt;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn config(format: LogFormat) -> TelemetryConfig {
    TelemetryConfig { format, ..TelemetryConfig::default() }
}

/// The lines that `work` logs.
fn logged(format: LogFormat, work: impl FnOnce()) -> String {
    let captured = Captured::default();
    let writer = captured.clone();
    let (subscriber, _telemetry) = subscriber("example", &config(format), move || writer.clone()).unwrap();
    tracing::subscriber::with_default(subscriber, work);
    let bytes = captured.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn lines(work: impl FnOnce()) -> Vec<Value> {
    logged(LogFormat::Json, work).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_line_carries_its_area_its_trace_and_the_fields_of_its_spans() {
    let lines = lines(|| {
        let outer = tracing::info_span!("bus.consume", area = "sync", connection.id = 7, attempt = 1);
        let _outer = outer.enter();
        let inner = tracing::info_span!("store.upsert", attempt = 2, rows = tracing::field::Empty);
        inner.record("rows", 42);
        let _inner = inner.enter();
        tracing::info!(duration_ms = 5, "stored");
    });
    let line = &lines[0];
    assert_eq!(line["message"], "stored");
    assert_eq!((&line["service"], &line["level"]), (&"example".into(), &"INFO".into()));
    assert_eq!((&line["area"], &line["span"]), (&"sync".into(), &"store.upsert".into()));
    assert_eq!((&line["connection.id"], &line["attempt"]), (&7.into(), &2.into()));
    assert_eq!((&line["rows"], &line["duration_ms"]), (&42.into(), &5.into()));
    assert_eq!(line["trace_id"].as_str().unwrap().len(), 32);
}

#[test]
fn two_spans_of_one_trace_share_its_id_and_two_roots_do_not() {
    let lines = lines(|| {
        tracing::info_span!("first").in_scope(|| {
            tracing::info!("outside");
            tracing::info_span!("inside").in_scope(|| tracing::info!("inside"));
        });
        tracing::info_span!("second").in_scope(|| tracing::info!("another"));
        tracing::info!("without a span");
    });
    assert_eq!(lines[0]["trace_id"], lines[1]["trace_id"]);
    assert_ne!(lines[0]["trace_id"], lines[2]["trace_id"]);
    assert!(lines[3].get("trace_id").is_none());
}

#[test]
fn a_line_without_an_area_has_that_of_its_module() {
    let lines = lines(|| {
        tracing::info!(target: "pagekeeper_gateway::auth::callback", "ours");
        tracing::info!(target: "lapin::channel", "another's");
        tracing::error!(target: "actix_http::h1::dispatcher", "a caller's malformed request");
    });
    assert_eq!((&lines[0]["area"], &lines[1]["area"]), (&"auth".into(), &"lapin".into()));
    assert_eq!(lines[2]["level"], "WARN");
}

#[test]
fn a_hostile_text_stays_one_line_and_is_cut() {
    let hostile = format!("a\n{{\"level\":\"ERROR\"}}\r{}", "x".repeat(10_000));
    for format in [LogFormat::Json, LogFormat::Text] {
        let text = logged(format, || tracing::info!(detail = hostile.as_str(), "odd"));
        assert_eq!(text.lines().count(), 1);
        assert!(text.len() < 3_000);
    }
}

#[test]
fn secrets_do_not_print() {
    #[derive(Debug)]
    #[expect(dead_code, reason = "only printed")]
    struct Settings {
        app_secret: SecretString,
    }
    let settings = Settings { app_secret: SecretString::from("canary-4711") };
    for format in [LogFormat::Json, LogFormat::Text] {
        let text = logged(format, || {
            tracing::info_span!("start", ?settings).in_scope(|| tracing::error!(?settings, "starting"));
        });
        assert!(text.contains("REDACTED") && !text.contains("canary"), "{text}");
    }
}

#[test]
fn a_trace_travels_in_headers_also_without_a_collector() {
    struct Headers(Vec<(String, String)>);
    impl Injector for Headers {
        fn set(&mut self, key: &str, value: String) {
            self.0.push((key.to_owned(), value));
        }
    }
    let mut headers = Headers(Vec::new());
    let lines = lines(|| {
        tracing::info_span!("bus.publish").in_scope(|| {
            tracing::info!("published");
            let context = tracing::Span::current().context();
            opentelemetry::global::get_text_map_propagator(|propagator| {
                propagator.inject_context(&context, &mut headers);
            });
        });
    });
    let (_, traceparent) = headers.0.iter().find(|(name, _)| name == "traceparent").unwrap();
    assert_eq!(traceparent.split('-').nth(1), lines[0]["trace_id"].as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn flushing_comes_back_though_the_collector_is_away() {
    // A second call in this process finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let config = TelemetryConfig { otlp_endpoint: Some(endpoint), ..TelemetryConfig::default() };
    let (subscriber, telemetry) = subscriber("example", &config, std::io::sink).unwrap();
    tracing::subscriber::with_default(subscriber, || tracing::info_span!("lost").in_scope(|| ()));
    let asked = Instant::now();
    telemetry.flush().await;
    assert!(asked.elapsed() < Duration::from_secs(9));
}
