//! One entry of a webhook, written once: redelivery is byte for byte the same.

use std::borrow::Cow;

use crate::clock::Millis;
use crate::json::{JsonStyle, JsonWriter};
use crate::world::ids::PageIndex;
use crate::world::surface::Surface;

#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) page: PageIndex,
    pub(crate) field: Cow<'static, str>,
    pub(crate) mid: Option<String>,
    /// The JSON object that stands in `entry`.
    pub(crate) entry: Vec<u8>,
}

impl Event {
    /// Of messages, whose failure ends a Page's subscription; other fields are tried for longer and end nothing.
    pub(crate) fn is_messaging(&self) -> bool {
        self.field.starts_with("messag") || self.field == "standby"
    }
}

/// Who an event is for: the app that has the conversation, or one that only listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receiver {
    Owner,
    Standby,
}

/// An entry with its one `messaging` element; the time is in milliseconds.
pub(crate) fn messaging_entry(
    style: JsonStyle,
    receiver: Receiver,
    page_id: &str,
    now_ms: Millis,
    element: impl FnOnce(&mut JsonWriter),
) -> Vec<u8> {
    let mut writer = JsonWriter::new(style);
    writer.object(|writer| {
        writer.string_member("id", page_id);
        writer.number_member("time", now_ms);
        writer.key(match receiver {
            Receiver::Owner => "messaging",
            Receiver::Standby => "standby",
        });
        writer.begin_array();
        element(writer);
        writer.end_array();
    });
    writer.into_bytes()
}

/// An entry with one change; the time is in seconds.
pub(crate) fn change_entry(style: JsonStyle, page_id: &str, now_ms: Millis, change: &serde_json::Value) -> Vec<u8> {
    let mut writer = JsonWriter::new(style);
    writer.object(|writer| {
        writer.string_member("id", page_id);
        writer.number_member("time", now_ms.div_euclid(1_000));
        writer.key("changes");
        writer.begin_array();
        writer.value(change);
        writer.end_array();
    });
    writer.into_bytes()
}

/// `{"object":"page","entry":[…]}`
pub(crate) fn body<'a>(surface: Surface, entries: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut body = format!(r#"{{"object":"{}","entry":["#, surface.object()).into_bytes();
    for (position, entry) in entries.enumerate() {
        if position > 0 {
            body.push(b',');
        }
        body.extend_from_slice(entry);
    }
    body.extend_from_slice(b"]}");
    body
}
