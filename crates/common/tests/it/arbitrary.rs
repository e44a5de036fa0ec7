//! Whatever JSON comes, every call answers or refuses; none panics. (invariant 8, the other way round)

use std::iter;
use std::sync::{Arc, Mutex};

use pagekeeper_common::domain::ids::{PageId, Psid, ThreadId};
use pagekeeper_common::domain::token::AccessToken;
use pagekeeper_common::graph::{ConversationsRequest, Platform};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value};

use crate::fake::{FakeGraph, Reply};

/// The names that our decoders look for, so that arbitrary values stand where they are read.
const KEYS: &[&str] = &[
    "data",
    "id",
    "paging",
    "cursors",
    "after",
    "next",
    "messages",
    "participants",
    "attachments",
    "image_data",
    "url",
    "created_time",
    "updated_time",
    "from",
    "to",
    "message",
    "unread_count",
    "access_token",
    "expires_in",
    "expires_at",
    "scopes",
    "granular_scopes",
    "target_ids",
    "scope",
    "error",
    "code",
    "error_subcode",
    "is_transient",
    "success",
    "tasks",
    "picture",
    "instagram_business_account",
    "fan_count",
    "name",
    "body",
    "fields",
    "object",
    "is_valid",
];

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(Value::from("true")),
        Just(Value::from("2026-07-16T12:00:00+0000")),
    ];
    leaf.prop_recursive(6, 120, 8, |inner| {
        let key = prop_oneof![4 => prop::sample::select(KEYS).prop_map(str::to_owned), 1 => ".{0,5}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
            prop::collection::vec((key, inner), 0..8)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A server whose answer is what the text says at the time.
async fn graph_answering(body: &Arc<Mutex<String>>) -> FakeGraph {
    let body = Arc::clone(body);
    FakeGraph::start(iter::repeat_with(move || Reply::json(&body.lock().unwrap()))).await
}

/// Each call once, on the same answer.
async fn all_calls(graph: &FakeGraph) {
    let (client, auth, token) = (&graph.client, graph.auth(), AccessToken::new("EAA"));
    let page = PageId::parse("1").unwrap();
    let thread = ThreadId::parse("t_1").unwrap();
    let request = ConversationsRequest { platform: Platform::Messenger, limit: 5, messages: 5, after: None };
    let _ = client.exchange_for_long_lived(&token).await;
    let _ = client.debug_token(&token).await;
    let _ = client.me(&auth).await;
    let _ = client.permissions(&auth).await;
    let _ = client.accounts(&auth, true, None).await;
    let _ = client.page_details(&auth, &page, true).await;
    let _ = client.subscribe_page(&auth, &page, &["messages"]).await;
    let _ = client.page_subscription(&auth, &page).await;
    let _ = client.app_subscriptions().await;
    let _ = client.conversations(&auth, &page, request).await;
    let _ = client.conversation_messages(&auth, Platform::Messenger, &thread, 5, None).await;
    let _ = client.profile(&auth, Platform::Messenger, &Psid::parse("1").unwrap()).await;
    let _ = client.profiles(&auth, Platform::Messenger, &[Psid::parse("1").unwrap()]).await;
}

#[test]
fn no_answer_makes_a_call_panic() {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = Arc::new(Mutex::new(String::new()));
    let graph = tokio.block_on(graph_answering(&answer));
    TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() })
        .run(&json(), |body| {
            *answer.lock().unwrap() = body.to_string();
            tokio.block_on(all_calls(&graph));
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn no_cut_through_an_answer_makes_a_call_panic() {
    let whole = r#"{"data":[{"id":"t_1","messages":{"data":[{"id":"m_1","message":"ä\ud83d\ude00"}]}}]}"#;
    let answer = Arc::new(Mutex::new(String::new()));
    let graph = graph_answering(&answer).await;
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        whole.get(..end).unwrap().clone_into(&mut answer.lock().unwrap());
        all_calls(&graph).await;
    }
}
