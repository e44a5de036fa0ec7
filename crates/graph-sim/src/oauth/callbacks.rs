//! What Facebook posts to the app when a person removes it, or asks for the deletion of their data (Facebook Login,
//! "Deauthorize Callback", "Data Deletion Request Callback").

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::locks::{Mutex, RwLock};

/// Kept for who asks.
const MOST_REMEMBERED: usize = 1_000;
const TIMEOUT: Duration = Duration::from_secs(10);
/// An answer is one small object.
const LONGEST_ANSWER: usize = 16 * 1024;

/// The addresses in the app's dashboard.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallbackUrls {
    pub deauthorize: Option<String>,
    pub data_deletion: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Deauthorize,
    DataDeletion,
}

/// A callback, and how the app answered.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Called {
    kind: Kind,
    user_id: String,
    /// None: nobody answered.
    status: Option<u16>,
    /// `url` and `confirmation_code` of a deletion.
    answer: Value,
    /// What Meta would object to.
    problem: Option<&'static str>,
}

#[derive(Debug)]
pub(crate) struct Callbacks {
    urls: RwLock<CallbackUrls>,
    app_secret: String,
    http: reqwest::Client,
    called: Mutex<VecDeque<Called>>,
}

impl Callbacks {
    pub(crate) fn new(urls: CallbackUrls, app_secret: String, http: reqwest::Client) -> Self {
        Self { urls: RwLock::new(urls), app_secret, http, called: Mutex::default() }
    }

    pub(crate) fn urls(&self) -> CallbackUrls {
        self.urls.read().clone()
    }

    pub(crate) fn set_urls(&self, urls: CallbackUrls) {
        *self.urls.write() = urls;
    }

    pub(crate) fn called(&self) -> Vec<Called> {
        self.called.lock().iter().cloned().collect()
    }

    /// Tells the app without waiting for its answer.
    pub(crate) fn deauthorize_soon(self: &Arc<Self>, user_id: &str, now_s: i64) {
        let (callbacks, user_id) = (self.clone(), user_id.to_owned());
        tokio::spawn(async move { callbacks.call(Kind::Deauthorize, &user_id, now_s).await });
    }

    /// None where the dashboard has no address for it.
    pub(crate) async fn call(&self, kind: Kind, user_id: &str, now_s: i64) -> Option<Called> {
        let urls = self.urls();
        let url = match kind {
            Kind::Deauthorize => urls.deauthorize,
            Kind::DataDeletion => urls.data_deletion,
        }?;
        let form = [("signed_request", signed_request(&self.app_secret, user_id, now_s))];
        let (status, answer) = match self.http.post(url).timeout(TIMEOUT).form(&form).send().await {
            Ok(response) => (Some(response.status().as_u16()), read(response).await),
            Err(_unreachable) => (None, Value::Null),
        };
        let problem = problem(kind, status, &answer);
        let called = Called { kind, user_id: user_id.to_owned(), status, answer, problem };
        let mut remembered = self.called.lock();
        if remembered.len() >= MOST_REMEMBERED {
            remembered.pop_front();
        }
        remembered.push_back(called.clone());
        Some(called)
    }
}

async fn read(mut response: reqwest::Response) -> Value {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_ANSWER {
            return Value::Null;
        }
    }
    serde_json::from_slice(&body).unwrap_or_default()
}

fn problem(kind: Kind, status: Option<u16>, answer: &Value) -> Option<&'static str> {
    let has = |name: &str| answer.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    match (kind, status) {
        (_, None) => Some("the address did not answer"),
        (_, Some(status)) if !(200..300).contains(&status) => Some("the answer's status is not 200"),
        (Kind::DataDeletion, Some(_)) if !has("url") || !has("confirmation_code") => {
            Some("the answer must be {\"url\":…,\"confirmation_code\":…}")
        }
        _ => None,
    }
}

/// The signature is over the payload as it is encoded. With padding in every second one: both are seen.
fn signed_request(app_secret: &str, user_id: &str, now_s: i64) -> String {
    let payload = json!({
        "algorithm": "HMAC-SHA256",
        "expires": now_s + 3_600,
        "issued_at": now_s,
        "user_id": user_id,
    });
    let encode = if now_s % 2 == 0 { URL_SAFE } else { URL_SAFE_NO_PAD };
    let payload = encode.encode(payload.to_string());
    let key = hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes());
    format!("{}.{payload}", encode.encode(hmac::sign(&key, payload.as_bytes())))
}
