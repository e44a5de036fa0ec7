//! A digest of what Facebook tells of a conversation, by which an unchanged one is known without a look at the database.

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::{Mid, Psid, ThreadId};
use pagekeeper_store::messages::Attachment;
use ring::digest::{SHA256, digest as hash};
use serde::Serialize;
use uuid::{Builder, Uuid};

use super::plan::PlannedConversation;
use crate::message::Message;

/// All that would be stored. Addresses of media are left out: they change with each answer.
#[derive(Serialize)]
struct Told<'a> {
    /// The digest of the conversations before this one.
    before: Option<Uuid>,
    /// None where it has no place in the inbox.
    conversation: Option<ToldConversation<'a>>,
}

#[derive(Serialize)]
struct ToldConversation<'a> {
    psid: &'a Psid,
    thread_id: Option<&'a ThreadId>,
    name: Option<&'a str>,
    updated_at: DateTime<Utc>,
    messages: Vec<ToldMessage<'a>>,
    listed: Option<ToldListing<'a>>,
}

#[derive(Serialize)]
struct ToldMessage<'a> {
    mid: &'a Mid,
    from_page: bool,
    sent_at: DateTime<Utc>,
    text: Option<&'a str>,
    attachments: &'a [Attachment],
    reply_to_mid: Option<&'a Mid>,
}

#[derive(Serialize)]
struct ToldListing<'a> {
    from: DateTime<Utc>,
    mids: &'a [Mid],
    detailed: &'a [Mid],
    reactions: Vec<(&'a Mid, bool, &'a str)>,
}

/// The digest of a conversation, and of those `before` it. None where there is none to be had: then it is looked at.
pub(super) fn digest(before: Option<Uuid>, conversation: Option<&PlannedConversation>) -> Option<Uuid> {
    let told = serde_json::to_vec(&Told { before, conversation: conversation.map(told) }).ok()?;
    let half: [u8; 16] = *hash(&SHA256, &told).as_ref().first_chunk()?;
    Some(Builder::from_custom_bytes(half).into_uuid())
}

fn told(conversation: &PlannedConversation) -> ToldConversation<'_> {
    let PlannedConversation { upsert, messages, listed, asked_at: _ } = conversation;
    let listed = listed.as_ref().map(|listed| ToldListing {
        from: listed.from,
        mids: &listed.mids,
        detailed: &listed.detailed,
        reactions: listed
            .reactions
            .iter()
            .map(|reaction| (&reaction.mid, reaction.from_page, reaction.emoji.as_str()))
            .collect(),
    });
    ToldConversation {
        psid: &upsert.psid,
        thread_id: upsert.thread_id.as_ref(),
        name: upsert.name.as_ref().map(|told| told.name.as_str()),
        updated_at: upsert.updated_at,
        messages: messages.iter().map(told_message).collect(),
        listed,
    }
}

fn told_message(message: &Message) -> ToldMessage<'_> {
    ToldMessage {
        mid: &message.mid,
        from_page: message.from_page,
        sent_at: message.sent_at,
        text: message.text.as_deref(),
        attachments: &message.attachments,
        reply_to_mid: message.reply_to_mid.as_ref(),
    }
}
