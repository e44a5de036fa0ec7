//! The pool: refused roles, a server that is away, frozen or slow.

use std::time::{Duration, Instant};

use pagekeeper_store::migrations::roles;
use pagekeeper_store::{SchemaState, Store, StoreConfig, StoreError, SystemTx, spool};
use pagekeeper_testkit::{ChaosProxy, TestDatabase};

use crate::fixture::Fixture;

fn impatient(url: String) -> StoreConfig {
    StoreConfig { pool_size: 1, connect_timeout_ms: 800, query_timeout_ms: 800, ..StoreConfig::new(url) }
}

#[tokio::test]
async fn a_superuser_is_refused() {
    let fixture = Fixture::new().await;
    let store = Store::connect(&StoreConfig::new(fixture.database.admin_url()));
    let error = store.ping(Duration::from_secs(5)).await.unwrap_err();
    assert!(matches!(error, StoreError::PrivilegedRole), "{error:?}");
}

#[tokio::test]
async fn a_services_role_sees_whether_the_schema_is_current() {
    let fixture = Fixture::new().await;
    for role in [roles::GATEWAY, roles::WEBHOOK_INGEST, roles::SYNC_WORKER] {
        let store = fixture.store_as(role);
        store.ping(Duration::from_secs(5)).await.unwrap();
        assert_eq!(store.schema_is_current().await.unwrap(), SchemaState::Current);
    }
    let empty = TestDatabase::empty().await.unwrap();
    let store = Store::connect(&StoreConfig::new(empty.url_as(roles::GATEWAY)));
    assert!(matches!(store.schema_is_current().await.unwrap(), SchemaState::Outdated { missing } if missing > 5));
}

#[tokio::test]
async fn a_server_that_is_away_is_told_within_the_limit_and_comes_back_by_itself() {
    let fixture = Fixture::new().await;
    let url = fixture.database.url_as(roles::WEBHOOK_INGEST);
    let proxy = ChaosProxy::start(&url).await.unwrap();
    let store = Store::connect(&impatient(proxy.url(&url)));
    let count = || store.system(async |tx: &mut SystemTx| spool::count(tx).await);
    assert_eq!(count().await.unwrap(), 0);

    proxy.refuse();
    let started = Instant::now();
    let error = count().await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(2));

    proxy.resume();
    pagekeeper_testkit::wait_for(
        "the store to reach its database again",
        Duration::from_secs(20),
        async || match count().await {
            Ok(_) => pagekeeper_testkit::Poll::Ready(()),
            Err(error) => pagekeeper_testkit::Poll::NotYet(error.to_string()),
        },
    )
    .await;
}

#[tokio::test]
async fn a_frozen_server_does_not_hold_anybody_and_its_connection_is_not_used_again() {
    let fixture = Fixture::new().await;
    let url = fixture.database.url_as(roles::WEBHOOK_INGEST);
    let proxy = ChaosProxy::start(&url).await.unwrap();
    let store = Store::connect(&impatient(proxy.url(&url)));
    let count = || store.system(async |tx: &mut SystemTx| spool::count(tx).await);
    assert_eq!(count().await.unwrap(), 0);
    let before = fixture
        .database
        .number("select max(pid) from pg_stat_activity where usename = 'pagekeeper_webhook_ingest'")
        .await;

    proxy.stall();
    for _ in 0..2 {
        let started = Instant::now();
        let error = count().await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
    proxy.resume();
    pagekeeper_testkit::wait_for("the store to answer again", Duration::from_secs(20), async || match count().await {
        Ok(_) => pagekeeper_testkit::Poll::Ready(()),
        Err(error) => pagekeeper_testkit::Poll::NotYet(error.to_string()),
    })
    .await;
    let held = fixture
        .database
        .number(&format!(
            "select count(*) from pg_stat_activity where pid = {before} and datname = current_database() and state = 'active'"
        ))
        .await;
    assert_eq!(held, 0);
}
