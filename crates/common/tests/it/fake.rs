//! A server that gives the answers it was told to, in their order, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use pagekeeper_common::domain::token::AccessToken;
use pagekeeper_common::graph::{GraphAuth, GraphClient, GraphConfig};
use secrecy::SecretString;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use url::form_urlencoded;

pub(crate) const APP_ID: &str = "1517776481860111";
pub(crate) const APP_SECRET: &str = "test-app-secret";
pub(crate) const TOKEN: &str = "EAAtesttoken";
/// Of [`TOKEN`] under [`APP_SECRET`], computed elsewhere.
pub(crate) const PROOF: &str = "62f73cbe7b318721f6695dcd7ce46d9a60b2134d6e69eb38057c6db0608019a8";

pub(crate) enum Reply {
    Whole {
        status: u16,
        headers: String,
        body: Vec<u8>,
    },
    /// Announces more than it sends, then closes.
    Truncated(&'static str),
    /// Reads and never answers.
    Hang,
    /// Closes without an answer.
    Close,
}

impl Reply {
    pub(crate) fn json(body: &str) -> Self {
        Self::status(200, body)
    }

    pub(crate) fn status(status: u16, body: &str) -> Self {
        Self::Whole { status, headers: String::new(), body: body.as_bytes().to_vec() }
    }

    pub(crate) fn with_header(self, name: &str, value: &str) -> Self {
        match self {
            Self::Whole { status, headers, body } => {
                Self::Whole { status, headers: format!("{headers}{name}: {value}\r\n"), body }
            }
            other => other,
        }
    }
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) head: String,
    pub(crate) form: Vec<(String, String)>,
    /// As it came, for what is no form.
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    pub(crate) fn form(&self, name: &str) -> Option<&str> {
        find(&self.form, name)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn form_json(&self, name: &str) -> Value {
        serde_json::from_str(self.form(name).unwrap()).unwrap()
    }

    /// With token and proof, neither of them in the address.
    pub(crate) fn assert_authorized(&self) {
        assert_eq!(self.header("authorization"), Some("Bearer EAAtesttoken"));
        let proof = self.query("appsecret_proof").or(self.form("appsecret_proof"));
        assert_eq!(proof, Some(PROOF));
        assert!(!self.head.lines().next().unwrap().contains(TOKEN));
    }
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

pub(crate) struct FakeGraph {
    pub(crate) client: GraphClient,
    pub(crate) base_url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    later: mpsc::UnboundedSender<Reply>,
}

impl FakeGraph {
    pub(crate) async fn start<R>(replies: R) -> Self
    where
        R: IntoIterator<Item = Reply>,
        R::IntoIter: Send + 'static,
    {
        // Only the first test of the process installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (later, more) = mpsc::unbounded_channel();
        tokio::spawn(serve(listener, replies.into_iter(), more, Arc::clone(&asked)));
        Self { client: GraphClient::new(&config(&base_url)).unwrap(), base_url, asked, later }
    }

    /// Answers that name the server's own address.
    pub(crate) fn answering(self, replies: impl IntoIterator<Item = Reply>) -> Self {
        for reply in replies {
            assert!(self.later.send(reply).is_ok(), "the server has ended");
        }
        self
    }

    pub(crate) fn auth(&self) -> GraphAuth {
        self.client.auth(&AccessToken::new(TOKEN))
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn asked_once(&self) -> Asked {
        let asked = self.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked.into_iter().next().unwrap()
    }
}

pub(crate) fn config(base_url: &str) -> GraphConfig {
    GraphConfig {
        base_url: base_url.parse().unwrap(),
        dialog_url: base_url.parse().unwrap(),
        upload_url: base_url.parse().unwrap(),
        app_id: APP_ID.to_owned(),
        app_secret: SecretString::from(APP_SECRET),
        connect_timeout_ms: 1_000,
        timeout_ms: 1_000,
    }
}

async fn serve(
    listener: TcpListener,
    mut replies: impl Iterator<Item = Reply>,
    mut more: mpsc::UnboundedReceiver<Reply>,
    asked: Arc<Mutex<Vec<Asked>>>,
) {
    let mut open = Vec::new();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let Some(reply) = replies.next().or_else(|| more.try_recv().ok()) else { continue };
        if let Some(request) = read_request(&mut stream).await {
            asked.lock().unwrap().push(request);
        }
        match reply {
            Reply::Whole { status, headers, body } => {
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
                    body.len()
                );
                // The client may have heard enough before the end.
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&body).await;
            }
            Reply::Truncated(body) => {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n";
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
            Reply::Hang => open.push(stream),
            Reply::Close => {}
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Some(parse(head, body));
        }
    }
}

fn parse(head: &str, body: &str) -> Asked {
    let mut line = head.lines().next().unwrap().split(' ');
    let method = line.next().unwrap().to_owned();
    let target = line.next().unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = |text: &str| form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>();
    Asked {
        method,
        path: path.to_owned(),
        query: pairs(query),
        head: head.to_owned(),
        form: pairs(body),
        body: body.to_owned(),
    }
}
