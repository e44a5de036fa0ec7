//! `?limit=&cursor=` of lists.

use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_runtime::problem::Problem;
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

/// Entries of a page where the caller does not say.
const DEFAULT: u16 = 50;
const LARGEST: u16 = 100;

/// Characters of a search.
const LONGEST_SEARCH: usize = 200;

/// How a list is paged.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paging {
    /// Entries in one answer.
    #[serde(default, deserialize_with = "page_limit")]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    pub limit: PageLimit,
    /// `next_cursor` of the answer before.
    pub cursor: Option<String>,
}

/// 1 to 100.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageLimit(u16);

impl Default for PageLimit {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl PageLimit {
    pub(crate) fn get(self) -> u32 {
        self.0.into()
    }
}

impl Paging {
    pub(crate) fn cursor(&self) -> Result<Option<KeysetCursor>, Problem> {
        parse_cursor(self.cursor.as_deref())
    }
}

/// 400 for what no answer of ours contained.
pub(crate) fn parse_cursor(cursor: Option<&str>) -> Result<Option<KeysetCursor>, Problem> {
    let cursor = cursor.map(KeysetCursor::decode).transpose();
    cursor.map_err(|invalid| Problem::bad_request(invalid.to_string()).with_field("cursor"))
}

/// For `deserialize_with`: a query's values are texts, and serde's own messages for them name types of Rust.
pub(crate) fn page_limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PageLimit, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = text.parse().ok().filter(|limit| (1..=LARGEST).contains(limit));
    number.map(PageLimit).ok_or_else(|| serde::de::Error::custom(format!("limit must be a number from 1 to {LARGEST}")))
}

/// A whole number.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(|_not_a_number| serde::de::Error::custom("must be a number"))
}

/// What somebody searches for: at most 200 characters. An empty text is none.
pub(crate) fn search_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.chars().count() > LONGEST_SEARCH {
        return Err(serde::de::Error::custom(format!("must have at most {LONGEST_SEARCH} characters")));
    }
    Ok((!text.is_empty()).then_some(text))
}

/// `true` or `false`.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_not_a_flag| serde::de::Error::custom("must be true or false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<Paging, serde_json::Error> {
        let pairs: serde_json::Map<String, serde_json::Value> = url::form_urlencoded::parse(query.as_bytes())
            .map(|(key, value)| (key.into_owned(), value.into()))
            .collect();
        serde_json::from_value(pairs.into())
    }

    #[test]
    fn a_limit_is_one_to_a_hundred_and_fifty_by_default() {
        assert_eq!(parse("").unwrap().limit.get(), 50);
        assert_eq!(parse("limit=100").unwrap().limit.get(), 100);
        for limit in ["0", "101", "-1", "1.5", "many", ""] {
            assert!(parse(&format!("limit={limit}")).is_err(), "{limit}");
        }
    }

    #[test]
    fn a_forged_cursor_is_a_bad_request() {
        assert!(parse("cursor=x").unwrap().cursor().is_err());
        let cursor = KeysetCursor { at: chrono::DateTime::UNIX_EPOCH, id: 5 };
        assert_eq!(parse(&format!("cursor={}", cursor.encode())).unwrap().cursor().unwrap(), Some(cursor));
    }
}
