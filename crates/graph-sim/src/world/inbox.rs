//! One Page's conversations as Graph shows them: the generated history and what was said since, as one list.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use super::history::History;
use super::ids::{FIRST_NEW_CUSTOMER, FIRST_SENT_MESSAGE};
use super::message_change::MessageChange;
use super::names::PersonName;
use super::thread::{Attachment, CustomerChange, ProfileAnswer, SentMessage, Thread};
use crate::clock::Millis;

/// A place in the list of conversations: newest message first, ties by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) updated_ms: Millis,
    pub(crate) conversation: u32,
}

impl Place {
    fn key(self) -> (Reverse<Millis>, u32) {
        (Reverse(self.updated_ms), self.conversation)
    }
}

/// A message, generated or sent.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) index: u32,
    pub(crate) at_ms: Millis,
    pub(crate) from_page: bool,
    pub(crate) text: String,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) change: MessageChange,
}

#[derive(Debug)]
pub(crate) struct Inbox {
    history: History,
    threads: HashMap<u32, Thread>,
    /// Conversations with sent messages, in the list's order.
    moved: BTreeSet<(Reverse<Millis>, u32)>,
    new_customers: u32,
    /// Those of the new customers who wrote.
    new_conversations: u32,
}

impl Inbox {
    pub(crate) fn new(history: History) -> Self {
        Self { history, threads: HashMap::new(), moved: BTreeSet::new(), new_customers: 0, new_conversations: 0 }
    }

    pub(crate) fn conversation_count(&self) -> u32 {
        self.history.conversations() + self.new_conversations
    }

    pub(crate) fn generated_conversations(&self) -> u32 {
        self.history.conversations()
    }

    /// Whether there is such a customer; a new one has no conversation before the first message.
    pub(crate) fn has_customer(&self, conversation: u32) -> bool {
        conversation < self.history.conversations()
            || (FIRST_NEW_CUSTOMER..FIRST_NEW_CUSTOMER + self.new_customers).contains(&conversation)
    }

    pub(crate) fn has_conversation(&self, conversation: u32) -> bool {
        self.has_customer(conversation) && self.message_count(conversation) > 0
    }

    pub(crate) fn message_count(&self, conversation: u32) -> u32 {
        self.generated_count(conversation) + u32::try_from(self.sent(conversation).len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn updated_ms(&self, conversation: u32) -> Millis {
        self.sent(conversation).last().map_or_else(|| self.history.updated_ms(conversation), |message| message.at_ms)
    }

    pub(crate) fn place(&self, conversation: u32) -> Place {
        Place { updated_ms: self.updated_ms(conversation), conversation }
    }

    /// The message that many places below the newest.
    pub(crate) fn message_from_newest(&self, conversation: u32, back: u32) -> Option<Message> {
        let sent = u32::try_from(self.sent(conversation).len()).unwrap_or(u32::MAX);
        let index = if back < sent {
            FIRST_SENT_MESSAGE + (sent - 1 - back)
        } else {
            self.generated_count(conversation).checked_sub(1 + (back - sent))?
        };
        self.message(conversation, index)
    }

    /// How many messages are newer.
    pub(crate) fn newer_messages(&self, conversation: u32, index: u32) -> u32 {
        let sent = u32::try_from(self.sent(conversation).len()).unwrap_or(u32::MAX);
        match index.checked_sub(FIRST_SENT_MESSAGE) {
            Some(position) => sent.saturating_sub(position + 1),
            None => sent + self.generated_count(conversation).saturating_sub(index + 1),
        }
    }

    /// As people have changed it since.
    pub(crate) fn message(&self, conversation: u32, index: u32) -> Option<Message> {
        let mut message = self.original(conversation, index)?;
        if let Some(change) = self.threads.get(&conversation).and_then(|thread| thread.changed.get(&index)) {
            message.text = change.text.clone().unwrap_or(message.text);
            message.change = change.clone();
        }
        Some(message)
    }

    fn original(&self, conversation: u32, index: u32) -> Option<Message> {
        if let Some(position) = index.checked_sub(FIRST_SENT_MESSAGE) {
            let sent = self.sent(conversation).get(usize::try_from(position).ok()?)?;
            return Some(Message {
                index,
                at_ms: sent.at_ms,
                from_page: sent.from_page,
                text: sent.text.clone(),
                attachments: sent.attachments.clone(),
                change: MessageChange::default(),
            });
        }
        (index < self.generated_count(conversation)).then(|| Message {
            index,
            at_ms: self.history.message_ms(conversation, index),
            from_page: self.history.is_from_page(conversation, index),
            text: self.history.text(conversation, index),
            attachments: self.history.attachment(conversation, index).into_iter().collect(),
            change: MessageChange::default(),
        })
    }

    pub(crate) fn unread_count(&self, conversation: u32) -> u32 {
        self.threads
            .get(&conversation)
            .and_then(|thread| thread.customer.unread_count)
            .unwrap_or_else(|| self.generated_unread(conversation))
    }

    pub(crate) fn customer_name(&self, conversation: u32) -> PersonName {
        match self.threads.get(&conversation).and_then(|thread| thread.customer.name.as_deref()) {
            Some(name) => PersonName::parsed(name),
            None => self.history.customer_name(conversation),
        }
    }

    pub(crate) fn profile(&self, conversation: u32) -> ProfileAnswer {
        let known = self.threads.get(&conversation);
        if let Some(profile) = known.and_then(|thread| thread.customer.profile) {
            return profile;
        }
        if known.is_some_and(|thread| thread.customer.name.is_some()) {
            return ProfileAnswer::Full;
        }
        match self.history.profile_draw(conversation) {
            0 => ProfileAnswer::Unavailable,
            1 => ProfileAnswer::Empty,
            2 => ProfileAnswer::Forbidden,
            _ => ProfileAnswer::Full,
        }
    }

    /// At most `limit` conversations below the place, newest first.
    pub(crate) fn list_after(&self, after: Option<Place>, limit: usize) -> Vec<u32> {
        let moved = self.moved.iter().filter(|key| after.is_none_or(|after| **key > after.key())).take(limit);
        let first = after.map_or(0, |after| self.history.first_after(after.updated_ms, after.conversation));
        let unmoved = (first..self.history.conversations()).filter(|index| !self.is_moved(*index)).take(limit);
        let mut keys: Vec<_> = moved.copied().chain(unmoved.map(|index| self.place(index).key())).collect();
        keys.sort_unstable();
        keys.truncate(limit);
        keys.into_iter().map(|(_, conversation)| conversation).collect()
    }

    /// At most `limit` conversations just above the place, newest first.
    pub(crate) fn list_before(&self, before: Place, limit: usize) -> Vec<u32> {
        let moved = self.moved.range(..before.key()).rev().take(limit);
        let end = self.history.first_after(before.updated_ms.saturating_add(1), u32::MAX) + 1;
        let unmoved = (0..end.min(self.history.conversations()))
            .rev()
            .filter(|index| !self.is_moved(*index) && self.place(*index).key() < before.key())
            .take(limit);
        let mut keys: Vec<_> = moved.copied().chain(unmoved.map(|index| self.place(index).key())).collect();
        keys.sort_unstable();
        keys.drain(..keys.len().saturating_sub(limit));
        keys.into_iter().map(|(_, conversation)| conversation).collect()
    }

    pub(crate) fn add_customer(&mut self, name: String) -> u32 {
        let conversation = FIRST_NEW_CUSTOMER + self.new_customers;
        self.new_customers += 1;
        self.thread(conversation).customer.name = Some(name);
        conversation
    }

    pub(crate) fn change_customer(&mut self, conversation: u32, change: CustomerChange) {
        let customer = &mut self.thread(conversation).customer;
        *customer = std::mem::take(customer).then(change);
    }

    pub(crate) fn is_reachable(&self, conversation: u32) -> bool {
        self.threads.get(&conversation).is_none_or(|thread| thread.customer.reachable != Some(false))
    }

    pub(crate) fn blocks_page(&self, conversation: u32) -> bool {
        self.threads.get(&conversation).is_some_and(|thread| thread.customer.blocks_page == Some(true))
    }

    /// When the customer wrote last.
    pub(crate) fn last_inbound_ms(&self, conversation: u32) -> Option<Millis> {
        (0..self.message_count(conversation))
            .map_while(|back| self.message_from_newest(conversation, back))
            .find(|message| !message.from_page)
            .map(|message| message.at_ms)
    }

    /// Adds the message; its time is moved past the conversation's newest one. An answer of the Page reads the rest.
    pub(crate) fn send(&mut self, conversation: u32, mut message: SentMessage) -> Message {
        let unread = self.unread_count(conversation);
        let place = self.place(conversation);
        if self.message_count(conversation) > 0 {
            message.at_ms = message.at_ms.max(place.updated_ms + 1);
        } else {
            self.new_conversations += 1;
        }
        self.moved.remove(&place.key());
        self.moved.insert((Reverse(message.at_ms), conversation));
        let thread = self.thread(conversation);
        thread.customer.unread_count = Some(if message.from_page { 0 } else { unread + 1 });
        let index = FIRST_SENT_MESSAGE + u32::try_from(thread.sent.len()).unwrap_or(u32::MAX);
        thread.sent.push(message.clone());
        Message {
            index,
            at_ms: message.at_ms,
            from_page: message.from_page,
            text: message.text,
            attachments: message.attachments,
            change: MessageChange::default(),
        }
    }

    pub(crate) fn change_message(&mut self, conversation: u32, index: u32, change: MessageChange) {
        let known = self.thread(conversation).changed.entry(index).or_default();
        *known = std::mem::take(known).then(change);
    }

    /// All that differs from the history, for the journal.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (u32, &Thread)> {
        let mut changed: Vec<_> = self.threads.iter().map(|(conversation, thread)| (*conversation, thread)).collect();
        changed.sort_unstable_by_key(|(conversation, _)| *conversation);
        changed.into_iter()
    }

    fn generated_count(&self, conversation: u32) -> u32 {
        if conversation < self.history.conversations() { self.history.message_count(conversation) } else { 0 }
    }

    fn generated_unread(&self, conversation: u32) -> u32 {
        if conversation < self.history.conversations() { self.history.unread_count(conversation) } else { 0 }
    }

    fn sent(&self, conversation: u32) -> &[SentMessage] {
        self.threads.get(&conversation).map_or(&[], |thread| thread.sent.as_slice())
    }

    fn is_moved(&self, conversation: u32) -> bool {
        !self.threads.is_empty() && !self.sent(conversation).is_empty()
    }

    fn thread(&mut self, conversation: u32) -> &mut Thread {
        self.threads.entry(conversation).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::MessageCount;
    use super::super::ids::PageIndex;
    use super::*;

    fn inbox(conversations: u32) -> Inbox {
        Inbox::new(History::new(7, PageIndex(0), 1_700_000_000_000, conversations, MessageCount::Exactly(3)))
    }

    fn sent(at_ms: Millis, from_page: bool) -> SentMessage {
        SentMessage { at_ms, from_page, text: "hi".to_owned(), attachments: Vec::new() }
    }

    #[test]
    fn a_new_message_moves_its_conversation_to_the_top() {
        let mut inbox = inbox(30);
        let new = inbox.add_customer("Ada L".to_owned());
        assert!(!inbox.has_conversation(new));
        inbox.send(7, sent(1_700_000_000_000, false));
        inbox.send(new, sent(1_700_000_000_500, false));
        assert_eq!(inbox.list_after(None, 4), [new, 7, 0, 1]);
        assert_eq!(inbox.conversation_count(), 31);
    }

    #[test]
    fn paging_forth_and_back_meets_each_conversation_once() {
        let mut inbox = inbox(95);
        for conversation in [3, 40, 90] {
            inbox.send(conversation, sent(1_700_000_001_000 + i64::from(conversation), true));
        }
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = inbox.list_after(after, 10);
            let Some(last) = page.last() else { break };
            after = Some(inbox.place(*last));
            all.extend(page);
        }
        let mut sorted = all.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..95).collect::<Vec<_>>());
        for (position, conversation) in all.iter().enumerate().skip(10) {
            assert_eq!(inbox.list_before(inbox.place(*conversation), 10), all[position - 10..position]);
        }
    }

    #[test]
    fn an_answer_of_the_page_reads_what_was_before() {
        let mut inbox = inbox(5);
        inbox.send(2, sent(1_700_000_000_000, false));
        let before = inbox.unread_count(2);
        assert!(before >= 1);
        inbox.send(2, sent(1_700_000_000_000, true));
        assert_eq!(inbox.unread_count(2), 0);
        assert_eq!(inbox.message_count(2), 5);
        let newest = inbox.message_from_newest(2, 0).unwrap();
        let second = inbox.message_from_newest(2, 1).unwrap();
        assert!(newest.from_page && newest.at_ms > second.at_ms);
        assert_eq!(inbox.newer_messages(2, second.index), 1);
    }
}
