//! One webhook entry → the messages in it.

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::PageId;
use pagekeeper_common::webhooks::{self, Event, MessagingContent, MessagingEvent, ReplyTo, Unparseable};
use pagekeeper_store::messages::Attachment;

use crate::message::{self, ATTACHMENTS_MAX, Message};

/// What an entry of `object: "page"` holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DecodedEntry {
    pub messages: Vec<Message>,
    /// Whether something in it is not a message (reads, deliveries, feed changes, …) or has a shape we do not know:
    /// the entry is kept for that part.
    pub not_understood: bool,
}

/// Reads an entry of the Page `page_id` that arrived at `received_at`.
pub fn decode_entry(page_id: &PageId, json: &[u8], received_at: DateTime<Utc>) -> Result<DecodedEntry, Unparseable> {
    let entry = webhooks::decode_entry(page_id.as_str(), json, received_at)?;
    let mut decoded =
        DecodedEntry { messages: Vec::with_capacity(entry.events.len()), not_understood: entry.not_understood };
    for event in entry.events {
        match message(event) {
            Some(message) => {
                decoded.not_understood |= message.text.is_none() && message.attachments.is_empty();
                decoded.messages.push(message);
            }
            None => decoded.not_understood = true,
        }
    }
    Ok(decoded)
}

/// The message, where the event is one of this app's own conversations.
fn message(event: Event) -> Option<Message> {
    let Event::Messaging(MessagingEvent { customer, from_page, at, standby: false, content }) = event else {
        return None;
    };
    let MessagingContent::Message(wire) = content else { return None };
    Some(Message {
        psid: customer?,
        mid: wire.mid,
        from_page,
        sent_at: at,
        text: wire.text.as_deref().and_then(message::text),
        attachments: wire.attachments.iter().take(ATTACHMENTS_MAX).filter_map(attachment).collect(),
        app_id: wire.app_id.as_deref().and_then(message::label),
        reply_to_mid: wire.reply_to.and_then(|reply| match reply {
            ReplyTo::Message(mid) => Some(mid),
            ReplyTo::Story(_) => None,
        }),
    })
}

fn attachment(wire: &webhooks::Attachment) -> Option<Attachment> {
    let file_name = wire.url.as_deref().filter(|_| wire.kind == "file").and_then(file_name);
    let title = wire.title.as_deref().and_then(message::label);
    Some(Attachment { kind: message::label(&wire.kind)?, name: title.or(file_name), mime_type: None, size: None })
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

#[cfg(test)]
mod tests;
