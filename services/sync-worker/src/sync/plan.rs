//! One page of Graph's conversations → upserts, and where the run goes on. PURE.

use chrono::{DateTime, TimeDelta, Utc};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, PageId, Psid};
use pagekeeper_common::domain::sync_run::{CircleGuard, OlderMessages, RunCursor};
use pagekeeper_common::graph;
use pagekeeper_store::messages::{Attachment, ConversationUpsert, StoreBatch, ToldName};

use crate::message::{self, ATTACHMENTS_MAX, Message};

/// The Page that a run syncs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncedPage {
    pub account_id: AccountId,
    pub connection_id: ConnectionId,
    pub page_id: PageId,
}

/// How far a listing of conversations goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListingBounds {
    /// Incremental: conversations that last changed before are known already.
    pub watermark: Option<DateTime<Utc>>,
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
}

/// A conversation with those of its messages that came along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedConversation {
    pub upsert: ConversationUpsert,
    pub messages: Vec<Message>,
}

/// The upserts of some conversations.
pub fn batch_of(conversations: &[PlannedConversation]) -> StoreBatch {
    let mut batch = StoreBatch::new();
    for conversation in conversations {
        let index = batch.push_conversation(conversation.upsert.clone());
        for message in &conversation.messages {
            batch.push_message(message.upsert(index));
        }
    }
    batch
}

/// Plans a page of the listing, fetched at the place where `cursor` stood.
pub fn plan_conversations(
    page: &SyncedPage,
    cursor: &RunCursor,
    listing: &graph::Page<graph::Conversation>,
    bounds: ListingBounds,
) -> PagePlan {
    let mut plan = PagePlan { cursor: cursor.clone(), ..PagePlan::default() };
    let mut met_watermark = false;
    for conversation in &listing.data {
        if is_older(conversation.updated_time, bounds.watermark) {
            met_watermark = true;
            continue;
        }
        plan.cursor.newest = plan.cursor.newest.max(conversation.updated_time);
        plan.add_conversation(page, conversation, bounds);
    }
    let added = u32::try_from(plan.conversations.len()).unwrap_or(u32::MAX);
    plan.cursor.conversations = plan.cursor.conversations.saturating_add(added);
    plan.cursor.after = listing.after.as_ref().map(|after| after.as_str().to_owned());
    let met_cap = bounds.most_conversations.is_some_and(|most| plan.cursor.conversations >= most);
    plan.cursor.listed = plan.cursor.after.is_none() || met_watermark || met_cap;
    if !plan.cursor.listed {
        plan.close_circle();
    }
    plan
}

/// Plans a page of the list for its customers alone.
pub fn plan_contacts(page: &SyncedPage, cursor: &RunCursor, listing: &graph::Page<graph::Conversation>) -> PagePlan {
    let mut plan = plan_conversations(page, cursor, listing, ListingBounds::default());
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
) -> PagePlan {
    let mut plan = PagePlan { cursor: cursor.clone(), ..PagePlan::default() };
    plan.cursor.older.retain(|other| other.thread_id != older.thread_id);
    let Ok(psid) = Psid::parse(older.psid.as_str()) else { return plan };
    let messages_of_page = stored_messages(page, &psid, messages);
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
        plan.conversations.push(PlannedConversation { upsert, messages: messages_of_page });
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
    fn add_conversation(&mut self, page: &SyncedPage, conversation: &graph::Conversation, bounds: ListingBounds) {
        let Some(customer) = conversation.customer(page.page_id.as_str()) else { return };
        let Ok(psid) = Psid::parse(customer.id.as_str()) else { return };
        let messages = stored_messages(page, &psid, &conversation.messages);
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
        let name = customer.name.as_deref().and_then(message::label);
        let upsert = ConversationUpsert {
            account_id: page.account_id,
            connection_id: page.connection_id,
            psid,
            name: name.map(|name| ToldName { told_at: updated_at, name }),
            thread_id: Some(conversation.id.clone()),
            updated_at,
            read_up_to: if bounds.takes_read_state { read_up_to(page, conversation) } else { None },
        };
        self.conversations.push(PlannedConversation { upsert, messages });
    }
}

/// Without a time a message has no place in the thread.
fn stored_messages(page: &SyncedPage, psid: &Psid, messages: &graph::Page<graph::Message>) -> Vec<Message> {
    let timed = messages.data.iter().filter_map(|wire| Some((wire, wire.created_time?)));
    timed.map(|(wire, sent_at)| stored_message(page, psid, wire, sent_at)).collect()
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
        attachments: wire.attachments.iter().take(ATTACHMENTS_MAX).map(chip).collect(),
        app_id: None,
        reply_to_mid: None,
    }
}

/// A sender who deleted their account is left out; then only the Page is named, as the receiver.
fn is_from_page(page: &SyncedPage, message: &graph::Message) -> bool {
    match &message.from {
        Some(from) => from.id == page.page_id.as_str(),
        None => !message.to.iter().any(|to| to.id == page.page_id.as_str()),
    }
}

fn chip(attachment: &graph::Attachment) -> Attachment {
    let kind = match attachment.kind {
        graph::AttachmentKind::Image => "image",
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
