//! What calls leave in the logs and in metrics: ids and outcomes, nothing secret, at any level. (I4)

use std::io::Write;
use std::sync::{Arc, Mutex};

use pagekeeper_common::domain::ids::PageId;
use pagekeeper_common::domain::token::AccessToken;
use pagekeeper_common::graph::{ConversationsRequest, Platform};
use secrecy::SecretString;
use tracing::Dispatch;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;

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

impl Captured {
    /// Everything that this thread logs, as long as the guards live.
    fn start() -> (Self, (Dispatch, DefaultGuard)) {
        let captured = Self::default();
        let writer = captured.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        // With one subscriber alone, tracing asks only the thread that meets a call site first, which may be another
        // test's.
        let another = Dispatch::new(tracing_subscriber::registry());
        (captured, (another, tracing::subscriber::set_default(subscriber)))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn another_version_than_asked_for_is_told_once() {
    let (captured, _guards) = Captured::start();
    let page = PageId::parse("5").unwrap();
    let served = |version| Reply::json(r#"{"id":"5"}"#).with_header("facebook-api-version", version);
    let graph = FakeGraph::start(["v25.0", "v27.0", "v27.0"].map(served)).await;
    graph.client.page_details(&graph.auth(), &page, false).await.unwrap();
    assert!(!captured.text().contains("another version"));
    for _ in 0..2 {
        graph.client.page_details(&graph.auth(), &page, false).await.unwrap();
    }
    assert_eq!(captured.text().matches("another version").count(), 1);
    assert!(captured.text().contains("v27.0"));
}

#[tokio::test]
async fn no_level_of_logging_shows_a_token_a_name_or_a_message() {
    let (captured, _guards) = Captured::start();
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
    let request = ConversationsRequest { platform: Platform::Messenger, limit: 5, messages: 5, after: None };
    client.conversations(&auth, &page, request).await.unwrap();
    client
        .subscribe_app("page", "https://e.example/hook", &SecretString::from("verify-canary"), &["messages"])
        .await
        .unwrap();
    client.page_details(&auth, &page, false).await.unwrap_err();
    client.me(&auth).await.unwrap_err();

    let log = captured.text();
    for expected in ["graph.call", "1122334455", "conversations", "outcome=\"token_dead\"", "outcome=\"network\""] {
        assert!(log.contains(expected), "{expected} is missing in {log}");
    }
    for secret in [TOKEN, PROOF, APP_SECRET, "the-login-code", "verify-canary", "Jane", "secret wish", "input_token"] {
        assert!(!log.contains(secret), "{secret} stands in the log");
    }
}
