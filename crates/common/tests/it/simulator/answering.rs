//! Messages to customers, labels, private replies.

use pagekeeper_common::domain::ids::Psid;
use pagekeeper_common::graph::{
    ConversationsRequest, CustomLabel, Decision, MessageContent, MessageTag, ModerationAction, NewMessage, Platform,
    Recipient, SenderAction,
};
use serde_json::json;
use std::num::NonZeroU32;

use super::Facebook;

#[tokio::test]
async fn an_answer_is_sent_once_and_is_the_newest_message_of_its_thread() {
    let facebook = Facebook::start().await;
    let (page, auth, _) = facebook.busy_page().await;
    let written = json!({ "customer_name": "Ada L", "text": "Are you there?" });
    let written = facebook.control(reqwest::Method::POST, &format!("pages/{page}/messages"), written).await;
    let customer = Psid::parse(written["psid"].as_str().unwrap()).unwrap();
    let message = |text: &str| NewMessage {
        recipient: Recipient::Customer(customer.clone()),
        content: MessageContent::Text { text: text.to_owned(), quick_replies: Vec::new() },
        tag: None,
        reply_to: None,
        metadata: Some("reply:1".to_owned()),
    };
    let newest = async || {
        let request = ConversationsRequest { platform: Platform::Messenger, limit: 1, messages: 1, after: None };
        let list = facebook.client.conversations(&auth, &page, request).await.unwrap().value;
        list.data[0].messages.data[0].clone()
    };

    let sent = facebook.client.send_message(&auth, &page, &message("Yes, until 18.")).await.unwrap();
    assert_eq!((sent.calls, sent.value.recipient.as_ref()), (1, Some(&customer)));
    let shown = newest().await;
    assert_eq!((&shown.id, shown.text.as_deref()), (&sent.value.mid, Some("Yes, until 18.")));
    facebook.client.send_action(&auth, &page, &customer, &SenderAction::MarkSeen).await.unwrap();

    // Meta does it and answers with an error: only a look at the thread tells.
    let effect = json!({ "error": { "status": 500, "code": 2, "is_transient": true, "applied": true } });
    facebook.fault("messages", effect).await;
    let doubtful = facebook.client.send_message(&auth, &page, &message("Come by!")).await.unwrap_err();
    assert!(doubtful.decision.leaves_a_write_in_doubt());
    assert_eq!(newest().await.text.as_deref(), Some("Come by!"));

    facebook.control(reqwest::Method::POST, "clock/advance", json!({ "seconds": 86_400 })).await;
    let closed = facebook.client.send_message(&auth, &page, &message("Still there?")).await.unwrap_err();
    assert_eq!(closed.decision, Decision::WindowClosed);
    let human = NewMessage { tag: Some(MessageTag::HumanAgent), ..message("Sorry for the wait") };
    facebook.client.send_message(&auth, &page, &human).await.unwrap();
}

#[tokio::test]
async fn labels_and_moderation_reach_the_customer() {
    let facebook = Facebook::start().await;
    let (page, auth, _) = facebook.busy_page().await;
    let client = &facebook.client;
    let request = ConversationsRequest { platform: Platform::Messenger, limit: 1, messages: 1, after: None };
    let list = client.conversations(&auth, &page, request).await.unwrap().value;
    let customer = Psid::parse(list.data[0].customer(page.as_str()).unwrap().id.clone()).unwrap();

    let label = client.create_label(&auth, &page, "VIP").await.unwrap().value;
    client.give_label(&auth, &label, &customer).await.unwrap();
    client.give_label(&auth, &label, &customer).await.unwrap();
    let given = client.labels_of(&auth, &customer, None).await.unwrap().value.data;
    assert_eq!(given, [CustomLabel { id: label.clone(), name: Some("VIP".to_owned()) }]);
    client.take_label(&auth, &label, &customer).await.unwrap();
    assert!(client.labels_of(&auth, &customer, None).await.unwrap().value.data.is_empty());
    client.delete_label(&auth, &label).await.unwrap();
    assert!(client.labels(&auth, &page, None).await.unwrap().value.data.is_empty());
    assert_eq!(client.delete_label(&auth, &label).await.unwrap_err().decision, Decision::Gone);

    let both = [ModerationAction::BlockUser, ModerationAction::UnblockUser];
    let error = client.moderate(&auth, &page, std::slice::from_ref(&customer), &both).await.unwrap_err();
    assert_eq!(error.decision, Decision::BadRequest);
    client.moderate(&auth, &page, std::slice::from_ref(&customer), &[ModerationAction::MoveToSpam]).await.unwrap();
    let customers = facebook.control(reqwest::Method::GET, &format!("pages/{page}/customers"), json!({})).await;
    let shown = customers.as_array().unwrap().iter().find(|one| one["psid"] == customer.as_str()).unwrap();
    assert_eq!((&shown["spam"], &shown["blocked"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn a_comment_under_a_post_is_answered_privately_once() {
    let facebook = Facebook::start().await;
    let (page, auth, _) = facebook.busy_page().await;
    let client = &facebook.client;
    let twenty = NonZeroU32::new(20).unwrap();
    let (mut posts, mut after) = (Vec::new(), None);
    loop {
        let answer = client.published_posts(&auth, &page, twenty, after.as_ref()).await.unwrap().value;
        posts.extend(answer.data);
        after = answer.after;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(posts.len(), 40);
    assert!(posts.iter().any(|post| post.engagement.likes > 0 && post.engagement.shares > 0));
    let post = &posts[0].id;
    let commented = json!({ "customer_name": "Ada L", "text": "How much is it?" });
    facebook.control(reqwest::Method::POST, &format!("pages/{page}/posts/{post}/comments"), commented).await;
    let comment = client.comments(&auth, post, twenty, None).await.unwrap().value.data.remove(0);
    assert_eq!((comment.author_name.as_deref(), comment.can_reply_privately), (Some("Ada L"), true));
    assert_eq!(client.post(&auth, post).await.unwrap().value.engagement.comments, 1);

    let reply = NewMessage {
        recipient: Recipient::CommentedBy(comment.id),
        content: MessageContent::Text { text: "Let us talk here".to_owned(), quick_replies: Vec::new() },
        tag: None,
        reply_to: None,
        metadata: None,
    };
    let sent = client.send_message(&auth, &page, &reply).await.unwrap().value;
    assert!(sent.recipient.is_some(), "the comment's writer is a customer now");
    let again = client.send_message(&auth, &page, &reply).await.unwrap_err();
    assert!(!again.decision.leaves_a_write_in_doubt(), "{again:?}");
}

#[tokio::test]
async fn instagram_direct_is_read_and_answered_through_the_page() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let (page, auth, _) = facebook.busy_page().await;
    let account = client.page_details(&auth, &page, true).await.unwrap().value.instagram.unwrap().id;
    let path = format!("pages/{}/messages", account.as_str());
    let body = json!({ "customer_name": "Ada Lovelace", "text": "Is it vegan?", "count": 22 });
    facebook.control(reqwest::Method::POST, &path, body).await;

    let request = ConversationsRequest { platform: Platform::Instagram, limit: 1, messages: 25, after: None };
    let list = client.conversations(&auth, &page, request).await.unwrap().value;
    let conversation = &list.data[0];
    let customer = conversation.customer(account.as_str()).unwrap();
    assert!(customer.username.as_deref().unwrap().starts_with("adalovelace."));
    let messages = &conversation.messages.data;
    let detailed = messages.iter().filter(|message| message.text.is_some() && message.from.is_some()).count();
    assert_eq!((messages.len(), detailed), (22, 20), "Instagram tells no more");

    let igsid = Psid::parse(customer.id.clone()).unwrap();
    let profiles = client.profiles(&auth, Platform::Instagram, std::slice::from_ref(&igsid)).await.unwrap().value;
    assert_eq!(profiles[0].as_ref().unwrap().name.as_deref(), Some("Ada Lovelace"));
    let answer = NewMessage {
        recipient: Recipient::Customer(igsid.clone()),
        content: MessageContent::Text { text: "All of it".to_owned(), quick_replies: Vec::new() },
        tag: None,
        reply_to: None,
        metadata: Some("42".to_owned()),
    };
    let sent = client.send_message(&auth, &page, &answer).await.unwrap().value;
    let again = client.conversations(&auth, &page, request).await.unwrap().value;
    assert_eq!(again.data[0].messages.data[0].id, sent.mid);
    facebook.control(reqwest::Method::POST, "clock/advance", json!({ "seconds": 25 * 3_600 })).await;
    let late = client.send_message(&auth, &page, &answer).await.unwrap_err();
    assert_eq!(late.decision, Decision::WindowClosed);
    let human = NewMessage { tag: Some(MessageTag::HumanAgent), ..answer };
    client.send_message(&auth, &page, &human).await.unwrap();
}
