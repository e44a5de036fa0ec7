use std::time::Duration;

use diesel_async::{AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _};
use lapin::{Connection, ConnectionProperties};
use pagekeeper_testkit::servers::{PrivatePostgres, PrivateRabbitMq};
use pagekeeper_testkit::{ChaosProxy, Poll, wait_for};

fn is_running(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

async fn until_gone(id: u32) {
    wait_for("the process to end", Duration::from_secs(10), async || {
        Poll::when((!is_running(id)).then_some(()), "it runs")
    })
    .await;
}

#[tokio::test]
async fn a_private_postgres_survives_a_kill_and_ends_when_dropped() {
    pagekeeper_testkit::init();
    let mut server = PrivatePostgres::temporary().await.unwrap();
    server.create_database("kept").await.unwrap();
    let mut connection = AsyncPgConnection::establish(&server.url("kept")).await.unwrap();
    connection.batch_execute("create table committed_at_the_last_moment ()").await.unwrap();
    server.kill().unwrap();
    assert!(AsyncPgConnection::establish(&server.url("kept")).await.is_err());
    server.restart().await.unwrap();
    let mut connection = AsyncPgConnection::establish(&server.url("kept")).await.unwrap();
    connection.batch_execute("select from committed_at_the_last_moment").await.unwrap();

    server.freeze().unwrap();
    let url = server.url("kept");
    let frozen = tokio::time::timeout(Duration::from_millis(500), AsyncPgConnection::establish(&url)).await;
    assert!(frozen.is_err(), "a frozen server must not answer");
    server.thaw().unwrap();

    let id = server.id();
    drop(server);
    until_gone(id).await;
}

#[tokio::test]
async fn a_private_rabbitmq_survives_a_kill_and_leaves_nothing_when_dropped() {
    pagekeeper_testkit::init();
    let mut server = PrivateRabbitMq::temporary().await.unwrap();
    let connect = async |url: &str| Connection::connect(url, ConnectionProperties::default()).await;
    connect(&server.url()).await.unwrap();
    server.kill().unwrap();
    assert!(connect(&server.url()).await.is_err());
    server.restart().await.unwrap();
    connect(&server.url()).await.unwrap();

    let ids = server.ids();
    assert_eq!(ids.len(), 2, "the broker and its epmd");
    drop(server);
    for id in ids {
        until_gone(id).await;
    }
}

#[tokio::test]
async fn a_proxy_cuts_stalls_and_refuses() {
    pagekeeper_testkit::init();
    let server = PrivatePostgres::temporary().await.unwrap();
    let proxy = ChaosProxy::start(&server.url("postgres")).await.unwrap();
    let url = proxy.url(&server.url("postgres"));

    let mut connection = AsyncPgConnection::establish(&url).await.unwrap();
    connection.batch_execute("select 1").await.unwrap();
    proxy.cut();
    assert!(connection.batch_execute("select 1").await.is_err());

    proxy.stall();
    let stalled = tokio::time::timeout(Duration::from_millis(300), AsyncPgConnection::establish(&url)).await;
    assert!(stalled.is_err());
    proxy.refuse();
    assert!(AsyncPgConnection::establish(&url).await.is_err());
    proxy.resume();
    AsyncPgConnection::establish(&url).await.unwrap();
}
