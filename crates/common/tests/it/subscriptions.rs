//! Webhook subscriptions of Pages and of the app. (A1, A12)

use pagekeeper_common::domain::ids::PageId;
use pagekeeper_common::graph::Decision;
use secrecy::SecretString;

use crate::fake::{APP_ID, APP_SECRET, FakeGraph, Reply};

fn page() -> PageId {
    PageId::parse("1122334455").unwrap()
}

#[tokio::test]
async fn a_page_is_subscribed_whether_success_is_text_or_truth() {
    let graph = FakeGraph::start([Reply::json(r#"{"success":"true"}"#), Reply::json(r#"{"success":true}"#)]).await;
    for _ in 0..2 {
        graph.client.subscribe_page(&graph.auth(), &page(), &["messages", "message_echoes"]).await.unwrap();
    }
    let asked = &graph.asked()[0];
    asked.assert_authorized();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/v25.0/1122334455/subscribed_apps"));
    assert_eq!(asked.form("subscribed_fields"), Some("messages,message_echoes"));
    assert_eq!(asked.form("access_token"), None);
}

#[tokio::test]
async fn an_answer_without_success_is_a_refusal() {
    for body in [r#"{"success":false}"#, "{}", r#"{"success":{}}"#] {
        let graph = FakeGraph::start([Reply::json(body)]).await;
        let error = graph.client.subscribe_page(&graph.auth(), &page(), &["messages"]).await.unwrap_err();
        assert_eq!(error.decision, Decision::Refused, "{body}");
    }
}

#[tokio::test]
async fn our_own_subscription_is_found_among_those_of_other_apps() {
    let ours = format!(
        r#"{{"data":[{{"id":"1","subscribed_fields":["feed"]}},{{"id":"{APP_ID}","name":"Example","subscribed_fields":["messages","feed"]}}]}}"#
    );
    let graph = FakeGraph::start([
        Reply::json(&ours),
        Reply::json(r#"{"data":[{"id":"1","subscribed_fields":["feed"]}]}"#),
        Reply::json(r#"{"data":[]}"#),
    ])
    .await;
    let fields = graph.client.page_subscription(&graph.auth(), &page()).await.unwrap().value;
    assert_eq!(fields.unwrap(), ["messages", "feed"]);
    for _ in 0..2 {
        assert_eq!(graph.client.page_subscription(&graph.auth(), &page()).await.unwrap().value, None);
    }
}

#[tokio::test]
async fn a_page_is_unsubscribed() {
    let graph = FakeGraph::start([Reply::json(r#"{"success":true}"#)]).await;
    graph.client.unsubscribe_page(&graph.auth(), &page()).await.unwrap();
    let asked = graph.asked_once();
    asked.assert_authorized();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("DELETE", "/v25.0/1122334455/subscribed_apps"));
}

#[tokio::test]
async fn the_apps_callback_is_registered_with_the_apps_own_token() {
    let graph = FakeGraph::start([
        Reply::json(r#"{"success":"true"}"#),
        Reply::json(
            r#"{"data":[{"object":"page","callback_url":"https://e.example/api/webhook","active":true,
                "fields":[{"name":"feed","version":"v2.10"},{"name":"messages","version":"v25.0"},{"version":"v1"}]},{"object":"instagram"}]}"#,
        ),
    ])
    .await;
    let verify_token = SecretString::from("verify-me");
    graph
        .client
        .subscribe_app("page", "https://e.example/api/webhook", &verify_token, &["messages", "feed"])
        .await
        .unwrap();
    let subscriptions = graph.client.app_subscriptions().await.unwrap().value;
    assert_eq!((subscriptions[0].object.as_str(), subscriptions[0].active), ("page", true));
    assert_eq!(subscriptions[0].fields, ["feed", "messages"]);
    assert!(!subscriptions[1].active && subscriptions[1].fields.is_empty());

    let asked = &graph.asked()[0];
    assert_eq!(asked.path, format!("/v25.0/{APP_ID}/subscriptions"));
    assert_eq!(asked.header("authorization"), Some(format!("Bearer {APP_ID}|{APP_SECRET}").as_str()));
    assert_eq!((asked.form("verify_token"), asked.form("object")), (Some("verify-me"), Some("page")));
    assert!(asked.query.is_empty(), "the verify token is not in the address");
}
