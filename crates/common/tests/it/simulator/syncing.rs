//! A whole sync, and what goes wrong in one. (A2)

use pagekeeper_common::domain::ids::Psid;
use pagekeeper_common::graph::{ConversationsRequest, Cursor, Decision, Platform, Profile};
use serde_json::json;

use super::Facebook;

#[tokio::test]
async fn a_whole_page_is_synced_and_each_call_is_counted_as_facebook_counts() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let (page, auth, _) = facebook.busy_page().await;
    facebook.control(reqwest::Method::DELETE, "calls", json!({})).await;

    let (mut calls, mut conversations, mut after): (u32, Vec<_>, Option<Cursor>) = (0, Vec::new(), None);
    loop {
        let request =
            ConversationsRequest { platform: Platform::Messenger, limit: 25, messages: 5, after: after.as_ref() };
        let answer = client.conversations(&auth, &page, request).await.unwrap();
        calls += answer.calls;
        assert_eq!(answer.value.dropped, 0);
        conversations.extend(answer.value.data);
        after = answer.value.after;
        if after.is_none() {
            break;
        }
    }
    let mut ids: Vec<_> = conversations.iter().map(|conversation| conversation.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), conversations.len()), (60, 60));

    for conversation in &conversations {
        let mut messages = conversation.messages.data.len();
        let mut after = conversation.messages.after.clone();
        while let Some(cursor) = after {
            let older = client
                .conversation_messages(&auth, Platform::Messenger, &conversation.id, 10, Some(&cursor))
                .await
                .unwrap();
            calls += older.calls;
            messages += older.value.data.len();
            after = older.value.after;
        }
        assert_eq!(messages, conversation.message_count.unwrap() as usize);
        assert!(conversation.updated_time.is_some() && conversation.messages.data[0].created_time.is_some());
    }

    let psids: Vec<Psid> = conversations
        .iter()
        .map(|conversation| Psid::parse(conversation.customer(page.as_str()).unwrap().id.clone()).unwrap())
        .collect();
    let profiles = client.profiles(&auth, Platform::Messenger, &psids).await.unwrap();
    calls += profiles.calls;
    // Some people have shared no name, and of some the app may not see the profile.
    let named = |profile: &Profile| profile.name.is_some();
    let names = profiles.value.iter().filter(|profile| profile.as_ref().is_ok_and(named)).count();
    assert!(names > 30, "{names} of {}", psids.len());
    assert!(profiles.value.iter().all(|profile| match profile {
        Ok(_) => true,
        Err(error) => matches!(error.decision, Decision::PermissionMissing | Decision::Gone),
    }));

    let counts = facebook.control(reqwest::Method::GET, "calls/counts", json!({})).await;
    assert_eq!(counts["total"], calls, "{counts}");
}

#[tokio::test]
async fn simulated_faults_become_decisions() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let (page, auth, _) = facebook.busy_page().await;
    let request = ConversationsRequest { platform: Platform::Messenger, limit: 50, messages: 25, after: None };
    for (effect, expected) in [
        (json!("reduce_data"), Decision::HalveLimit),
        (json!("html"), Decision::Transient),
        (
            json!({ "error": { "status": 400, "code": 613 } }),
            Decision::Throttled { scope: pagekeeper_common::graph::ThrottleScope::Endpoint, retry_after: None },
        ),
        (json!({ "error": { "status": 400, "code": 190, "subcode": 463, "is_transient": true } }), Decision::Transient),
    ] {
        facebook.fault("/conversations", effect.clone()).await;
        let error = client.conversations(&auth, &page, request).await.unwrap_err();
        let same = match (error.decision, expected) {
            (Decision::Throttled { scope, .. }, Decision::Throttled { scope: expected, .. }) => scope == expected,
            (decision, expected) => decision == expected,
        };
        assert!(same, "{effect}: {error}");
    }
    for effect in ["truncate", "reset_before", "reset_after", "empty"] {
        facebook.fault("/conversations", json!(effect)).await;
        let error = client.conversations(&auth, &page, request).await.unwrap_err();
        assert!(error.decision.is_worth_retrying(), "{effect}: {error}");
    }
    client.conversations(&auth, &page, request).await.unwrap();
}

#[tokio::test]
async fn a_missing_batch_item_fails_no_other() {
    let facebook = Facebook::start().await;
    let (page, auth, _) = facebook.busy_page().await;
    let request = ConversationsRequest { platform: Platform::Messenger, limit: 3, messages: 1, after: None };
    let conversations = facebook.client.conversations(&auth, &page, request).await.unwrap().value.data;
    let psids: Vec<Psid> = conversations
        .iter()
        .map(|conversation| Psid::parse(conversation.customer(page.as_str()).unwrap().id.clone()).unwrap())
        .collect();
    facebook.fault(psids[1].as_str(), json!("null_item")).await;
    let outcomes = facebook.client.profiles(&auth, Platform::Messenger, &psids).await.unwrap().value;
    assert_eq!(outcomes.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(outcomes[1].as_ref().unwrap_err().decision, Decision::Transient);
}
