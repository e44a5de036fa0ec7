//! What the client does with the bytes of an answer, for the fuzz targets.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue};

use super::error::failure_of_body;
use super::paging::{Page, WirePage};
use super::usage::Usage;
use super::{Conversation, InstagramMedia, ManagedPage, PagePost};
use crate::lenient::{Decode, answer};

/// Reads a body as each kind of list and as an error.
///
/// # Panics
///
/// Where a law does not hold that holds for all bytes.
pub fn read_body(body: &[u8]) {
    read_list::<ManagedPage>(body);
    read_list::<PagePost>(body);
    read_list::<InstagramMedia>(body);
    let ids = read_list::<Conversation>(body).into_iter().map(|conversation| conversation.id);
    ids.for_each(|id| assert!(!id.as_str().is_empty(), "a conversation without an id"));
    for status in [StatusCode::OK, StatusCode::BAD_REQUEST, StatusCode::BAD_GATEWAY] {
        let failure = failure_of_body(body, status, &Usage::default());
        assert!(failure.is_some() || status == StatusCode::OK, "an error without a decision");
    }
}

fn read_list<T: Decode>(body: &[u8]) -> Vec<T> {
    let page: Page<T> = answer::<WirePage<T>>(body).map(Page::from).unwrap_or_default();
    assert!(page.after.is_none_or(|cursor| !cursor.as_str().is_empty()), "an empty cursor leads nowhere");
    page.data
}

/// Reads a value as both headers of usage.
///
/// # Panics
///
/// Where they ask for a longer wait than any limit of Meta's lasts.
pub fn read_usage(value: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(value) else { return };
    let mut headers = HeaderMap::new();
    headers.insert("x-app-usage", value.clone());
    headers.insert("x-business-use-case-usage", value);
    let wait = Usage::of_headers(&headers).regain_access();
    assert!(wait.is_none_or(|wait| wait.as_secs() <= 24 * 60 * 60), "a wait of {wait:?}");
}
