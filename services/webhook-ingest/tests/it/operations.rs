//! What operators see, and what a wrong configuration says (I1).

use std::collections::BTreeMap;

use pagekeeper_runtime::metrics::Metrics;
use pagekeeper_runtime::service::configuration;
use pagekeeper_webhook_ingest::WebhookIngest;

use crate::ingest::{Place, entry_json, page_body};

#[tokio::test]
async fn metrics_tell_what_became_of_webhooks_i1() {
    let metrics = Metrics::install().unwrap();
    let place = Place::new().await;
    let entries = [entry_json(1), entry_json(2)];
    assert_eq!(place.ingest.post(page_body(&entries)).send().await.unwrap().status(), 200);
    assert_eq!(place.ingest.post("garbage").send().await.unwrap().status(), 200);
    assert_eq!(place.ingest.unsigned("garbage").send().await.unwrap().status(), 403);

    let page = metrics.render();
    for line in [
        "pagekeeper_webhook_posts_total{outcome=\"accepted\"}",
        "pagekeeper_webhook_posts_total{outcome=\"unsigned\"}",
        "pagekeeper_webhook_entries_total{object=\"page\"}",
        "pagekeeper_webhook_unsplit_total{reason=\"not_an_envelope\"}",
        "pagekeeper_webhook_bundle_entries_count",
        "pagekeeper_webhook_confirm_duration_seconds_count",
        "pagekeeper_webhook_waiting_bytes",
    ] {
        assert!(page.contains(line), "{line} is missing:\n{page}");
    }
}

fn refusal_of(more: &[(&str, &str)]) -> String {
    let mut env = BTreeMap::from([
        ("PAGEKEEPER__WEBHOOK__APP_SECRETS", "secret"),
        ("PAGEKEEPER__WEBHOOK__VERIFY_TOKEN", "token"),
        ("PAGEKEEPER__BUS__URL", "amqp://localhost"),
        ("PAGEKEEPER__DATABASE__URL", "postgres://ingest@localhost/pagekeeper"),
    ]);
    env.extend(more.iter().copied());
    let env = env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    configuration::<WebhookIngest>(env).map_or_else(|error| error.to_string(), |_| String::new())
}

#[test]
fn a_configuration_that_could_not_work_is_refused_by_its_key() {
    assert_eq!(refusal_of(&[]), "");
    for (name, value, key) in [
        ("PAGEKEEPER__WEBHOOK__APP_SECRETS", "", "webhook.app_secrets"),
        ("PAGEKEEPER__WEBHOOK__APP_SECRETS", "a,b,c", "webhook.app_secrets"),
        ("PAGEKEEPER__WEBHOOK__VERIFY_TOKEN", "", "webhook.verify_token"),
        ("PAGEKEEPER__DURABILITY__BROKER_LIMIT_MS", "2500", "durability.spool_limit_ms"),
        ("PAGEKEEPER__DURABILITY__FLIGHTS", "0", "durability.flights"),
        ("PAGEKEEPER__DURABILITY__WAITING_BYTES", "1000", "durability.waiting_bytes"),
        ("PAGEKEEPER__HTTP__BODY_TIMEOUT_MS", "1900", "http.body_timeout_ms"),
        ("PAGEKEEPER__HTTP__ACCEPT_TRACEPARENT", "true", "http.accept_traceparent"),
        ("PAGEKEEPER__BUS__URL", "http://localhost", "bus.url"),
        ("PAGEKEEPER__DATABASE__URL", "mysql://localhost", "database.url"),
    ] {
        let refusal = refusal_of(&[(name, value)]);
        assert!(refusal.contains(key), "{name}={value}: {refusal}");
    }
}

#[test]
fn the_names_of_older_systems_are_read_l6() {
    let env = [
        ("FACEBOOK_APP_SECRET", "secret"),
        ("WEBHOOK_VERIFY_TOKEN", "token"),
        ("PAGEKEEPER__BUS__URL", "amqp://localhost"),
        ("PAGEKEEPER__DATABASE__URL", "postgres://ingest@localhost/pagekeeper"),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert!(configuration::<WebhookIngest>(env).is_ok());
}
