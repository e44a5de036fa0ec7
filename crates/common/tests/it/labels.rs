//! Labels and moderation, as they are asked for and as they are answered.

use pagekeeper_common::domain::ids::{LabelId, PageId, Psid};
use pagekeeper_common::graph::{API_VERSION, CustomLabel, Decision, ModerationAction};
use serde_json::json;

use crate::fake::{FakeGraph, Reply};

fn page() -> PageId {
    PageId::parse("1122").unwrap()
}

fn psid() -> Psid {
    Psid::parse("6899").unwrap()
}

fn label(id: &str) -> LabelId {
    LabelId::parse(id).unwrap()
}

#[tokio::test]
async fn a_label_is_made_given_taken_and_deleted() {
    let graph = FakeGraph::start([
        Reply::json(r#"{"id":7}"#),
        Reply::json(r#"{"success":true}"#),
        Reply::json(r#"{"success":"true"}"#),
        Reply::json(r#"{"success":true}"#),
    ])
    .await;
    let (client, auth) = (&graph.client, graph.auth());
    assert_eq!(client.create_label(&auth, &page(), "VIP").await.unwrap().value, label("7"), "also as a number");
    client.give_label(&auth, &label("7"), &psid()).await.unwrap();
    client.take_label(&auth, &label("7"), &psid()).await.unwrap();
    client.delete_label(&auth, &label("7")).await.unwrap();
    let asked = graph.asked();
    let shape: Vec<_> = asked.iter().map(|asked| (asked.method.as_str(), asked.path.clone())).collect();
    let path = |path: &str| format!("/{API_VERSION}/{path}");
    assert_eq!(
        shape,
        [
            ("POST", path("1122/custom_labels")),
            ("POST", path("7/label")),
            ("DELETE", path("7/label")),
            ("DELETE", path("7")),
        ]
    );
    assert_eq!(asked[0].form("page_label_name"), Some("VIP"));
    assert_eq!((asked[1].form("user"), asked[2].query("user")), (Some("6899"), Some("6899")));
    asked.iter().for_each(crate::fake::Asked::assert_authorized);
}

#[tokio::test]
async fn labels_come_in_pages_and_some_without_a_name() {
    let body = r#"{"data":[{"page_label_name":"VIP","id":"7"},{"id":"8"},{"page_label_name":"no id"}],
        "paging":{"cursors":{"after":"abc"},"next":"https://graph.facebook.com/next"}}"#;
    let graph = FakeGraph::start([Reply::json(body), Reply::json(r#"{"data":[]}"#)]).await;
    let first = graph.client.labels(&graph.auth(), &page(), None).await.unwrap().value;
    let named = CustomLabel { id: label("7"), name: Some("VIP".to_owned()) };
    assert_eq!((first.data, first.dropped), (vec![named, CustomLabel { id: label("8"), name: None }], 1));
    let rest = graph.client.labels_of(&graph.auth(), &psid(), first.after.as_ref()).await.unwrap().value;
    assert!(rest.data.is_empty() && rest.after.is_none());
    assert_eq!(graph.asked()[1].query("after"), Some("abc"));
}

#[tokio::test]
async fn terms_that_were_not_accepted_are_told_apart() {
    let body = r#"{"error":{"message":"Privacy terms","code":2,"error_subcode":2018344}}"#;
    let graph = FakeGraph::start([Reply::status(400, body)]).await;
    let error = graph.client.create_label(&graph.auth(), &page(), "VIP").await.unwrap_err();
    assert_eq!(error.decision, Decision::PolicyBlocked);
}

#[tokio::test]
async fn moderation_succeeds_with_text_and_fails_with_text() {
    let graph = FakeGraph::start([Reply::json(r#"{"success":"true"}"#), Reply::json(r#"{"success":"false"}"#)]).await;
    let (client, auth) = (&graph.client, graph.auth());
    let actions = [ModerationAction::BlockUser, ModerationAction::MoveToSpam];
    client.moderate(&auth, &page(), &[psid()], &actions).await.unwrap();
    let asked = &graph.asked()[0];
    assert_eq!(asked.path, format!("/{API_VERSION}/1122/moderate_conversations"));
    assert_eq!(asked.form_json("user_ids"), json!([{ "id": "6899" }]));
    assert_eq!(asked.form_json("actions"), json!(["block_user", "move_to_spam"]));
    let error = client.moderate(&auth, &page(), &[psid()], &actions).await.unwrap_err();
    assert_eq!(error.decision, Decision::Refused);
}
