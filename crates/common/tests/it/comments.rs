//! Comments, as they are asked for and as they are answered, and what a Page does about them.

use std::num::NonZeroU32;

use pagekeeper_common::domain::ids::{CommentId, PostId};
use pagekeeper_common::graph::{API_VERSION, Decision};

use crate::fake::{FakeGraph, Reply};

const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();

#[tokio::test]
async fn comments_come_with_or_without_their_author() {
    let body = r#"{"data":[
        {"id":"5_6","message":"How much is it?","created_time":"2026-05-23T19:28:12+0000","from":{"name":"Ada","id":"9"},"can_reply_privately":true},
        {"id":"5_7","message":"?"}]}"#;
    let graph = FakeGraph::start([Reply::json(body)]).await;
    let post = PostId::parse("1122_5").unwrap();
    let list = graph.client.comments(&graph.auth(), &post, TEN, None).await.unwrap().value.data;
    assert_eq!((list[0].author_name.as_deref(), list[0].can_reply_privately), (Some("Ada"), true));
    assert_eq!((&list[1].author_name, list[1].can_reply_privately), (&None, false));
    assert_eq!(graph.asked_once().path, format!("/{API_VERSION}/1122_5/comments"));
}

#[tokio::test]
async fn a_comment_is_answered_hidden_and_deleted() {
    let graph = FakeGraph::start([
        Reply::json(r#"{"id":"5_10"}"#),
        Reply::json(r#"{"success":true}"#),
        Reply::json(r#"{"success":"true"}"#),
        Reply::json(r#"{"success":false}"#),
        Reply::json(r#"{"id":"5_9","parent":{"id":"5_8"},"is_hidden":"true","from":{"id":77,"name":"Ada"}}"#),
    ])
    .await;
    let (client, auth, comment) = (&graph.client, graph.auth(), CommentId::parse("5_9").unwrap());
    let answer = client.answer_comment(&auth, &comment, "Nine euros").await.unwrap().value;
    assert_eq!(answer.as_str(), "5_10");
    client.hide_comment(&auth, &comment, true).await.unwrap();
    client.delete_comment(&auth, &comment).await.unwrap();
    assert_eq!(client.delete_comment(&auth, &comment).await.unwrap_err().decision, Decision::Refused);
    let read = client.comment(&auth, &comment).await.unwrap().value;
    assert_eq!(
        (read.parent_id.unwrap().as_str(), read.is_hidden, read.author_id.as_deref()),
        ("5_8", true, Some("77"))
    );
    let asked = graph.asked();
    assert_eq!((asked[0].path.as_str(), asked[0].form("message")), ("/v25.0/5_9/comments", Some("Nine euros")));
    assert_eq!((asked[1].method.as_str(), asked[1].form("is_hidden")), ("POST", Some("true")));
    assert_eq!((asked[2].method.as_str(), asked[2].path.as_str()), ("DELETE", "/v25.0/5_9"));
}
