//! Lists that come in pages.

use std::fmt;

use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::request::Call;
use crate::lenient::{self, Decode, List};

/// Meta's cursors have about a hundred characters; a longer text is none.
const LONGEST_CURSOR: usize = 2_048;

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub data: Vec<T>,
    /// Where the next page begins; none at the end of the list. A page may be empty and still have a next one.
    pub after: Option<Cursor>,
    /// Entries without an id, or beyond any length that was asked for.
    pub dropped: u32,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { data: Vec::new(), after: None, dropped: 0 }
    }
}

/// A place in a list, opaque, valid for that list only.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    pub fn new(cursor: impl Into<String>) -> Option<Self> {
        let cursor = cursor.into();
        (1..=LONGEST_CURSOR).contains(&cursor.len()).then_some(Self(cursor))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor(…)")
    }
}

/// Old feeds are paged by time: their `next` has these in place of a cursor. A [`Cursor`] is then `?` and a query.
const TIME_PAGING: [&str; 3] = ["until", "since", "__paging_token"];

/// The same call for the page after the cursor.
pub(super) fn continued<'a>(call: Call<'a>, after: Option<&'a Cursor>) -> Call<'a> {
    let Some(after) = after else { return call };
    let Some(query) = after.as_str().strip_prefix('?') else { return call.query("after", after.as_str()) };
    form_urlencoded::parse(query.as_bytes()).fold(call, |call, (name, value)| {
        match TIME_PAGING.into_iter().find(|known| *known == name) {
            Some(known) => call.query(known, value),
            None => call,
        }
    })
}

/// A paged list as it comes.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Decode"))]
pub(crate) struct WirePage<T> {
    #[serde(default = "absent")]
    data: Option<List<T>>,
    #[serde(default, deserialize_with = "lenient::object")]
    paging: Option<WirePaging>,
}

fn absent<T>() -> Option<T> {
    None
}

impl<T> WirePage<T> {
    /// An answer without `data` is not an empty list but no list at all; inside of an object it is an empty one.
    pub(super) fn is_list(&self) -> bool {
        self.data.is_some()
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WirePaging {
    #[serde(deserialize_with = "lenient::object")]
    cursors: Option<WireCursors>,
    /// The address of the next page. It holds the token, so only the cursor in it is kept.
    #[serde(deserialize_with = "lenient::text")]
    next: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireCursors {
    #[serde(deserialize_with = "lenient::text")]
    after: Option<String>,
}

impl<T> From<WirePage<T>> for Page<T> {
    fn from(page: WirePage<T>) -> Self {
        let after = page.paging.and_then(WirePaging::after);
        let list = page.data.unwrap_or_default();
        Self { data: list.entries, after, dropped: list.dropped }
    }
}

impl WirePaging {
    /// Only an absent `next` ends a list: the last page has cursors too (Graph API, "Paginated results").
    fn after(self) -> Option<Cursor> {
        let next = self.next?;
        let given = self.cursors.and_then(|cursors| cursors.after);
        given.or_else(|| cursor_in(&next)).and_then(Cursor::new)
    }
}

fn cursor_in(next: &str) -> Option<String> {
    let url = Url::parse(next).ok()?;
    let cursor = url.query_pairs().find(|(name, _)| name == "after").map(|(_, cursor)| cursor.into_owned());
    cursor.or_else(|| {
        let by_time = url.query_pairs().filter(|(name, value)| TIME_PAGING.contains(&&**name) && !value.is_empty());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(by_time).finish();
        (!query.is_empty()).then(|| format!("?{query}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(json: &str) -> Page<super::super::me::Permission> {
        serde_json::from_str::<WirePage<_>>(json).unwrap().into()
    }

    #[test]
    fn a_list_ends_where_next_is_absent_and_nowhere_else() {
        let last = page(r#"{"data":[],"paging":{"cursors":{"before":"a","after":"b"}}}"#);
        assert_eq!(last.after, None);
        let empty_but_not_last = page(r#"{"data":[],"paging":{"cursors":{"after":"b"},"next":"https://g/x?after=b"}}"#);
        assert_eq!(empty_but_not_last.after.unwrap().as_str(), "b");
    }

    #[test]
    fn the_cursor_is_read_from_next_where_it_stands_only_there() {
        let page = page(r#"{"data":[],"paging":{"next":"https://g/x?access_token=EAAsecret&limit=25&after=MTA%3D"}}"#);
        assert_eq!(page.after.as_ref().unwrap().as_str(), "MTA=");
        assert!(!format!("{page:?}").contains("EAAsecret"));
    }

    #[test]
    fn an_answer_without_data_is_no_list() {
        assert!(!serde_json::from_str::<WirePage<super::super::me::Permission>>("{}").unwrap().is_list());
    }
}
