//! One webhook entry → the messages in it. Tolerant: each element is read by itself, so that one of an unknown shape
//! keeps nothing else back, and a field that says nothing to us may have any shape.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::{Mid, PageId, Psid};
use pagekeeper_store::messages::Attachment;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::{WireId, WireText, WireTime};
use crate::message::{self, ATTACHMENTS_MAX, Message};

/// What an entry of `object: "page"` holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DecodedEntry {
    pub messages: Vec<Message>,
    /// Whether something in it is not a message (reads, deliveries, feed changes, …) or has a shape we do not know:
    /// the entry is kept for that part.
    pub not_understood: bool,
}

/// The entry is not a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the entry is not a JSON object")]
pub struct Unparseable;

/// Reads an entry of the Page `page_id` that arrived at `received_at`.
pub fn decode_entry(page_id: &PageId, json: &[u8], received_at: DateTime<Utc>) -> Result<DecodedEntry, Unparseable> {
    let entry: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(json).map_err(|_shape| Unparseable)?;
    let entry_time = entry.get("time").and_then(|time| parse::<WireTime>(time));
    let fallback = Time { entry: entry_time, received_at };

    let Some(elements) = entry.get("messaging").and_then(|list| parse::<Vec<&RawValue>>(list)) else {
        return Ok(DecodedEntry { messages: Vec::new(), not_understood: true });
    };
    let mut decoded =
        DecodedEntry { messages: Vec::with_capacity(elements.len()), not_understood: elements.is_empty() };
    // `changes`, `standby`, and what Meta adds one day.
    decoded.not_understood |= entry.keys().any(|key| !matches!(key.as_ref(), "id" | "time" | "messaging"));
    for element in elements {
        match decode_element(page_id, element, fallback) {
            Some(message) => decoded.messages.push(message),
            None => decoded.not_understood = true,
        }
    }
    Ok(decoded)
}

/// What stands in where an element has no plausible time of its own.
#[derive(Clone, Copy)]
struct Time {
    entry: Option<WireTime>,
    received_at: DateTime<Utc>,
}

impl Time {
    fn of(self, element: Option<WireTime>) -> DateTime<Utc> {
        [element, self.entry]
            .into_iter()
            .flatten()
            .find_map(|time| time.plausible(self.received_at))
            .unwrap_or(self.received_at)
    }
}

#[derive(Deserialize)]
struct Element<'a> {
    #[serde(borrow)]
    sender: Option<Party<'a>>,
    #[serde(borrow)]
    recipient: Option<Party<'a>>,
    #[serde(borrow)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

/// A plugin's visitor has a `user_ref` in place of an id.
#[derive(Deserialize)]
struct Party<'a> {
    #[serde(borrow)]
    id: Option<WireId<'a>>,
}

#[derive(Deserialize)]
struct MessageElement<'a> {
    #[serde(borrow)]
    mid: WireId<'a>,
    text: Option<WireText>,
    #[serde(borrow)]
    attachments: Option<&'a RawValue>,
    #[serde(default)]
    is_echo: bool,
    #[serde(default)]
    is_deleted: bool,
    #[serde(borrow)]
    app_id: Option<&'a RawValue>,
    #[serde(borrow)]
    reply_to: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ReplyTo<'a> {
    #[serde(borrow)]
    mid: WireId<'a>,
}

fn decode_element(page_id: &PageId, element: &RawValue, time: Time) -> Option<Message> {
    let element: Element<'_> = parse(element)?;
    let wire: MessageElement<'_> = parse(element.message?)?;
    if wire.is_deleted {
        return None;
    }
    let sender = element.sender?.id?.0;
    let from_page = wire.is_echo || sender == page_id.as_str();
    let customer = if from_page { element.recipient?.id?.0 } else { sender };
    if customer == page_id.as_str() {
        return None;
    }
    Some(Message {
        psid: Psid::parse(customer).ok()?,
        mid: Mid::parse(wire.mid.0).ok()?,
        from_page,
        sent_at: time.of(element.timestamp.and_then(parse)),
        text: wire.text.and_then(|text| message::text(&text.0)),
        attachments: wire.attachments.map(decode_attachments).unwrap_or_default(),
        app_id: wire.app_id.and_then(parse::<WireId<'_>>).and_then(|id| message::label(&id.0)),
        reply_to_mid: wire.reply_to.and_then(parse::<ReplyTo<'_>>).and_then(|reply| Mid::parse(reply.mid.0).ok()),
    })
}

#[derive(Deserialize)]
struct AttachmentElement<'a> {
    #[serde(borrow, rename = "type")]
    kind: WireId<'a>,
    title: Option<WireText>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Payload<'a> {
    title: Option<WireText>,
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    sticker_id: Option<&'a RawValue>,
}

fn decode_attachments(list: &RawValue) -> Vec<Attachment> {
    let list: Vec<&RawValue> = parse(list).unwrap_or_default();
    list.into_iter().take(ATTACHMENTS_MAX).filter_map(decode_attachment).collect()
}

fn decode_attachment(attachment: &RawValue) -> Option<Attachment> {
    let wire: AttachmentElement<'_> = parse(attachment)?;
    let payload: Option<Payload<'_>> = wire.payload.and_then(parse);
    // Until the end of August 2026 a sticker comes as an image with a sticker's id.
    let is_sticker = payload.as_ref().is_some_and(|payload| payload.sticker_id.is_some());
    let kind = if is_sticker { "sticker" } else { wire.kind.0.as_ref() };
    let file_name = match (&payload, kind) {
        (Some(Payload { url: Some(url), .. }), "file") => file_name(url),
        _ => None,
    };
    let title = payload.and_then(|payload| payload.title).or(wire.title).and_then(|title| message::label(&title.0));
    Some(Attachment { kind: message::label(kind)?, name: title.or(file_name), mime_type: None, size: None })
}

/// The last part of a URL's path, without what follows it: webhooks name a file nowhere else.
fn file_name(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let (scheme_and_host, name) = path.rsplit_once('/')?;
    if scheme_and_host.ends_with('/') {
        return None;
    }
    message::label(name)
}

fn parse<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Option<T> {
    serde_json::from_str(json.get()).ok()
}

#[cfg(test)]
mod tests;
