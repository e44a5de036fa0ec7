//! Entries → what one transaction stores of them. PURE.

use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasher;

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::entry_owner::EntryOwner;
use pagekeeper_common::domain::ids::META_ID_MAX_LENGTH;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{SplitEntry, UnsplitBody, WebhookEntry};
use pagekeeper_store::events::{EventBatch, Observation};
use pagekeeper_store::messages::{ConversationUpsert, StoreBatch};
use pagekeeper_store::quarantine::{NewQuarantined, QuarantineReason};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::decode::{DecodedEntry, decode_entry};
use super::owners::PageOwner;
use crate::message::Message;

/// One entry of a bundle, read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadEntry {
    /// As it came, for the retry of this one alone.
    pub wire: WebhookEntry,
    pub received_at: DateTime<Utc>,
    pub content: EntryContent,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryContent {
    Of {
        owner: EntryOwner,
        decoded: DecodedEntry,
    },
    /// Goes into the quarantine, whoever it belongs to.
    Kept(QuarantineReason),
}

/// What is stored of some entries.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EntriesPlan<'a> {
    pub messages: Vec<(PageOwner, &'a Message)>,
    pub events: Vec<(PageOwner, &'a Observation)>,
    pub quarantine: Vec<NewQuarantined>,
    /// Pages and Instagram accounts that nobody has connected, as far as `owners` knew.
    pub unknown: BTreeSet<&'a EntryOwner>,
}

/// Reads an entry as far as it can be read without the database. `now` stands in where ingest gave no time.
pub fn read_entry(wire: WebhookEntry, now: DateTime<Utc>) -> ReadEntry {
    let received_at = match wire.received_at {
        0 => now,
        micros => DateTime::from_timestamp_micros(micros).unwrap_or(now),
    };
    let content = match &wire.content {
        Some(Content::Entry(entry)) => read_split(entry, received_at),
        Some(Content::Body(body)) => EntryContent::Kept(reason_of_unsplit(body)),
        None => EntryContent::Kept(QuarantineReason::Unparseable),
    };
    ReadEntry { wire, received_at, content }
}

/// Whom the entries belong to, each once.
pub fn owners_of<'a>(entries: impl IntoIterator<Item = &'a ReadEntry>) -> BTreeSet<&'a EntryOwner> {
    entries
        .into_iter()
        .filter_map(|entry| match &entry.content {
            EntryContent::Of { owner, .. } => Some(owner),
            EntryContent::Kept(_) => None,
        })
        .collect()
}

/// Plans any part of a batch; `owners` knows those that are connected.
pub fn plan_entries<'a, S: BuildHasher>(
    entries: &'a [ReadEntry],
    owners: &HashMap<EntryOwner, PageOwner, S>,
) -> EntriesPlan<'a> {
    let mut plan = EntriesPlan::default();
    for entry in entries {
        match &entry.content {
            EntryContent::Kept(reason) => plan.quarantine.push(entry.quarantined(*reason)),
            EntryContent::Of { owner, decoded } => {
                if let Some(owner) = owners.get(owner) {
                    plan.add(*owner, entry, decoded);
                } else {
                    plan.unknown.insert(owner);
                    plan.quarantine.push(entry.quarantined(QuarantineReason::PageNotConnected));
                }
            }
        }
    }
    plan
}

impl<'a> EntriesPlan<'a> {
    /// The messages as one batch of upserts.
    pub fn batch(&self) -> StoreBatch {
        let mut batch = StoreBatch::of_webhooks();
        for (owner, message) in &self.messages {
            let conversation = batch.push_conversation(ConversationUpsert {
                account_id: owner.account_id,
                connection_id: owner.connection_id,
                psid: message.psid.clone(),
                name: None,
                thread_id: None,
                updated_at: message.sent_at,
                read_up_to: None,
            });
            batch.push_message(message.upsert(conversation));
        }
        batch
    }

    /// What was told beside messages. Whose webhooks came is noted only with it: messages tell that by themselves.
    pub fn event_batch(&self) -> EventBatch {
        let mut batch = EventBatch::default();
        for (owner, told) in &self.events {
            batch.push_connection(owner.account_id, owner.connection_id);
            batch.push(owner.account_id, owner.connection_id, told);
        }
        batch
    }

    fn add(&mut self, owner: PageOwner, entry: &ReadEntry, decoded: &'a DecodedEntry) {
        self.messages.extend(decoded.messages.iter().map(|message| (owner, message)));
        self.events.extend(decoded.events.iter().map(|told| (owner, told)));
        if decoded.not_understood {
            self.quarantine.push(entry.quarantined(QuarantineReason::NotUnderstood));
        }
    }
}

impl ReadEntry {
    pub fn quarantined(&self, reason: QuarantineReason) -> NewQuarantined {
        let (object, owner_id, body) = match &self.wire.content {
            Some(Content::Entry(SplitEntry { object, owner_id, json })) => {
                (Some(object), Some(owner_id), json.to_vec())
            }
            Some(Content::Body(UnsplitBody { body })) => (None, None, body.to_vec()),
            None => (None, None, Vec::new()),
        };
        let short = |id: Option<&String>| id.filter(|id| (1..=META_ID_MAX_LENGTH).contains(&id.len())).cloned();
        NewQuarantined { reason, object: short(object), owner_id: short(owner_id), body, received_at: self.received_at }
    }
}

fn read_split(entry: &SplitEntry, received_at: DateTime<Utc>) -> EntryContent {
    let Some(owner) = EntryOwner::parse(&entry.object, &entry.owner_id) else {
        return EntryContent::Kept(QuarantineReason::NotUnderstood);
    };
    match decode_entry(&owner, &entry.json, received_at) {
        Ok(decoded) => EntryContent::Of { owner, decoded },
        Err(_unparseable) => EntryContent::Kept(QuarantineReason::Unparseable),
    }
}

/// Only an envelope that names its object says what it is of.
fn reason_of_unsplit(body: &UnsplitBody) -> QuarantineReason {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(rename = "object")]
        _object: String,
        #[serde(rename = "entry")]
        _entry: Vec<IgnoredAny>,
    }
    match serde_json::from_slice::<Envelope>(&body.body) {
        Ok(_) => QuarantineReason::UnknownObject,
        Err(_) => QuarantineReason::Unparseable,
    }
}

#[cfg(test)]
mod tests;
