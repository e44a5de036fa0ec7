//! The program: refusing a wrong configuration, migrating, waiting for its schema.

use std::process::{Command, Output};

use pagekeeper_gateway::Gateway;
use pagekeeper_runtime::running::Chassis;
use pagekeeper_runtime::service::{Service, configuration};
use pagekeeper_runtime::shutdown::Shutdown;
use pagekeeper_testkit::{Poll, TestDatabase, TestVhost, wait_for};
use url::Url;

use crate::system::{LONG, environment};

/// The program with nothing but these variables.
fn gateway(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command.env_clear().args(arguments).envs(environment.iter().copied()).output().unwrap()
}

fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.trim().lines().count(), 1, "{text}");
    text
}

#[test]
fn it_does_not_start_without_its_secrets_and_says_which() {
    let mut environment = vec![
        ("PAGEKEEPER__DATABASE__URL", "postgres://pagekeeper_gateway:secret-of-database@localhost/x"),
        ("PAGEKEEPER__BUS__URL", "amqp://localhost"),
        ("PAGEKEEPER__GRAPH__APP_ID", "1"),
        ("PAGEKEEPER__GRAPH__APP_SECRET", "secret-of-app"),
    ];
    let needed = [
        ("PAGEKEEPER__SEALING__KEYS", "sealing.keys", "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ("PAGEKEEPER__TOKENS__SIGNING_KEY", "tokens.signing_key", "a-signing-key-with-more-than-thirty-two-bytes"),
        ("PAGEKEEPER__CRON__SECRET", "cron.secret", "short"),
    ];
    for (variable, key, value) in needed {
        let text = refusal(&gateway(&[], &environment));
        assert!(text.contains(key) && !text.contains("secret-of"), "{text}");
        environment.push((variable, value));
    }
    assert!(refusal(&gateway(&[], &environment)).contains("cron.secret"));
    assert!(refusal(&gateway(&[], &[("PAGEKEEPER_DATABASE_URL", "x")])).contains("two underscores"));
    assert_eq!(gateway(&["dance"], &environment).status.code(), Some(64));
}

#[tokio::test]
async fn migrating_twice_changes_nothing_the_second_time() {
    let database = TestDatabase::empty().await.unwrap();
    let admin_url = database.admin_url();
    // The tests' servers share their roles: these are the passwords that they have already.
    let role_url = Url::parse(&database.url_as("pagekeeper_gateway")).unwrap();
    let password = role_url.password().unwrap();
    let environment = [
        ("PAGEKEEPER__MIGRATE__ADMIN_URL", admin_url.as_str()),
        ("PAGEKEEPER__MIGRATE__GATEWAY_PASSWORD", password),
        ("PAGEKEEPER__MIGRATE__WEBHOOK_INGEST_PASSWORD", password),
        ("PAGEKEEPER__MIGRATE__SYNC_WORKER_PASSWORD", password),
    ];
    let count = "select count(*) from __diesel_schema_migrations";
    assert!(gateway(&["migrate"], &environment).status.success());
    let applied = database.number(count).await;
    let second = gateway(&["migrate"], &environment);
    assert!(second.status.success(), "{second:?}");
    assert_eq!((applied > 0, database.number(count).await), (true, applied));
    assert!(refusal(&gateway(&["migrate"], &[])).contains("migrate.admin_url"));
}

/// It says so while it waits, and goes on by itself.
#[tokio::test]
async fn it_waits_for_a_schema_that_fits() {
    let (database, vhost) = (TestDatabase::new().await, TestVhost::new().await);
    let graph = pagekeeper_graph_sim::GraphSim::start(pagekeeper_graph_sim::SimConfig::default()).await.unwrap();
    database.execute("alter table __diesel_schema_migrations rename to hidden").await;
    let shutdown = Shutdown::default();
    let chassis = Chassis::new(shutdown.clone());
    let config = configuration::<Gateway>(environment(&database, &vhost, &graph, &[])).unwrap();
    let health = chassis.health.clone();
    let starting = tokio::spawn(async move { Gateway::build(config, chassis).await.is_ok() });

    wait_for("the wait for migrations", LONG, async || {
        let report = health.report().await;
        let schema = report.checks.get("schema").map(|check| check.detail.clone()).unwrap_or_default();
        Poll::when((!report.ready && schema.contains("gateway migrate")).then_some(()), schema)
    })
    .await;
    database.execute("alter table hidden rename to __diesel_schema_migrations").await;
    assert!(tokio::time::timeout(LONG, starting).await.unwrap().unwrap());
    assert_eq!(health.report().await.checks["schema"].detail, "current");
    shutdown.begin_now();
}
