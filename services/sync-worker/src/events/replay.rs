//! What came for a Page before it was connected.

use std::collections::HashSet;

use pagekeeper_bus::Tries;
use pagekeeper_common::domain::entry_owner::EntryOwner;
use pagekeeper_common::domain::ids::PageId;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{SplitEntry, WebhookEntry};
use pagekeeper_store::StoreError;
use pagekeeper_store::quarantine::{self, Quarantined};

use super::apply::{Away, EntryStore};
use super::owners::PageOwner;
use super::plan::read_entry;

/// Entries that are replayed in one transaction.
const AT_ONCE: u32 = 200;

impl EntryStore {
    /// Stores what waited for this Page. Anybody may do it at any time, and twice.
    pub async fn replay_page(&self, page_id: &PageId, owner: PageOwner) -> Result<(), StoreError> {
        self.replay(&EntryOwner::Page(page_id.clone()), owner).await
    }

    /// The same for a Page or an Instagram account.
    pub async fn replay(&self, one: &EntryOwner, owner: PageOwner) -> Result<(), StoreError> {
        self.owners().remember(one, owner).await;
        let mut after = 0;
        loop {
            let waiting = self.waiting(one, after, AT_ONCE).await?;
            let Some(last) = waiting.last().map(|entry| entry.id) else { return Ok(()) };
            tracing::info!(area = "webhook", connection.id = %owner.connection_id, count = waiting.len(), "replaying what came before the Page was connected");
            let entries: Vec<_> = waiting.iter().map(|entry| read_entry(wire(one, entry), entry.received_at)).collect();
            match self.store(&entries, |_| Tries::default()).await {
                Ok(()) => {}
                Err(Away::Database(error)) => return Err(error),
                // They are still in quarantine, and the next replay finds them.
                Err(Away::Broker(_)) => return Ok(()),
            }
            self.delete_stored(one, after, &waiting).await?;
            after = last;
        }
    }

    /// Those that were not understood, or refused, now stand in quarantine for that reason, and stay.
    async fn delete_stored(&self, one: &EntryOwner, after: i64, replayed: &[Quarantined]) -> Result<(), StoreError> {
        let replayed: HashSet<i64> = replayed.iter().map(|entry| entry.id).collect();
        let still_waiting = self.waiting(one, after, AT_ONCE).await?;
        let stored: Vec<i64> = still_waiting.iter().map(|entry| entry.id).filter(|id| replayed.contains(id)).collect();
        self.database().system(async |tx| quarantine::delete(tx, &stored).await).await
    }

    async fn waiting(&self, one: &EntryOwner, after: i64, limit: u32) -> Result<Vec<Quarantined>, StoreError> {
        let list = async |tx: &mut _| quarantine::list_waiting(tx, one, after, limit).await;
        self.database().system(list).await
    }
}

fn wire(one: &EntryOwner, entry: &Quarantined) -> WebhookEntry {
    let split =
        SplitEntry { object: one.object().to_owned(), owner_id: one.id().to_owned(), json: entry.body.clone().into() };
    WebhookEntry {
        received_at: entry.received_at.timestamp_micros(),
        content: Some(Content::Entry(split)),
        ..WebhookEntry::default()
    }
}
