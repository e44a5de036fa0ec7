//! Conversations with nested messages, as documented and as seen. (A1, C2, C3)

use chrono::DateTime;
use pagekeeper_common::domain::ids::{PageId, ThreadId};
use pagekeeper_common::graph::{AttachmentKind, ConversationsRequest, Cursor, Decision, Platform, Story};

use crate::fake::{FakeGraph, Reply};

const CONVERSATIONS: &str = r#"{"data":[
 {"id":"t_10000000000000000","updated_time":"2026-07-16T12:00:00+0000","unread_count":1,"message_count":7,"can_reply":true,
  "participants":{"data":[{"name":"Jane Doe","email":"6899200000000000@facebook.com","id":"6899200000000000"},{"name":"Acme","email":"","id":"1122334455"}]},
  "messages":{"data":[
     {"id":"m_AbC","created_time":"2026-07-16T12:00:00+0000","from":{"name":"Jane Doe","id":"6899200000000000"},
      "to":{"data":[{"name":"Acme","id":"1122334455"}]},"message":"Do you ship?"},
     {"id":"m_DeF","created_time":"2026-07-16T11:59:00+0000","from":{"name":"Acme","id":"1122334455"},"message":"",
      "attachments":{"data":[
        {"id":"1","mime_type":"image\/jpeg","name":"image-1.jpg","size":123456,"image_data":{"width":960,"url":"https:\/\/s\/i","preview_url":"https:\/\/s\/p"}},
        {"id":"2","mime_type":"video/mp4","video_data":{"url":"https://s/v"}},
        {"id":"3","mime_type":"audio/mpeg","file_url":"https://s/a"},
        {"id":"4","name":"price.pdf","mime_type":"application/pdf","size":"99","file_url":"https://s/f"},
        {"generic_template":{"title":"Offer"}}]}}],
   "paging":{"cursors":{"before":"b","after":"older"},"next":"https://graph/x?access_token=EAA&after=older"}}},
 {"id":"t_2","updated_time":1784203200}],
 "paging":{"cursors":{"before":"x","after":"y"},"next":"https://graph/x?access_token=EAA&after=y"}}"#;

fn page() -> PageId {
    PageId::parse("1122334455").unwrap()
}

const REQUEST: ConversationsRequest<'static> =
    ConversationsRequest { platform: Platform::Messenger, limit: 50, messages: 25, after: None };

#[tokio::test]
async fn one_call_gives_conversations_with_their_newest_messages() {
    let graph = FakeGraph::start([Reply::json(CONVERSATIONS)]).await;
    let answer = graph.client.conversations(&graph.auth(), &page(), REQUEST).await.unwrap();
    assert_eq!((answer.calls, answer.value.after.as_ref().map(Cursor::as_str)), (1, Some("y")));

    let conversation = &answer.value.data[0];
    assert_eq!(conversation.updated_time, DateTime::from_timestamp(1_784_203_200, 0));
    assert_eq!(
        (conversation.unread_count, conversation.message_count, conversation.can_reply),
        (1, Some(7), Some(true))
    );
    assert_eq!(conversation.customer(page().as_str()).unwrap().name.as_deref(), Some("Jane Doe"));
    assert_eq!(conversation.messages.after.as_ref().map(Cursor::as_str), Some("older"));
    let [asked_about, answered] = conversation.messages.data.as_slice() else { panic!("two messages") };
    assert_eq!((asked_about.id.as_str(), asked_about.text.as_deref()), ("m_AbC", Some("Do you ship?")));
    assert_eq!(
        (asked_about.from.as_ref().unwrap().id.as_str(), asked_about.to[0].id.as_str()),
        ("6899200000000000", "1122334455")
    );
    assert_eq!(answered.text, None, "an empty text is none");
    let kinds: Vec<_> = answered.attachments.iter().map(|attachment| attachment.kind).collect();
    assert_eq!(
        kinds,
        [
            AttachmentKind::Image,
            AttachmentKind::Video,
            AttachmentKind::Audio,
            AttachmentKind::File,
            AttachmentKind::Template
        ]
    );
    assert_eq!((answered.attachments[3].size, answered.attachments[3].url.as_deref()), (Some(99), Some("https://s/f")));
    assert_eq!(answered.attachments[4].name.as_deref(), Some("Offer"));

    let bare = &answer.value.data[1];
    assert_eq!((bare.unread_count, bare.messages.data.len(), bare.participants.len()), (0, 0, 0));
    assert_eq!(bare.updated_time, conversation.updated_time, "seconds and text mean the same time");

    let asked = graph.asked_once();
    asked.assert_authorized();
    assert_eq!(asked.path, "/v25.0/1122334455/conversations");
    assert_eq!(
        (asked.query("limit"), asked.query("platform"), asked.query("after")),
        (Some("50"), Some("messenger"), None)
    );
    assert!(
        asked
            .query("fields")
            .unwrap()
            .ends_with("messages.limit(25){id,created_time,from,to,message,attachments,reactions,reply_to}")
    );
}

#[tokio::test]
async fn entries_that_make_no_sense_are_dropped_alone() {
    let graph = FakeGraph::start([Reply::json(
        r#"{"data":[null,5,"t_x",[],{},{"id":""},{"id":"has space"},
            {"id":"t_1","unread_count":-4,"message_count":"many","participants":[],"messages":{"data":[{"message":"no id"},{"id":"m_1","from":"me","to":7,"attachments":{}}]}},
            {"id":"t_2","messages":[1],"updated_time":{"a":1}}]}"#,
    )])
    .await;
    let list = graph.client.conversations(&graph.auth(), &page(), REQUEST).await.unwrap().value;
    assert_eq!((list.data.len(), list.dropped), (2, 7));
    assert_eq!((list.data[0].messages.data.len(), list.data[0].messages.dropped), (1, 1));
    assert_eq!((list.data[0].unread_count, list.data[0].message_count), (0, None));
}

#[tokio::test]
async fn too_much_data_means_asking_for_half() {
    let body = r#"{"error":{"message":"Please reduce the amount of data you're asking for, then retry your request","type":"OAuthException","code":1,"is_transient":true}}"#;
    let graph = FakeGraph::start([Reply::status(500, body)]).await;
    let error = graph.client.conversations(&graph.auth(), &page(), REQUEST).await.unwrap_err();
    assert_eq!(error.decision, Decision::HalveLimit);
}

#[tokio::test]
async fn older_messages_go_on_from_the_cursor() {
    let graph = FakeGraph::start([
        Reply::json(r#"{"data":[{"id":"m_9"}],"paging":{"next":"https://g/x?after=more","cursors":{"after":"more"}}}"#),
        Reply::json(r#"{"data":[{"id":"m_8"}],"paging":{"cursors":{"after":"last"}}}"#),
    ])
    .await;
    let thread = ThreadId::parse("t_10").unwrap();
    let older = Cursor::new("older").unwrap();
    let first = graph
        .client
        .conversation_messages(&graph.auth(), Platform::Messenger, &thread, 100, Some(&older))
        .await
        .unwrap()
        .value;
    let last = graph
        .client
        .conversation_messages(&graph.auth(), Platform::Messenger, &thread, 100, first.after.as_ref())
        .await
        .unwrap()
        .value;
    assert_eq!((first.data[0].id.as_str(), last.data[0].id.as_str(), last.after), ("m_9", "m_8", None));
    let asked = graph.asked();
    assert_eq!((asked[0].path.as_str(), asked[0].query("after")), ("/v25.0/t_10/messages", Some("older")));
    assert_eq!((asked[1].query("after"), asked[1].query("limit")), (Some("more"), Some("100")));
}

#[tokio::test]
async fn an_id_is_one_part_of_the_path_whatever_it_holds() {
    let graph = FakeGraph::start([Reply::json(r#"{"data":[]}"#)]).await;
    let odd = ThreadId::parse("t_1/../me?fields=x#y").unwrap();
    graph.client.conversation_messages(&graph.auth(), Platform::Messenger, &odd, 10, None).await.unwrap();
    let asked = graph.asked_once();
    assert_eq!(asked.path, "/v25.0/t_1%2F..%2Fme%3Ffields=x%23y/messages");
}

#[tokio::test]
async fn a_direct_conversation_has_user_names_stories_and_older_messages_without_details() {
    let graph = FakeGraph::start([Reply::json(
        r#"{"data":[{"id":"aWdfZAG06","updated_time":"2021-06-15T22:08:01+0000",
            "participants":{"data":[{"username":"ada","id":"77","user_id":"78"},{"username":"cafe","id":"17841405822304914"}]},
            "messages":{"data":[
              {"id":"m_1","created_time":"2021-06-15T22:08:01+0000","from":{"username":"ada","id":"77"},"message":"",
               "story":{"mention":{"link":"https://s/1","id":"179"}}},
              {"id":"m_2","created_time":"2021-06-15T22:07:01+0000","from":{"username":"ada","id":"77"},"message":"wow",
               "story":{"reply_to":{"link":"https://s/2","id":"180"}}},
              {"id":"m_3","created_time":"2021-06-15T22:06:01+0000","is_unsupported":"true"},
              {"id":"m_4","created_time":"2021-06-15T22:05:01+0000"}]}}]}"#,
    )])
    .await;
    let request = ConversationsRequest { platform: Platform::Instagram, ..REQUEST };
    let answer = graph.client.conversations(&graph.auth(), &page(), request).await.unwrap().value;
    let conversation = &answer.data[0];
    assert_eq!(conversation.customer("17841405822304914").unwrap().username.as_deref(), Some("ada"));
    let messages = &conversation.messages.data;
    assert!(matches!(&messages[0].story, Some(Story::Mentioned { id: Some(id), .. }) if id == "179"));
    assert!(matches!(&messages[1].story, Some(Story::Answered { id: Some(id), .. }) if id == "180"));
    assert!(messages[2].is_unsupported && messages[3].text.is_none() && messages[3].from.is_none());
    let asked = graph.asked_once();
    assert_eq!(asked.query("platform"), Some("instagram"));
    assert!(asked.query("fields").unwrap().contains("story,is_unsupported"));
}
