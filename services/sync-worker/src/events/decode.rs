//! One webhook entry → the messages in it, and what it tells beside them.

mod messaging;
mod wall;

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::entry_owner::EntryOwner;
use pagekeeper_common::webhooks::{self, Event, Unparseable};
use pagekeeper_store::events::Observation;

use crate::message::Message;

/// What an entry of a Page or an Instagram account holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DecodedEntry {
    pub messages: Vec<Message>,
    pub events: Vec<Observation>,
    /// Whether something in it has a shape or a meaning that we do not know: the entry is kept for that part.
    pub not_understood: bool,
}

/// Reads an entry of `owner` that arrived at `received_at`.
pub fn decode_entry(owner: &EntryOwner, json: &[u8], received_at: DateTime<Utc>) -> Result<DecodedEntry, Unparseable> {
    let entry = webhooks::decode_entry(owner.id(), json, received_at)?;
    let mut decoded = DecodedEntry {
        messages: Vec::with_capacity(entry.events.len()),
        events: Vec::new(),
        not_understood: entry.not_understood,
    };
    for event in entry.events {
        match event {
            Event::Messaging(event) => decoded.messaging(event),
            Event::Change(change) => decoded.change(change),
        }
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests;
