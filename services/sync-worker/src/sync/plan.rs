//! One page of Graph's conversations → upserts, and where the run goes on. PURE.

mod listed;

use chrono::{DateTime, TimeDelta, Utc};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, PageId, Psid};
use pagekeeper_common::domain::sync_run::{CircleGuard, OlderMessages, RunCursor};
use pagekeeper_common::graph;
use pagekeeper_store::messages::{Attachment, ConversationUpsert, StoreBatch, ThreadListing, ToldMedia, ToldName};
use uuid::Uuid;

pub use listed::Listed;
use listed::ToldMessages;

use super::digest::digest;
use crate::message::{self, ATTACHMENTS_MAX, Message};

/// The Page that a run syncs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncedPage {
    pub account_id: AccountId,
    pub connection_id: ConnectionId,
    /// Whose token and limits the calls go with.
    pub page_id: PageId,
    pub platform: graph::Platform,
    /// Who writes for the Page: itself, or its Instagram account.
    pub own_id: String,
}

/// How far a listing of conversations goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListingBounds {
    /// Incremental: conversations that last changed before are known already.
    pub watermark: Option<DateTime<Utc>>,
    /// Incremental: the digest of the conversations at the watermark, as they are known.
    pub known: Option<Uuid>,
    /// First sync: the rest is left to the background.
    pub most_conversations: Option<u32>,
    /// First sync: what Meta shows as read is read here too. Later, what is read is decided here.
    pub takes_read_state: bool,
}

/// What one page of the listing comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PagePlan {
    pub conversations: Vec<PlannedConversation>,
    /// Where the run goes on once they are stored.
    pub cursor: RunCursor,
    /// The list leads back to where it was: from the next try on it begins anew.
    pub is_circle: bool,
    /// All that the list has to tell is known: none of it has to be looked up.
    pub is_known: bool,
}

/// A conversation with those of its messages that came along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedConversation {
    pub upsert: ConversationUpsert,
    pub messages: Vec<Message>,
    /// When Facebook was asked for it.
    pub asked_at: DateTime<Utc>,
    /// The part of the thread that the messages show whole.
    pub listed: Option<Listed>,
}

/// The upserts of some conversations.
pub fn batch_of(conversations: &[PlannedConversation]) -> StoreBatch {
    let Some(asked_at) = conversations.iter().map(|conversation| conversation.asked_at).min() else {
        return StoreBatch::new();
    };
    let mut batch = StoreBatch::of_sync(asked_at);
    for conversation in conversations {
        let index = batch.push_conversation(conversation.upsert.clone());
        for message in &conversation.messages {
            batch.push_message(message.upsert(index));
        }
        if let Some(Listed { from, to, mids, detailed, reactions }) = conversation.listed.clone() {
            batch.push_listing(ThreadListing { conversation: index, from, to, mids, detailed, reactions });
        }
    }
    batch
}

/// Plans a page of the listing, asked for at that time, at the place where `cursor` stood.
pub fn plan_conversations(
    page: &SyncedPage,
    cursor: &RunCursor,
    listing: &graph::Page<graph::Conversation>,
    bounds: ListingBounds,
    asked_at: DateTime<Utc>,
) -> PagePlan {
    let mut plan = PagePlan { cursor: cursor.clone(), ..PagePlan::default() };
    let mut met_watermark = false;
    for conversation in &listing.data {
        if is_older(conversation.updated_time, bounds.watermark) {
            met_watermark = true;
            continue;
        }
        let next = plan.conversations.len();
        plan.add_conversation(page, conversation, bounds, asked_at);
        plan.note_newest(conversation.updated_time, next);
    }
    let added = u32::try_from(plan.conversations.len()).unwrap_or(u32::MAX);
    plan.cursor.conversations = plan.cursor.conversations.saturating_add(added);
    plan.cursor.after = listing.after.as_ref().map(|after| after.as_str().to_owned());
    let met_cap = bounds.most_conversations.is_some_and(|most| plan.cursor.conversations >= most);
    plan.cursor.listed = plan.cursor.after.is_none() || met_watermark || met_cap;
    if !plan.cursor.listed {
        plan.close_circle();
    }
    let has_times = listing.data.iter().all(|conversation| conversation.updated_time.is_some());
    plan.is_known = plan.cursor.listed && has_times && plan.tells_no_more_than(bounds);
    plan
}

/// Plans a page of the list for its customers alone.
pub fn plan_contacts(
    page: &SyncedPage,
    cursor: &RunCursor,
    listing: &graph::Page<graph::Conversation>,
    asked_at: DateTime<Utc>,
) -> PagePlan {
    let mut plan = plan_conversations(page, cursor, listing, ListingBounds::default(), asked_at);
    // Without messages nothing is known of them.
    plan.cursor.older.clear();
    plan
}

/// Plans a page of one conversation's older messages. The conversation stays first in the cursor's list until its end,
/// or until what came before is known (`watermark`).
pub fn plan_older_messages(
    page: &SyncedPage,
    cursor: &RunCursor,
    older: &OlderMessages,
    messages: &graph::Page<graph::Message>,
    watermark: Option<DateTime<Utc>>,
    asked_at: DateTime<Utc>,
) -> PagePlan {
    let mut plan = PagePlan { cursor: cursor.clone(), ..PagePlan::default() };
    plan.cursor.older.retain(|other| other.thread_id != older.thread_id);
    let Ok(psid) = Psid::parse(older.psid.as_str()) else { return plan };
    let is_newest = older.after.is_empty();
    let told = ToldMessages::of(messages, is_newest);
    let messages_of_page = told.stored(page, &psid);
    plan.cursor.messages += messages_of_page.len() as u64;
    let oldest = oldest(&messages_of_page);
    if let (Some(after), false) = (&messages.after, is_older(oldest, watermark)) {
        let mut rest = OlderMessages { after: after.as_str().to_owned(), ..older.clone() };
        plan.is_circle = rest.circle.is_closed_by(after.as_str());
        if plan.is_circle {
            rest = OlderMessages { after: String::new(), circle: CircleGuard::default(), ..rest };
        }
        plan.cursor.older.insert(0, rest);
    }
    if let Some(updated_at) = oldest {
        let upsert = ConversationUpsert {
            account_id: page.account_id,
            connection_id: page.connection_id,
            psid,
            name: None,
            thread_id: Some(older.thread_id.clone()),
            updated_at,
            read_up_to: None,
        };
        // What is as new as the newest may stand on the page before.
        let newest =
            if is_newest { Some(asked_at) } else { messages_of_page.iter().map(|message| message.sent_at).max() };
        let listed = newest.and_then(|newest| told.listed(page, newest));
        plan.conversations.push(PlannedConversation { upsert, messages: messages_of_page, asked_at, listed });
    }
    plan
}

impl PagePlan {
    /// Where the next page of the list was there before, the run stops, and begins the list anew when it is tried again.
    fn close_circle(&mut self) {
        let Some(after) = self.cursor.after.as_deref() else { return };
        self.is_circle = self.cursor.circle.is_closed_by(after);
        if self.is_circle {
            self.cursor.after = None;
            self.cursor.circle = CircleGuard::default();
        }
    }

    /// A conversation without a customer whom we could address, or without any time, has no place in the inbox.
    fn add_conversation(
        &mut self,
        page: &SyncedPage,
        conversation: &graph::Conversation,
        bounds: ListingBounds,
        asked_at: DateTime<Utc>,
    ) {
        let Some(customer) = conversation.customer(&page.own_id) else { return };
        let Ok(psid) = Psid::parse(customer.id.as_str()) else { return };
        let told = ToldMessages::of(&conversation.messages, true);
        let messages = told.stored(page, &psid);
        let newest = messages.iter().map(|message| message.sent_at).max();
        let Some(updated_at) = conversation.updated_time.or(newest) else { return };

        if let (Some(after), false) = (&conversation.messages.after, is_older(oldest(&messages), bounds.watermark)) {
            self.cursor.older.push(OlderMessages {
                thread_id: conversation.id.clone(),
                psid: psid.as_str().to_owned(),
                after: after.as_str().to_owned(),
                circle: CircleGuard::default(),
            });
        }
        let name = customer.name.as_deref().or(customer.username.as_deref()).and_then(message::label);
        let upsert = ConversationUpsert {
            account_id: page.account_id,
            connection_id: page.connection_id,
            psid,
            name: name.map(|name| ToldName { told_at: updated_at, name }),
            thread_id: Some(conversation.id.clone()),
            updated_at,
            read_up_to: if bounds.takes_read_state { read_up_to(page, conversation) } else { None },
        };
        // Nothing is newer than the newest page.
        let listed = told.listed(page, asked_at);
        self.conversations.push(PlannedConversation { upsert, messages, asked_at, listed });
    }

    /// The newest time, and the digest of all conversations of that time. `added` is the place of the last one, unless it
    /// was left out.
    fn note_newest(&mut self, updated_at: Option<DateTime<Utc>>, added: usize) {
        let newest = self.cursor.newest;
        if updated_at.is_none() || newest > updated_at {
            return;
        }
        let before = self.cursor.newest_digest.filter(|_| newest == updated_at);
        self.cursor.newest_digest = digest(before, self.conversations.get(added));
        self.cursor.newest = updated_at;
    }

    fn tells_no_more_than(&self, bounds: ListingBounds) -> bool {
        let RunCursor { newest, newest_digest, older, .. } = &self.cursor;
        older.is_empty() && *newest == bounds.watermark && newest_digest.is_some() && *newest_digest == bounds.known
    }
}

fn oldest(messages: &[Message]) -> Option<DateTime<Utc>> {
    messages.iter().map(|message| message.sent_at).min()
}

fn stored_message(page: &SyncedPage, psid: &Psid, wire: &graph::Message, sent_at: DateTime<Utc>) -> Message {
    Message {
        psid: psid.clone(),
        mid: wire.id.clone(),
        from_page: is_from_page(page, wire),
        sent_at,
        text: wire.text.as_deref().and_then(message::text),
        attachments: attachments(wire),
        media: media_of(&wire.attachments),
        app_id: None,
        reply_to_mid: wire.reply_to.clone(),
    }
}

/// A sender who deleted their account is left out; then only the Page is named, as the receiver.
fn is_from_page(page: &SyncedPage, message: &graph::Message) -> bool {
    match &message.from {
        Some(from) => from.id == page.own_id,
        None => !message.to.iter().any(|to| to.id == page.own_id),
    }
}

/// What has nothing else to show is named for what it is.
fn attachments(wire: &graph::Message) -> Vec<Attachment> {
    let mut chips: Vec<_> = wire.attachments.iter().take(ATTACHMENTS_MAX).map(chip).collect();
    if chips.is_empty() && matches!(wire.story, Some(graph::Story::Mentioned { .. })) {
        chips.push(Attachment { kind: "story_mention".to_owned(), name: None, mime_type: None, size: None });
    }
    if chips.is_empty() && wire.is_unsupported && wire.text.is_none() {
        chips.push(message::unsupported());
    }
    chips
}

/// Where a message's attachments can be fetched, by their places among those that are shown.
pub fn media_of(attachments: &[graph::Attachment]) -> Vec<ToldMedia> {
    let shown = attachments.iter().take(ATTACHMENTS_MAX);
    let chips: Vec<_> = shown.clone().map(chip).collect();
    message::media(chips.iter().zip(shown.map(|attachment| attachment.url.as_deref())))
}

fn chip(attachment: &graph::Attachment) -> Attachment {
    let kind = match attachment.kind {
        graph::AttachmentKind::Image => "image",
        graph::AttachmentKind::Sticker => "sticker",
        graph::AttachmentKind::Video => "video",
        graph::AttachmentKind::Audio => "audio",
        graph::AttachmentKind::File => "file",
        graph::AttachmentKind::Template => "template",
    };
    Attachment {
        kind: kind.to_owned(),
        name: attachment.name.as_deref().and_then(message::label),
        mime_type: attachment.mime_type.as_deref().and_then(message::label),
        size: attachment.size,
    }
}

/// What `unread_count` says: the customer's newest so many messages are unread, and everything before them is read.
fn read_up_to(page: &SyncedPage, conversation: &graph::Conversation) -> Option<DateTime<Utc>> {
    let mut inbound: Vec<_> = conversation
        .messages
        .data
        .iter()
        .filter(|message| !is_from_page(page, message))
        .filter_map(|message| message.created_time)
        .collect();
    inbound.sort_unstable_by(|a, b| b.cmp(a));
    let unread = usize::try_from(conversation.unread_count).unwrap_or(usize::MAX);
    if unread == 0 {
        return inbound.first().copied().max(conversation.updated_time);
    }
    // Where more are unread than came with the list, those that came stand for all.
    let more_before = conversation.messages.after.is_some();
    let oldest_unread = inbound.get(unread - 1).or(if more_before { inbound.last() } else { None })?;
    Some(*oldest_unread - TimeDelta::microseconds(1))
}

/// Graph's times are whole seconds: what happened in the watermark's own second may not have been seen.
fn is_older(time: Option<DateTime<Utc>>, watermark: Option<DateTime<Utc>>) -> bool {
    time.zip(watermark).is_some_and(|(time, watermark)| time < watermark)
}

#[cfg(test)]
mod tests;
