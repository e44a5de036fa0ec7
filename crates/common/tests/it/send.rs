//! Messages to customers, as they are asked for and as they are answered.

use pagekeeper_common::domain::ids::{AttachmentId, CommentId, Mid, PageId, PostId, Psid};
use pagekeeper_common::graph::{
    API_VERSION, AttachmentSource, Decision, GraphError, MessageContent, MessageTag, NewMessage, QuickReply, Reaction,
    Recipient, SendableKind, SenderAction, SentMessage,
};
use serde_json::json;

use crate::fake::{Asked, FakeGraph, Reply};

const SENT: &str = r#"{"recipient_id":"6899","message_id":"m_1"}"#;

fn page() -> PageId {
    PageId::parse("1122").unwrap()
}

fn text(text: &str) -> NewMessage {
    NewMessage {
        recipient: Recipient::Customer(Psid::parse("6899").unwrap()),
        content: MessageContent::Text { text: text.to_owned(), quick_replies: Vec::new() },
        tag: None,
        reply_to: None,
        metadata: None,
    }
}

async fn asked_for(message: NewMessage) -> (Asked, SentMessage) {
    let graph = FakeGraph::start([Reply::json(SENT)]).await;
    let sent = graph.client.send_message(&graph.auth(), &page(), &message).await.unwrap().value;
    let asked = graph.asked_once();
    asked.assert_authorized();
    assert_eq!(
        (asked.method.as_str(), asked.path.as_str()),
        ("POST", format!("/{API_VERSION}/1122/messages").as_str())
    );
    (asked, sent)
}

async fn refused(reply: Reply) -> GraphError {
    let graph = FakeGraph::start([reply]).await;
    graph.client.send_message(&graph.auth(), &page(), &text("Hi")).await.unwrap_err()
}

#[tokio::test]
async fn a_text_is_an_answer_to_its_customer() {
    let message = NewMessage {
        content: MessageContent::Text {
            text: "Which one?".to_owned(),
            quick_replies: vec![QuickReply { title: "Red".to_owned(), payload: "colour:red".to_owned() }],
        },
        reply_to: Some(Mid::parse("m_0").unwrap()),
        metadata: Some("reply:7".to_owned()),
        ..text("")
    };
    let (asked, sent) = asked_for(message).await;
    assert_eq!(asked.form_json("recipient"), json!({ "id": "6899" }));
    assert_eq!(
        asked.form_json("message"),
        json!({
            "text": "Which one?", "metadata": "reply:7",
            "quick_replies": [{ "content_type": "text", "title": "Red", "payload": "colour:red" }],
        })
    );
    assert_eq!((asked.form("messaging_type"), asked.form("tag")), (Some("RESPONSE"), None));
    assert_eq!(asked.form_json("reply_to"), json!({ "mid": "m_0" }));
    let (mid, recipient) = (Mid::parse("m_1").unwrap(), Some(Psid::parse("6899").unwrap()));
    assert_eq!(sent, SentMessage { mid, recipient, attachment_id: None });
}

#[tokio::test]
async fn a_human_agents_answer_says_so() {
    let (asked, _) = asked_for(NewMessage { tag: Some(MessageTag::HumanAgent), ..text("Sorry for the wait") }).await;
    assert_eq!((asked.form("messaging_type"), asked.form("tag")), (Some("MESSAGE_TAG"), Some("HUMAN_AGENT")));
    assert_eq!(asked.form_json("message"), json!({ "text": "Sorry for the wait" }));
}

#[tokio::test]
async fn a_file_is_sent_by_address_or_by_its_id() {
    let with = |kind, source| NewMessage { content: MessageContent::Attachment { kind, source }, ..text("") };
    let url = "https://example.com/menu.png".to_owned();
    let by_url = with(SendableKind::Image, AttachmentSource::Url { url: url.clone(), is_reusable: true });
    let (asked, _) = asked_for(by_url.clone()).await;
    assert_eq!(
        asked.form_json("message"),
        json!({ "attachment": { "type": "image", "payload": { "url": url, "is_reusable": true } } })
    );
    let uploaded = AttachmentSource::Uploaded(AttachmentId::parse("77").unwrap());
    let (asked, _) = asked_for(with(SendableKind::File, uploaded)).await;
    let attachment = json!({ "attachment": { "type": "file", "payload": { "attachment_id": "77" } } });
    assert_eq!(asked.form_json("message"), attachment);

    let answer = r#"{"recipient_id":"6899","message_id":"m_1","attachment_id":77}"#;
    let graph = FakeGraph::start([Reply::json(answer)]).await;
    let sent = graph.client.send_message(&graph.auth(), &page(), &by_url).await.unwrap().value;
    assert_eq!(sent.attachment_id, Some(AttachmentId::parse("77").unwrap()), "also as a number");
}

#[tokio::test]
async fn comments_and_posts_are_answered_privately() {
    for (recipient, expected) in [
        (Recipient::CommentedBy(CommentId::parse("5_6").unwrap()), json!({ "comment_id": "5_6" })),
        (Recipient::PostedBy(PostId::parse("1122_5").unwrap()), json!({ "post_id": "1122_5" })),
    ] {
        let (asked, _) = asked_for(NewMessage { recipient, ..text("Let us talk here") }).await;
        assert_eq!(asked.form_json("recipient"), expected);
    }
}

#[tokio::test]
async fn an_action_is_sent_alone() {
    let mid = Mid::parse("m_0").unwrap();
    let heart = Reaction { mid: mid.clone(), emoji: "❤️".to_owned() };
    for (action, name, payload) in [
        (SenderAction::MarkSeen, "mark_seen", None),
        (SenderAction::TypingOn, "typing_on", None),
        (SenderAction::TypingOff, "typing_off", None),
        (SenderAction::React(heart), "react", Some(json!({ "message_id": "m_0", "reaction": "❤️" }))),
        (SenderAction::Unreact(mid), "unreact", Some(json!({ "message_id": "m_0" }))),
    ] {
        let graph = FakeGraph::start([Reply::json(r#"{"recipient_id":"6899"}"#)]).await;
        let customer = Psid::parse("6899").unwrap();
        graph.client.send_action(&graph.auth(), &page(), &customer, &action).await.unwrap();
        let asked = graph.asked_once();
        assert_eq!((asked.form("sender_action"), asked.form("message")), (Some(name), None));
        assert_eq!(payload, asked.form("payload").map(|_| asked.form_json("payload")));
    }
}

#[tokio::test]
async fn a_documented_refusal_is_surely_not_sent() {
    for (code, subcode, decision) in [
        (10, 2_018_278, Decision::WindowClosed),
        (10, 2_534_022, Decision::WindowClosed),
        (100, 2_018_001, Decision::RecipientUnreachable),
        (551, 1_545_041, Decision::RecipientUnreachable),
        (10, 1_893_063, Decision::PolicyBlocked),
        (200, 2_018_028, Decision::PermissionMissing),
        (100, 2_018_008, Decision::BadRequest),
    ] {
        let body = json!({ "error": { "message": "no", "code": code, "error_subcode": subcode } }).to_string();
        let error = refused(Reply::status(400, &body)).await;
        assert_eq!(error.decision, decision, "{code}/{subcode}");
        assert!(!error.decision.leaves_a_write_in_doubt(), "{code}/{subcode}");
    }
}

#[tokio::test]
async fn whatever_else_comes_may_have_been_sent() {
    let transient = r#"{"error":{"message":"An unexpected error","code":2,"is_transient":true}}"#;
    let sent_after_all = r#"{"error":{"message":"Received invalid JSON reply","code":1,"error_subcode":1357046}}"#;
    let unknown = r#"{"error":{"message":"Something new","code":424242}}"#;
    for reply in [
        Reply::status(500, transient),
        Reply::status(400, sent_after_all),
        Reply::status(400, unknown),
        Reply::status(502, "<html>Bad Gateway</html>"),
        Reply::json("{}"),
        Reply::json(r#"{"recipient_id":"6899"}"#),
        Reply::Truncated(r#"{"recipient_id":"68"#),
        Reply::Hang,
        Reply::Close,
    ] {
        let error = refused(reply).await;
        assert!(error.decision.leaves_a_write_in_doubt(), "{error:?}");
    }
}

#[tokio::test]
async fn a_conversation_of_another_app_is_taken_and_passed_on() {
    let graph = FakeGraph::start([
        Reply::json(r#"{"data":[{"thread_owner":{"app_id":263902037430900}}]}"#),
        Reply::json(r#"{"data":[]}"#),
        Reply::json(r#"{"success":true}"#),
        Reply::json(r#"{"success":"true"}"#),
        Reply::status(403, r#"{"error":{"message":"(#2018300) another app","type":"OAuthException","code":2018300}}"#),
    ])
    .await;
    let (client, auth) = (&graph.client, graph.auth());
    let (page, customer) = (PageId::parse("11").unwrap(), Psid::parse("77").unwrap());
    let owner = client.thread_owner(&auth, &page, &customer).await.unwrap().value;
    assert_eq!(owner.as_deref(), Some("263902037430900"));
    assert_eq!(client.thread_owner(&auth, &page, &customer).await.unwrap().value, None);
    client.take_thread_control(&auth, &page, &customer).await.unwrap();
    client.pass_thread_control(&auth, &page, &customer, "5").await.unwrap();
    let refused = client.take_thread_control(&auth, &page, &customer).await.unwrap_err();
    assert_eq!(refused.decision, Decision::PolicyBlocked);
    let asked = graph.asked();
    assert_eq!(asked[2].form_json("recipient"), serde_json::json!({ "id": "77" }));
    assert_eq!((asked[3].path.as_str(), asked[3].form("target_app_id")), ("/v25.0/11/pass_thread_control", Some("5")));
}
