//! Several reads in one request. It saves round trips, not calls: Meta counts each item.

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::{Decision, Failure, GraphError, failure_of_body};
use super::request::{Answer, Call};
use crate::lenient;

/// The most items that Meta takes (Graph API, "Batch requests").
pub(super) const MOST_ITEMS: usize = 50;

impl GraphClient {
    /// Reads the relative addresses with one token. The outcomes stand in the order of the items; one item's failure
    /// fails no other.
    pub(super) async fn batch<T>(
        &self,
        name: &'static str,
        auth: &GraphAuth,
        relative_urls: &[String],
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Answer<Vec<Result<T, GraphError>>>, GraphError> {
        debug_assert!(relative_urls.len() <= MOST_ITEMS, "the caller splits");
        let items: Vec<_> = relative_urls.iter().map(|url| json!({ "method": "GET", "relative_url": url })).collect();
        let calls = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let call = Call::post(name, &[])
            .auth(auth)
            .form("access_token", auth.token().expose())
            .form("include_headers", "false")
            .form("batch", serde_json::Value::Array(items).to_string())
            .calls(calls);
        let answer = self.send_and(call, lenient::slots::<WireItem>).await?;
        let mut slots = answer.value.into_iter();
        let outcomes = relative_urls
            .iter()
            .map(|_| match slots.next() {
                Some(Some(item)) => item.outcome(&answer.usage, &decode),
                // `null`: Meta ran out of time for this item.
                Some(None) => Err(item_error(Failure::of(Decision::Transient), None)),
                None => Err(item_error(Failure::of(Decision::Unreadable), None)),
            })
            .collect();
        Ok(Answer { value: outcomes, usage: answer.usage, calls: answer.calls, bytes: answer.bytes })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireItem {
    #[serde(deserialize_with = "lenient::number")]
    code: Option<u64>,
    /// JSON as text; missing or of another kind in odd cases.
    #[serde(deserialize_with = "lenient::text")]
    body: Option<String>,
}

impl WireItem {
    fn outcome<T>(self, usage: &super::usage::Usage, decode: impl Fn(&[u8]) -> Option<T>) -> Result<T, GraphError> {
        let body = self.body.unwrap_or_default();
        let code = self.code.and_then(|code| u16::try_from(code).ok());
        let status = code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::OK);
        if let Some(failure) = failure_of_body(body.as_bytes(), status, usage) {
            return Err(item_error(failure, code));
        }
        decode(body.as_bytes()).ok_or_else(|| item_error(Failure::of(Decision::Unreadable), code))
    }
}

/// Its cost and the usage stand with the whole batch.
fn item_error(failure: Failure, status: Option<u16>) -> GraphError {
    let Failure { decision, meta } = failure;
    GraphError { decision, meta, status, usage: super::usage::Usage::default(), calls: 0, source: None }
}
