//! Reading JSON as it comes: ids as numbers, numbers and booleans as strings, times as text, seconds or milliseconds,
//! absent fields and lists. A field of an unexpected kind counts as absent, an entry without its id is dropped and
//! counted; only what is not JSON at all fails.

mod lists;
mod surrogates;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub(crate) use lists::{Decode, List, edge, object, optional_words, parse, words};
#[cfg(feature = "graph")]
pub(crate) use lists::{answer, by_id, slots};
use surrogates::repaired;

/// From here on a number is milliseconds since 1970, below it seconds: the border is the year 5138 in seconds and
/// March 1973 in milliseconds.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// What Meta writes: `2026-07-16T12:00:00+0000`.
const META_TIME: &str = "%Y-%m-%dT%H:%M:%S%z";

/// A plain value of any kind; arrays and objects are skipped.
enum Scalar {
    Text(String),
    Integer(i64),
    Float(f64),
    Truth(bool),
    Absent,
}

pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match scalar(deserializer)? {
        Scalar::Text(text) if text.is_empty() => None,
        Scalar::Text(text) => Some(text),
        Scalar::Integer(number) => Some(number.to_string()),
        Scalar::Float(_) | Scalar::Truth(_) | Scalar::Absent => None,
    })
}

/// An id as text or number, where it can be one of Meta's.
pub(crate) fn id<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFromText,
{
    Ok(text(deserializer)?.and_then(T::try_from_text))
}

pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match scalar(deserializer)? {
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Integer(number) => u64::try_from(number).ok(),
        Scalar::Float(number) => whole(number).and_then(|number| u64::try_from(number).ok()),
        Scalar::Truth(_) | Scalar::Absent => None,
    })
}

pub(crate) fn signed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match scalar(deserializer)? {
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Integer(number) => Some(number),
        Scalar::Float(number) => whole(number),
        Scalar::Truth(_) | Scalar::Absent => None,
    })
}

pub(crate) fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match scalar(deserializer)? {
        Scalar::Truth(truth) => Some(truth),
        Scalar::Text(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        Scalar::Text(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        Scalar::Integer(number) => Some(number != 0),
        Scalar::Text(_) | Scalar::Float(_) | Scalar::Absent => None,
    })
}

pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(match scalar(deserializer)? {
        Scalar::Text(text) => time_of_text(&text),
        Scalar::Integer(number) => time_of_number(number),
        Scalar::Float(number) => whole(number).and_then(time_of_number),
        Scalar::Truth(_) | Scalar::Absent => None,
    })
}

/// A type whose values are a part of all texts.
pub(crate) trait TryFromText: Sized {
    fn try_from_text(text: String) -> Option<Self>;
}

macro_rules! meta_ids {
    ($($id:ident),+) => {$(
        impl TryFromText for crate::domain::ids::$id {
            fn try_from_text(text: String) -> Option<Self> {
                Self::parse(text).ok()
            }
        }
    )+};
}

meta_ids!(
    PageId,
    InstagramAccountId,
    FacebookUserId,
    Psid,
    Mid,
    ThreadId,
    AttachmentId,
    LabelId,
    PostId,
    PhotoId,
    VideoId,
    CommentId,
    MediaId,
    ContainerId
);

fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scalar, D::Error> {
    deserializer.deserialize_any(ScalarVisitor)
}

fn time_of_text(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_str(text, META_TIME).or_else(|_| DateTime::parse_from_rfc3339(text));
    match time {
        Ok(time) => Some(time.to_utc()),
        Err(_) => text.parse().ok().and_then(time_of_number),
    }
}

fn time_of_number(number: i64) -> Option<DateTime<Utc>> {
    if number >= FIRST_MILLISECONDS {
        DateTime::from_timestamp_millis(number)
    } else {
        DateTime::from_timestamp(number, 0)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked; what stands behind the point is not wanted")]
fn whole(number: f64) -> Option<i64> {
    (number.is_finite() && number.abs() < 1e15).then_some(number as i64)
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Scalar, E> {
        Ok(Scalar::Truth(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
        // An id beyond 63 bits still is one.
        Ok(i64::try_from(number).map_or_else(|_| Scalar::Text(number.to_string()), Scalar::Integer))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Scalar, E> {
        Ok(Scalar::Text(text))
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Scalar, A::Error> {
        while entries.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Absent)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Scalar, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Absent)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Wire {
        #[serde(deserialize_with = "text")]
        text: Option<String>,
        #[serde(deserialize_with = "number")]
        number: Option<u64>,
        #[serde(deserialize_with = "truth")]
        truth: Option<bool>,
        #[serde(deserialize_with = "time")]
        time: Option<DateTime<Utc>>,
    }

    fn read(json: &str) -> Wire {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn numbers_and_booleans_may_come_as_text_and_ids_as_numbers() {
        let wire = read(r#"{"text":1776,"number":"42","truth":"true"}"#);
        assert_eq!((wire.text.as_deref(), wire.number, wire.truth), (Some("1776"), Some(42), Some(true)));
        assert_eq!(read(r#"{"text":18446744073709551615}"#).text.as_deref(), Some("18446744073709551615"));
        assert_eq!(read(r#"{"number":12.0,"truth":0}"#).number, Some(12));
    }

    #[test]
    fn a_field_of_another_kind_counts_as_absent() {
        let wire = read(r#"{"text":{"a":[1]},"number":[],"truth":{},"time":"soon"}"#);
        assert!(wire.text.is_none() && wire.number.is_none() && wire.truth.is_none() && wire.time.is_none());
    }

    #[test]
    fn a_time_may_be_text_seconds_or_milliseconds() {
        let expected = DateTime::from_timestamp(1_784_203_200, 0);
        for time in [
            r#""2026-07-16T12:00:00+0000""#,
            r#""2026-07-16T12:00:00Z""#,
            "1784203200",
            "1784203200000",
            r#""1784203200""#,
        ] {
            assert_eq!(read(&format!(r#"{{"time":{time}}}"#)).time, expected, "{time}");
        }
    }
}
