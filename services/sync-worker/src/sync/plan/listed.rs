//! A page of a thread: its messages, and what it tells beside them.

use chrono::{DateTime, TimeDelta, Utc};
use pagekeeper_common::domain::ids::{Mid, Psid};
use pagekeeper_common::graph;
use pagekeeper_store::messages::ListedReaction;

use super::{SyncedPage, stored_message};
use crate::message::{self, Message};

/// What a page of messages tells beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub mids: Vec<Mid>,
    pub detailed: Vec<Mid>,
    pub reactions: Vec<ListedReaction>,
}

/// Meta tells the details of a conversation's newest messages, of so many at least ("Conversations API", 2026).
const DETAILED: usize = 20;

/// The messages of a page, without those that were taken back.
pub(super) struct ToldMessages<'a> {
    messages: Vec<&'a graph::Message>,
    /// From when on the page shows all that there is; none where something in it was not understood.
    from: Option<DateTime<Utc>>,
}

impl<'a> ToldMessages<'a> {
    /// Of a message that was taken back Meta may tell id and time alone, as of those beyond the newest. Where it tells no
    /// more of any, nothing was taken back: it tells no details.
    pub(super) fn of(page: &'a graph::Page<graph::Message>, is_newest: bool) -> Self {
        let tells_details = page.data.iter().any(|message| !message.is_bare());
        let detailed = if is_newest && tells_details { DETAILED } else { 0 };
        let is_there = |(place, message): &(usize, &graph::Message)| *place >= detailed || !message.is_bare();
        let messages = page.data.iter().enumerate().filter(is_there).map(|(_, message)| message).collect();
        Self { messages, from: shown_from(page) }
    }

    /// Without a time a message has no place in the thread.
    pub(super) fn stored(&self, page: &SyncedPage, psid: &Psid) -> Vec<Message> {
        let timed = self.messages.iter().filter_map(|wire| Some((wire, wire.created_time?)));
        timed.map(|(wire, sent_at)| stored_message(page, psid, wire, sent_at)).collect()
    }

    /// What the page says of its part of the thread, until before `to`.
    pub(super) fn listed(&self, page: &SyncedPage, to: DateTime<Utc>) -> Option<Listed> {
        let from = self.from?;
        // Of older messages Meta may tell id and time alone.
        let detailed = self.messages.iter().filter(|message| message.from.is_some());
        let reactions = self.messages.iter().flat_map(|message| {
            message.reactions.iter().flat_map(move |reaction| {
                let emoji = message::label(&reaction.emoji);
                reaction.user_ids.iter().zip(std::iter::repeat(emoji)).filter_map(move |(user, emoji)| {
                    let from_page = *user == page.own_id;
                    Some(ListedReaction { mid: message.id.clone(), from_page, emoji: emoji? })
                })
            })
        });
        Some(Listed {
            from,
            to,
            mids: self.messages.iter().map(|message| message.id.clone()).collect(),
            detailed: detailed.map(|message| message.id.clone()).collect(),
            reactions: reactions.collect(),
        })
    }
}

/// Others of the oldest message's second may have been cut off, unless nothing comes after.
fn shown_from(page: &graph::Page<graph::Message>) -> Option<DateTime<Utc>> {
    let times: Option<Vec<_>> = page.data.iter().map(|message| message.created_time).collect();
    let oldest = times?.into_iter().min().filter(|_| page.dropped == 0)?;
    Some(if page.after.is_some() { oldest + TimeDelta::seconds(1) } else { oldest })
}
