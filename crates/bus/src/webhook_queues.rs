//! Webhooks split by their Page over queues, so that as many workers can store them at once.

use std::hash::Hasher as _;
use std::ops::Range;

use fnv::FnvHasher;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{WebhookBundle, WebhookEntry};

use crate::message::Outgoing;
use crate::publisher::{Published, Publisher};
use crate::topology::webhook_queue;

/// No installation has more, so whoever looks for queues of an earlier number looks no further.
pub const MOST_WEBHOOK_QUEUES: u16 = 64;

/// How many queues webhooks are split over, and by what. Every version of every service must say the same of an id, or
/// two workers would store the same Page at once; they would then only wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookQueues(u16);

impl WebhookQueues {
    /// None unless there are 1 to [`MOST_WEBHOOK_QUEUES`].
    pub fn new(count: u16) -> Option<Self> {
        (1..=MOST_WEBHOOK_QUEUES).contains(&count).then_some(Self(count))
    }

    pub fn indices(self) -> Range<u16> {
        0..self.0
    }

    /// Indices of queues that an earlier, larger number may have left behind.
    pub fn beyond(self) -> Range<u16> {
        self.0..MOST_WEBHOOK_QUEUES
    }

    /// The queue of a Page or Instagram account, by Meta's id of it: the 64 bits of FNV-1a over its bytes, the upper half
    /// XORed onto the lower one, modulo the number of queues. What belongs to nobody goes to the first queue.
    pub fn index_of(self, owner_id: &str) -> u16 {
        if owner_id.is_empty() {
            return 0;
        }
        let mut hasher = FnvHasher::default();
        hasher.write(owner_id.as_bytes());
        let hash = hasher.finish();
        let folded = (hash >> 32) ^ (hash & u64::from(u32::MAX));
        u16::try_from(folded % u64::from(self.0)).unwrap_or_default()
    }

    /// The queue of an entry.
    pub fn index_of_entry(self, entry: &WebhookEntry) -> u16 {
        match &entry.content {
            Some(Content::Entry(split)) => self.index_of(&split.owner_id),
            Some(Content::Body(_)) | None => 0,
        }
    }
}

/// What an encoded `WebhookBundle` is published as, to the queue of this index. All its entries should belong there.
pub fn webhook_message(index: u16, encoded: bytes::Bytes) -> Outgoing {
    // The empty bundle gives the message's properties, the encoded one its content.
    Outgoing { routing_key: routing_key(index), body: encoded, ..Outgoing::of(&WebhookBundle::default()) }
}

/// Of the exchange of webhooks.
pub(crate) fn routing_key(index: u16) -> String {
    format!("entry.{index}")
}

impl Publisher {
    /// Which of these queues of webhooks there are, asked by a bundle without entries to each: a passive declaration of
    /// a queue that is not there would end its channel and stand in the broker's log as an error.
    pub async fn find_webhook_queues(&self, indices: &[u16]) -> Vec<u16> {
        let probe = |index: &u16| Outgoing {
            exchange: String::new(),
            routing_key: webhook_queue(*index),
            ..Outgoing::of(&WebhookBundle::default())
        };
        let probes: Vec<Outgoing> = indices.iter().map(probe).collect();
        let answers = self.probe(&probes).await;
        let found = indices.iter().zip(answers).filter(|(_, published)| *published == Published::Stored);
        found.map(|(index, _)| *index).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use pagekeeper_contracts::v1::{SplitEntry, UnsplitBody};
    use proptest::prelude::*;

    use super::*;

    fn queues(count: u16) -> WebhookQueues {
        WebhookQueues::new(count).unwrap()
    }

    /// As computed once by the definition. Were they to change, messages of one Page would be in two queues.
    #[test]
    fn ids_stay_where_they_are_in_every_version() {
        let found =
            ["1", "100", "1122334455", "108231234567890", "17841400000000001"].map(|id| queues(64).index_of(id));
        assert_eq!(found, [48, 36, 38, 11, 58]);
    }

    #[test]
    fn ids_in_a_row_are_spread_evenly() {
        for count in [2_u16, 3, 4, 8, 16] {
            let mut found: HashMap<u16, usize> = HashMap::new();
            for id in 108_231_234_560_000_u64..108_231_234_570_000 {
                *found.entry(queues(count).index_of(&id.to_string())).or_default() += 1;
            }
            let fair = 10_000 / usize::from(count);
            assert!(found.values().all(|ids| (fair * 9 / 10..=fair * 11 / 10).contains(ids)), "{count}: {found:?}");
        }
    }

    #[test]
    fn what_belongs_to_nobody_goes_to_the_first_queue() {
        let unsplit = Content::Body(UnsplitBody { body: bytes::Bytes::from_static(b"?") });
        let nobodys = Content::Entry(SplitEntry::default());
        for content in [Some(unsplit), Some(nobodys), None] {
            assert_eq!(queues(64).index_of_entry(&WebhookEntry { content, ..WebhookEntry::default() }), 0);
        }
    }

    #[test]
    fn there_are_one_to_sixty_four() {
        let counts = [0, 1, 64, 65].map(|count| WebhookQueues::new(count).is_some());
        assert_eq!(counts, [false, true, true, false]);
    }

    proptest! {
        #[test]
        fn every_id_has_a_queue_that_exists(id in ".{0,70}", count in 1..=MOST_WEBHOOK_QUEUES) {
            prop_assert!(queues(count).indices().contains(&queues(count).index_of(&id)));
        }
    }
}
