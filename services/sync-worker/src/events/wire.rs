//! How Meta writes single values in webhooks: ids as strings or numbers, times in seconds or milliseconds, texts that
//! may be cut in the middle of an emoji.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// An id: `"1122"` or `1122`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WireId<'a>(pub(super) Cow<'a, str>);

/// A text. JSON may hold half of a surrogate pair, which is no Unicode text: it becomes U+FFFD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WireText(pub(super) String);

/// A time: seconds or milliseconds since the Unix epoch, as a number or as a string of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WireTime(pub(super) i64);

/// From here on a number means milliseconds: as seconds it would be the year 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// 2004-02-04, the day Facebook began: nothing was sent before.
const FACEBOOK_BEGAN: i64 = 1_075_852_800;

/// How far a sender's clock may be ahead of ours.
const FUTURE_MAX: TimeDelta = TimeDelta::days(1);

impl WireTime {
    /// The time, if it can be one of an event that came in at `received_at`.
    pub(super) fn plausible(self, received_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let time = if self.0 >= FIRST_MILLISECONDS {
            DateTime::from_timestamp_millis(self.0)
        } else {
            DateTime::from_timestamp(self.0, 0)
        }?;
        (time.timestamp() >= FACEBOOK_BEGAN && time <= received_at + FUTURE_MAX).then_some(time)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for WireId<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Id;
        impl<'de> Visitor<'de> for Id {
            type Value = WireId<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id as a string or a number")
            }

            fn visit_borrowed_str<E>(self, id: &'de str) -> Result<Self::Value, E> {
                Ok(WireId(Cow::Borrowed(id)))
            }

            fn visit_str<E>(self, id: &str) -> Result<Self::Value, E> {
                Ok(WireId(Cow::Owned(id.to_owned())))
            }

            fn visit_u64<E>(self, id: u64) -> Result<Self::Value, E> {
                Ok(WireId(Cow::Owned(id.to_string())))
            }
        }
        deserializer.deserialize_any(Id)
    }
}

impl<'de> Deserialize<'de> for WireText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = WireText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(WireText(text.to_owned()))
            }

            fn visit_bytes<E>(self, text: &[u8]) -> Result<Self::Value, E> {
                Ok(WireText(String::from_utf8_lossy(text).into_owned()))
            }
        }
        // As bytes, since serde_json refuses half a surrogate pair only where it has to make a `str` of it.
        deserializer.deserialize_bytes(Text)
    }
}

impl<'de> Deserialize<'de> for WireTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Time;
        impl Visitor<'_> for Time {
            type Value = WireTime;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time since the Unix epoch")
            }

            fn visit_i64<E>(self, time: i64) -> Result<Self::Value, E> {
                Ok(WireTime(time))
            }

            fn visit_u64<E: de::Error>(self, time: u64) -> Result<Self::Value, E> {
                i64::try_from(time).map(WireTime).map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, time: &str) -> Result<Self::Value, E> {
                time.parse().map(WireTime).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received_at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000, 0).unwrap()
    }

    #[test]
    fn a_time_may_be_a_number_or_a_string_of_seconds_or_milliseconds() {
        for json in ["1527459824", r#""1527459824""#, "1527459824000", r#""1527459824000""#] {
            let time: WireTime = serde_json::from_str(json).unwrap();
            assert_eq!(time.plausible(received_at()).unwrap().timestamp(), 1_527_459_824, "{json}");
        }
    }

    #[test]
    fn an_absurd_time_is_no_time() {
        for time in [0, -1, 1_000_000_000, 1_780_100_000, i64::MAX, i64::MIN] {
            assert_eq!(WireTime(time).plausible(received_at()), None, "{time}");
        }
        assert!(WireTime(1_780_000_000_000 + 60_000).plausible(received_at()).is_some());
    }

    #[test]
    fn an_id_may_be_a_number() {
        assert_eq!(serde_json::from_str::<WireId<'_>>("6899").unwrap().0, "6899");
        assert_eq!(serde_json::from_str::<WireId<'_>>(r#""6899""#).unwrap().0, "6899");
        assert!(serde_json::from_str::<WireId<'_>>("{}").is_err());
    }

    #[test]
    fn half_an_emoji_does_not_lose_the_text() {
        assert_eq!(serde_json::from_str::<WireText>(r#""hi \ud83c""#).unwrap().0, "hi \u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(serde_json::from_str::<WireText>(r#""hi \ud83c\udf89""#).unwrap().0, "hi 🎉");
    }
}
