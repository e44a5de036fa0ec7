//! Answers that are none: late, cut off, no JSON, too long, somewhere else. (reliability of all calls)

use std::time::{Duration, Instant};

use pagekeeper_common::graph::{Decision, GraphClient, GraphError, NetworkFault};

use crate::fake::{FakeGraph, Reply, TOKEN, config};

const HTML: &str = "<!DOCTYPE html><html><body>Sorry, something went wrong.</body></html>";

async fn error_of(reply: Reply) -> GraphError {
    let graph = FakeGraph::start([reply]).await;
    graph.client.me(&graph.auth()).await.unwrap_err()
}

fn printed(error: &GraphError) -> String {
    let mut printed = format!("{error:?} {error}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        printed.push_str(&cause.to_string());
        source = cause.source();
    }
    printed
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_given_up() {
    let asked = Instant::now();
    let error = error_of(Reply::Hang).await;
    assert_eq!(error.decision, Decision::Network(NetworkFault::Timeout));
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    for reply in [Reply::Truncated(r#"{"id":"1"}"#), Reply::Truncated(""), Reply::Close] {
        let error = error_of(reply).await;
        assert_eq!(error.decision, Decision::Network(NetworkFault::Broken));
        assert!(error.decision.is_worth_retrying());
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_apart() {
    let _only_the_provider = FakeGraph::start([]).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = GraphClient::new(&config(&format!("http://{free}"))).unwrap();
    let auth = client.auth(&pagekeeper_common::domain::token::AccessToken::new(TOKEN));
    let error = client.me(&auth).await.unwrap_err();
    assert_eq!((error.decision, error.status), (Decision::Network(NetworkFault::Connect), None));
}

#[tokio::test]
async fn html_is_read_by_its_status_alone() {
    assert_eq!(error_of(Reply::status(502, HTML)).await.decision, Decision::Transient);
    assert_eq!(error_of(Reply::status(500, "")).await.decision, Decision::Transient);
    assert_eq!(error_of(Reply::status(200, HTML)).await.decision, Decision::Unreadable);
    assert_eq!(error_of(Reply::status(200, "")).await.decision, Decision::Unreadable);
    assert_eq!(error_of(Reply::status(404, HTML)).await.decision, Decision::Unreadable);
    assert!(matches!(error_of(Reply::status(429, HTML)).await.decision, Decision::Throttled { .. }));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = FakeGraph::start([Reply::json(r#"{"id":"1"}"#)]).await;
    let error = error_of(Reply::status(302, "").with_header("Location", &elsewhere.base_url)).await;
    assert_eq!(error.decision, Decision::Unreadable);
    assert!(elsewhere.asked().is_empty(), "the token stays where it belongs");
}

#[tokio::test]
async fn an_answer_longer_than_the_limit_is_not_read() {
    let long = format!(r#"{{"id":"1","name":"{}"}}"#, "x".repeat(9 * 1024 * 1024));
    assert_eq!(error_of(Reply::json(&long)).await.decision, Decision::Unreadable);
}

#[tokio::test]
async fn eight_megabytes_of_nested_arrays_are_refused_quickly() {
    for hostile in [
        "[".repeat(7_000_000),
        r#"{"a":"#.repeat(1_000_000),
        format!(r#"{{"data":[{}{{}}]}}"#, "{},".repeat(2_000_000)),
    ] {
        let graph = FakeGraph::start([Reply::json(&hostile)]).await;
        let asked = Instant::now();
        let answer = graph.client.accounts(&graph.auth(), false, None).await;
        assert!(answer.is_err() || answer.unwrap().value.data.is_empty());
        assert!(asked.elapsed() < Duration::from_secs(20));
    }
}

#[tokio::test]
async fn no_failure_prints_a_token_or_an_address() {
    for reply in [Reply::Hang, Reply::Close, Reply::Truncated("x"), Reply::status(200, HTML), Reply::status(302, "")] {
        let graph = FakeGraph::start([reply]).await;
        let error =
            graph.client.debug_token(&pagekeeper_common::domain::token::AccessToken::new(TOKEN)).await.unwrap_err();
        let printed = printed(&error);
        for secret in [TOKEN, "input_token", "127.0.0.1", "test-app-secret"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}

#[tokio::test]
async fn usage_comes_with_every_answer() {
    let reply = Reply::json(r#"{"id":"1"}"#)
        .with_header("X-App-Usage", r#"{"call_count":28,"total_time":25,"total_cputime":25}"#);
    let graph = FakeGraph::start([reply]).await;
    assert_eq!(graph.client.me(&graph.auth()).await.unwrap().usage.highest_percent(), 28);
}
