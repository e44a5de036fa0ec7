//! What calls leave in the logs and in metrics: ids and outcomes, nothing secret, at any level. (I4)

use std::io::Write;
use std::sync::{Arc, Mutex};

use pagekeeper_common::domain::ids::PageId;
use pagekeeper_common::domain::token::AccessToken;
use pagekeeper_common::graph::ConversationsRequest;
use secrecy::SecretString;
use tracing::level_filters::LevelFilter;

use crate::fake::{APP_SECRET, FakeGraph, PROOF, Reply, TOKEN};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_level_of_logging_shows_a_token_a_name_or_a_message() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // With one subscriber alone, tracing asks only the thread that meets a call site first, which may be another test's.
    let _another = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(subscriber);

    let conversation = r#"{"data":[{"id":"t_1","participants":{"data":[{"id":"6899","name":"Jane Doe"}]},
        "messages":{"data":[{"id":"m_1","message":"My secret wish"}]}}],
        "paging":{"cursors":{"after":"c"},"next":"https://g/x?access_token=EAAtesttoken&after=c"}}"#;
    let graph = FakeGraph::start([
        Reply::json(r#"{"access_token":"EAAtesttoken"}"#),
        Reply::json(r#"{"data":{"is_valid":true}}"#),
        Reply::json(conversation),
        Reply::json(r#"{"success":true}"#),
        Reply::status(400, r#"{"error":{"message":"Malformed access token EAAtesttoken of Jane Doe","code":190}}"#),
        Reply::Close,
    ])
    .await;
    let (client, auth, token) = (&graph.client, graph.auth(), AccessToken::new(TOKEN));
    let page = PageId::parse("1122334455").unwrap();
    client.exchange_code("the-login-code", "https://example.org/callback").await.unwrap();
    client.debug_token(&token).await.unwrap();
    let request = ConversationsRequest { limit: 5, messages: 5, after: None };
    client.conversations(&auth, &page, request).await.unwrap();
    client.subscribe_app("https://e.example/hook", &SecretString::from("verify-canary"), &["messages"]).await.unwrap();
    client.page_details(&auth, &page, false).await.unwrap_err();
    client.me(&auth).await.unwrap_err();

    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    for expected in ["graph.call", "1122334455", "conversations", "outcome=\"token_dead\"", "outcome=\"network\""] {
        assert!(log.contains(expected), "{expected} is missing in {log}");
    }
    for secret in [TOKEN, PROOF, APP_SECRET, "the-login-code", "verify-canary", "Jane", "secret wish", "input_token"] {
        assert!(!log.contains(secret), "{secret} stands in the log");
    }
}
