//! What was said in a Page before the simulator started: computed when asked for, never stored.

use super::config::MessageCount;
use super::draw::{Draw, label};
use super::ids::{FIRST_NEW_CUSTOMER, FIRST_SENT_MESSAGE, PageIndex};
use super::names::PersonName;
use super::texts;
use super::thread::{Attachment, AttachmentKind};
use crate::clock::{DAY, MINUTE, Millis};

/// The generated conversations of one Page; 0 has the newest message.
#[derive(Debug, Clone)]
pub(crate) struct History {
    draw: Draw,
    epoch_ms: Millis,
    conversations: u32,
    messages: MessageCount,
    /// Time between the newest messages of neighbouring conversations.
    spacing_ms: Millis,
}

/// The span over which a Page's conversations are spread, as far as their spacing allows.
const SPAN: Millis = 180 * DAY;

impl History {
    pub(crate) fn new(
        seed: u64,
        page: PageIndex,
        epoch_ms: Millis,
        conversations: u32,
        messages: MessageCount,
    ) -> Self {
        let conversations = conversations.min(FIRST_NEW_CUSTOMER - 1);
        let spacing_ms = (SPAN / Millis::from(conversations.max(1))).clamp(100, 40 * MINUTE);
        Self {
            draw: Draw::seeded(seed).at(const { label("history") }).at(u64::from(page.0)),
            epoch_ms,
            conversations,
            messages,
            spacing_ms,
        }
    }

    pub(crate) fn conversations(&self) -> u32 {
        self.conversations
    }

    fn of(&self, conversation: u32) -> Draw {
        self.draw.at(u64::from(conversation))
    }

    pub(crate) fn message_count(&self, conversation: u32) -> u32 {
        let count = match self.messages {
            MessageCount::Exactly(count) => count,
            MessageCount::UpTo(most) => {
                1 + u32::try_from(self.of(conversation).at(const { label("count") }).below(u64::from(most)))
                    .unwrap_or(0)
            }
        };
        count.min(FIRST_SENT_MESSAGE - 1)
    }

    /// Falls strictly with the conversation's index.
    pub(crate) fn updated_ms(&self, conversation: u32) -> Millis {
        let jitter = self.of(conversation).at(const { label("age") }).below(self.spacing_ms.unsigned_abs());
        self.epoch_ms - 1 - Millis::from(conversation) * self.spacing_ms - Millis::try_from(jitter).unwrap_or(0)
    }

    /// The first conversation whose newest message is older than the moment, or as old and further down the list.
    pub(crate) fn first_after(&self, at_ms: Millis, conversation: u32) -> u32 {
        let (mut low, mut high) = (0, self.conversations);
        while low < high {
            let middle = low + (high - low) / 2;
            let updated = self.updated_ms(middle);
            if updated > at_ms || (updated == at_ms && middle <= conversation) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Rises strictly with the message's index; some neighbours fall into the same second.
    pub(crate) fn message_ms(&self, conversation: u32, message: u32) -> Millis {
        let draw = self.of(conversation).at(const { label("times") });
        let back = Millis::from(self.message_count(conversation).saturating_sub(1).saturating_sub(message));
        let gap = MINUTE + Millis::try_from(draw.below(240 * MINUTE.unsigned_abs())).unwrap_or(0);
        let step = |back: Millis| {
            let jitter = draw.at(back.unsigned_abs()).below(gap.unsigned_abs() / 2);
            let jitter = if back == 0 { 0 } else { Millis::try_from(jitter).unwrap_or(0) };
            self.updated_ms(conversation) - back * gap - jitter
        };
        // Every fourth pair or so was written in one breath.
        let burst = back % 2 == 1 && draw.at(const { label("burst") }).at(back.unsigned_abs()).one_in(4);
        if burst { step(back - 1) - 150 } else { step(back) }
    }

    /// The customer begins; about two messages in five are the Page's.
    pub(crate) fn is_from_page(&self, conversation: u32, message: u32) -> bool {
        message > 0 && self.message(conversation, message).at(const { label("side") }).below(5) < 2
    }

    pub(crate) fn text(&self, conversation: u32, message: u32) -> String {
        if self.attachment(conversation, message).is_some() {
            return String::new();
        }
        let draw = self.message(conversation, message).at(const { label("text") });
        if self.is_from_page(conversation, message) { texts::page_text(draw) } else { texts::customer_text(draw) }
    }

    pub(crate) fn attachment(&self, conversation: u32, message: u32) -> Option<Attachment> {
        let draw = self.message(conversation, message).at(const { label("attachment") });
        draw.one_in(23).then(|| Attachment {
            kind: AttachmentKind::Image,
            url: None,
            id: 10_000_000 + draw.at(1).below(900_000_000),
        })
    }

    /// The customer's newest messages that the Page has not read: one conversation in four has some.
    pub(crate) fn unread_count(&self, conversation: u32) -> u32 {
        if !self.of(conversation).at(const { label("unread") }).one_in(4) {
            return 0;
        }
        let count = self.message_count(conversation);
        let trailing =
            (0..count).rev().take(20).take_while(|message| !self.is_from_page(conversation, *message)).count();
        u32::try_from(trailing).unwrap_or(0)
    }

    pub(crate) fn customer_name(&self, conversation: u32) -> PersonName {
        PersonName::drawn(self.of(conversation).at(const { label("name") }))
    }

    /// Three customers in a hundred have no profile that can be read.
    pub(crate) fn profile_draw(&self, conversation: u32) -> u64 {
        self.of(conversation).at(const { label("profile") }).below(100)
    }

    fn message(&self, conversation: u32, message: u32) -> Draw {
        self.of(conversation).at(u64::from(message))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn conversations_and_messages_are_in_order(
            seed: u64, conversations in 1_u32..2_000_000, at in 0_u32..2_000_000, messages in 1_u32..200, message in 1_u32..200,
        ) {
            let history = History::new(seed, PageIndex(0), 1_700_000_000_000, conversations, MessageCount::Exactly(messages));
            let at = at % conversations;
            prop_assert!(history.updated_ms(at) > history.updated_ms(at + 1));
            prop_assert_eq!(history.first_after(history.updated_ms(at), at), at + 1);
            let message = message % messages;
            if message > 0 {
                prop_assert!(history.message_ms(at, message - 1) < history.message_ms(at, message));
            }
            prop_assert_eq!(history.message_ms(at, messages - 1), history.updated_ms(at));
        }
    }

    #[test]
    fn some_messages_share_a_second() {
        let history = History::new(1, PageIndex(0), 1_700_000_000_000, 10, MessageCount::Exactly(50));
        let seconds: Vec<_> = (0..50).map(|message| history.message_ms(3, message) / 1000).collect();
        assert!(seconds.windows(2).any(|pair| pair[0] == pair[1]));
    }
}
