//! A batch of conversations and messages, and how many observations of the same one become one row.
//!
//! Meta tells of a message several times (webhook, redelivery, echo, each sync), in any order. Everything here takes the
//! greatest, as the database function does, so that every order ends with the same rows.

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound, Utc};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, Mid, Psid, ThreadId};
use pagekeeper_common::domain::media::MediaUrl;

use super::Attachment;
use crate::text::without_nul;

/// A snippet's length in characters: what one line of the inbox can show.
pub(crate) const SNIPPET_LENGTH: usize = 160;

/// One observation of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationUpsert {
    pub account_id: AccountId,
    pub connection_id: ConnectionId,
    pub psid: Psid,
    /// The customer's name, if Facebook told it. Webhooks do not.
    pub name: Option<ToldName>,
    /// Only the Conversations API knows it.
    pub thread_id: Option<ThreadId>,
    /// Its place in the inbox as long as none of its messages is known.
    pub updated_at: DateTime<Utc>,
    /// What a first sync's unread count implies.
    pub read_up_to: Option<DateTime<Utc>>,
}

/// A name, and since when it is known to be right: the latest wins. A sync takes the conversation's `updated_time`, so
/// that telling the same again writes nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToldName {
    pub told_at: DateTime<Utc>,
    pub name: String,
}

/// One observation of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageUpsert {
    /// What [`StoreBatch::push_conversation`] answered.
    pub conversation: usize,
    pub mid: Mid,
    pub from_page: bool,
    pub sent_at: DateTime<Utc>,
    pub text: Option<String>,
    pub attachments: Vec<Attachment>,
    pub media: Vec<ToldMedia>,
    /// The app that sent an echo.
    pub app_id: Option<String>,
    pub reply_to_mid: Option<Mid>,
}

/// Where one of a message's attachments can be fetched for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldMedia {
    /// In the list of attachments, from 0.
    pub position: i32,
    pub url: MediaUrl,
}

/// What [`Store::store_messages`](crate::Store::store_messages) stores at once.
#[derive(Debug, Clone, Default)]
pub struct StoreBatch {
    by_webhook: bool,
    told_at: Option<DateTime<Utc>>,
    conversations: Vec<ConversationUpsert>,
    messages: Vec<MessageUpsert>,
    listings: Vec<ThreadListing>,
}

/// A part of a thread as Graph listed it: which messages there are, and what people feel about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadListing {
    /// What [`StoreBatch::push_conversation`] answered.
    pub conversation: usize,
    /// From here on (inclusive) …
    pub from: DateTime<Utc>,
    /// … until here (exclusive) no message was left out. What was sent in the minute before Graph was asked may not have
    /// been there yet.
    pub to: DateTime<Utc>,
    pub mids: Vec<Mid>,
    /// Those whose details were told: what has no reaction here has none.
    pub detailed: Vec<Mid>,
    pub reactions: Vec<ListedReaction>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedReaction {
    pub mid: Mid,
    pub from_page: bool,
    pub emoji: String,
}

impl StoreBatch {
    /// For originals that nobody asked for: a text counts as of when it was sent.
    pub fn new() -> Self {
        Self::default()
    }

    /// For what Facebook was asked for at that time: a text that differs from what is known was edited.
    pub fn of_sync(asked_at: DateTime<Utc>) -> Self {
        Self { told_at: Some(microseconds(asked_at)), ..Self::default() }
    }

    /// For what Facebook sent by itself: it also tells that the Pages' webhooks arrive.
    pub fn of_webhooks() -> Self {
        Self { by_webhook: true, ..Self::default() }
    }

    /// Adds an observation of a conversation and answers its index. The same conversation may be added often.
    pub fn push_conversation(&mut self, conversation: ConversationUpsert) -> usize {
        self.conversations.push(conversation);
        self.conversations.len() - 1
    }

    /// Adds an observation of a message. One whose conversation is not in this batch is a bug, and is not stored.
    pub fn push_message(&mut self, message: MessageUpsert) {
        debug_assert!(message.conversation < self.conversations.len(), "the conversation comes before its messages");
        self.messages.push(message);
    }

    /// Adds a part of a thread that was listed, in a batch [`of_sync`](Self::of_sync).
    pub fn push_listing(&mut self, listing: ThreadListing) {
        debug_assert!(listing.conversation < self.conversations.len(), "the conversation comes before its listing");
        self.listings.push(listing);
    }

    /// When Graph was asked, and each listed part with its conversation.
    pub(super) fn listings(&self) -> Option<(DateTime<Utc>, Vec<Listed<'_>>)> {
        let listings = self.listings.iter();
        let listings: Vec<_> =
            listings.filter_map(|listing| Some((self.conversations.get(listing.conversation)?, listing))).collect();
        self.told_at.filter(|_| !listings.is_empty()).map(|told_at| (told_at, listings))
    }

    pub fn is_empty(&self) -> bool {
        self.conversations.is_empty()
    }

    /// Whether more is to be stored than conversations and messages.
    pub(super) fn has_more_than_messages(&self) -> bool {
        self.messages.iter().any(|message| !message.media.is_empty()) || self.listings().is_some()
    }

    /// The accounts, duplicates included.
    pub(crate) fn accounts(&self) -> impl IntoIterator<Item = AccountId> {
        self.conversations.iter().map(|conversation| conversation.account_id)
    }

    /// Observations of messages, duplicates included.
    pub fn message_count(&self) -> usize {
        self.messages.len()
    }

    /// The rows to store: sorted by key, each key once.
    pub(crate) fn fold(&self) -> Rows {
        let mut people: BTreeMap<PersonKey, Person> = BTreeMap::new();
        for upsert in &self.conversations {
            people.entry(PersonKey::of(upsert)).or_default().observe(upsert);
        }
        let mut messages: BTreeMap<MessageKey, MessageRow> = BTreeMap::new();
        for upsert in &self.messages {
            let Some(conversation) = self.conversations.get(upsert.conversation) else { continue };
            let key = PersonKey::of(conversation);
            let row = MessageRow::of(upsert, &key);
            if let Some(person) = people.get_mut(&key) {
                person.observe_message(&row, upsert);
            }
            let key = MessageKey {
                account_id: key.account_id,
                connection_id: key.connection_id,
                mid: upsert.mid.as_str().to_owned(),
            };
            match messages.get_mut(&key) {
                Some(known) => known.merge(row),
                None => {
                    messages.insert(key, row);
                }
            }
        }
        Rows {
            by_webhook: self.by_webhook,
            told_at: self.told_at,
            people: people.into_iter().collect(),
            messages: messages.into_iter().collect(),
        }
    }
}

/// A listed part of a conversation's thread.
pub(super) type Listed<'a> = (&'a ConversationUpsert, &'a ThreadListing);

pub(crate) struct Rows {
    pub(crate) by_webhook: bool,
    pub(crate) told_at: Option<DateTime<Utc>>,
    pub(crate) people: Vec<(PersonKey, Person)>,
    pub(crate) messages: Vec<(MessageKey, MessageRow)>,
}

/// A customer of a Page, which is a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PersonKey {
    pub(crate) account_id: AccountId,
    pub(crate) connection_id: ConnectionId,
    pub(crate) psid: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MessageKey {
    pub(crate) account_id: AccountId,
    pub(crate) connection_id: ConnectionId,
    pub(crate) mid: String,
}

/// All that the batch knows of a conversation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub(crate) name: Option<ToldName>,
    pub(crate) thread_id: Option<String>,
    pub(crate) newest: Newest,
    pub(crate) inbound_at: Option<DateTime<Utc>>,
    pub(crate) read_up_to: Option<DateTime<Utc>>,
}

/// The newest message, in the order that the database function compares by. The first field is false for a
/// conversation without messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Newest {
    is_message: bool,
    pub(crate) at: DateTime<Utc>,
    pub(crate) mid: String,
    pub(crate) snippet: Option<String>,
    pub(crate) from_page: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct MessageRow {
    pub(crate) person: PersonKey,
    pub(crate) from_page: bool,
    pub(crate) sent_at: DateTime<Utc>,
    pub(crate) text: Option<String>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) media: BTreeMap<i32, MediaUrl>,
    pub(crate) app_id: Option<String>,
    pub(crate) reply_to_mid: Option<String>,
}

impl PersonKey {
    fn of(upsert: &ConversationUpsert) -> Self {
        Self {
            account_id: upsert.account_id,
            connection_id: upsert.connection_id,
            psid: upsert.psid.as_str().to_owned(),
        }
    }
}

impl Person {
    fn observe(&mut self, upsert: &ConversationUpsert) {
        let name = upsert
            .name
            .as_ref()
            .map(|told| ToldName { told_at: microseconds(told.told_at), name: without_nul(&told.name).into_owned() });
        raise(&mut self.name, name.filter(|told| !told.name.is_empty()));
        raise(&mut self.thread_id, upsert.thread_id.as_ref().map(|id| id.as_str().to_owned()));
        raise(&mut self.read_up_to, upsert.read_up_to.map(microseconds));
        let empty = Newest { at: microseconds(upsert.updated_at), ..Newest::default() };
        self.newest = empty.max(std::mem::take(&mut self.newest));
    }

    fn observe_message(&mut self, row: &MessageRow, upsert: &MessageUpsert) {
        let newest = Newest {
            is_message: true,
            at: row.sent_at,
            mid: upsert.mid.as_str().to_owned(),
            snippet: row.text.as_deref().map(snippet),
            from_page: row.from_page,
        };
        self.newest = newest.max(std::mem::take(&mut self.newest));
        // The Page's own message answers whatever the customer wrote before it.
        let raised = if row.from_page { &mut self.read_up_to } else { &mut self.inbound_at };
        raise(raised, Some(row.sent_at));
    }
}

impl MessageRow {
    fn of(upsert: &MessageUpsert, person: &PersonKey) -> Self {
        Self {
            person: person.clone(),
            from_page: upsert.from_page,
            sent_at: microseconds(upsert.sent_at),
            text: storable(upsert.text.as_deref()),
            attachments: upsert.attachments.iter().map(clean).collect(),
            media: upsert.media.iter().map(|media| (media.position, media.url.clone())).collect(),
            app_id: storable(upsert.app_id.as_deref()),
            reply_to_mid: upsert.reply_to_mid.as_ref().map(|mid| mid.as_str().to_owned()),
        }
    }

    /// The column's value: null without attachments.
    pub(crate) fn attachments_json(&self) -> Option<serde_json::Value> {
        if self.attachments.is_empty() { None } else { serde_json::to_value(&self.attachments).ok() }
    }

    fn merge(&mut self, other: Self) {
        self.sent_at = self.sent_at.max(other.sent_at);
        raise(&mut self.text, other.text);
        raise(&mut self.app_id, other.app_id);
        raise(&mut self.reply_to_mid, other.reply_to_mid);
        if richness(&other.attachments) > richness(&self.attachments) {
            self.attachments = other.attachments;
        }
        for (position, url) in other.media {
            self.media.entry(position).or_insert(url);
        }
    }
}

fn raise<T: Ord>(known: &mut Option<T>, told: Option<T>) {
    if told > *known {
        *known = told;
    }
}

/// PostgreSQL keeps microseconds; more would compare as newer for ever.
fn microseconds(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}

/// No text at all and an empty one are the same, and both are null.
fn storable(text: Option<&str>) -> Option<String> {
    text.map(|text| without_nul(text).into_owned()).filter(|text| !text.is_empty())
}

fn snippet(text: &str) -> String {
    text.chars().take(SNIPPET_LENGTH).collect()
}

fn clean(attachment: &Attachment) -> Attachment {
    Attachment {
        kind: without_nul(&attachment.kind).into_owned(),
        name: storable(attachment.name.as_deref()),
        mime_type: storable(attachment.mime_type.as_deref()),
        size: attachment.size,
    }
}

/// What PostgreSQL compares jsonb by, so that a batch decides as the database does: more attachments, then for each in
/// turn more fields, then the fields in jsonb's order of keys (shorter keys first).
fn richness(attachments: &[Attachment]) -> (usize, Vec<(usize, Fields<'_>)>) {
    let ranks = attachments.iter().map(fields).map(|fields| (fields.len(), fields)).collect();
    (attachments.len(), ranks)
}

/// The position of a key in jsonb's order, and its value.
type Fields<'a> = Vec<(u8, FieldValue<'a>)>;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum FieldValue<'a> {
    Text(&'a str),
    Number(u64),
}

fn fields(attachment: &Attachment) -> Fields<'_> {
    let fields = [
        (0, attachment.name.as_deref().map(FieldValue::Text)),
        (1, attachment.size.map(FieldValue::Number)),
        (2, Some(FieldValue::Text(&attachment.kind))),
        (3, attachment.mime_type.as_deref().map(FieldValue::Text)),
    ];
    fields.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}
