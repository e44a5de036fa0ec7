//! What came for a Page before it was connected, or before this version understood it.

use std::collections::HashSet;
use std::time::Duration;

use pagekeeper_bus::Tries;
use pagekeeper_common::domain::backoff::Backoff;
use pagekeeper_common::domain::entry_owner::EntryOwner;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{SplitEntry, WebhookEntry};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::StoreError;
use pagekeeper_store::quarantine::{self, Quarantined};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::apply::{Away, EntryStore};
use super::owners::PageOwner;
use super::plan::{EntryContent, ReadEntry, read_entry};

/// Entries that are replayed in one transaction.
const AT_ONCE: u32 = 200;

/// How long it waits for the database or the broker to come back.
const AWAY: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_mins(1) };

impl EntryStore {
    /// Stores what waited for this Page or Instagram account. Anybody may do it at any time, and twice.
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

    /// Stores what an earlier version did not understand and this one does, the first `limit` of the entries after `after`.
    /// Answers the last of them; none at the end. Anybody may do it at any time, and twice.
    pub async fn replay_not_understood(&self, after: i64, limit: u32) -> Result<Option<i64>, Away> {
        let list = async |tx: &mut _| quarantine::list_not_understood(tx, after, limit).await;
        let kept = self.database().system(list).await.map_err(Away::Database)?;
        let Some(last) = kept.last().map(|entry| entry.id) else { return Ok(None) };
        let read = kept.iter().filter_map(|entry| Some((entry.id, read_again(entry)?)));
        let (ids, entries): (Vec<i64>, Vec<ReadEntry>) = read.unzip();
        if !entries.is_empty() {
            tracing::info!(
                area = "webhook",
                count = entries.len(),
                "storing what an earlier version did not understand"
            );
            self.store(&entries, |_| Tries::default()).await?;
            self.delete_understood(&ids, after, limit).await.map_err(Away::Database)?;
        }
        Ok(Some(last))
    }

    /// What could not be stored now stands in quarantine for another reason.
    async fn delete_understood(&self, stored: &[i64], after: i64, limit: u32) -> Result<(), StoreError> {
        let delete = async |tx: &mut _| {
            let kept = quarantine::list_not_understood(tx, after, limit).await?;
            let done: Vec<i64> = kept.iter().map(|entry| entry.id).filter(|id| stored.contains(id)).collect();
            quarantine::delete(tx, &done).await
        };
        self.database().system(delete).await
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

/// The entry, if all of it is understood. What an earlier version kept does not say whose it is: a Page's, mostly, since
/// that version stored nothing else.
fn read_again(entry: &Quarantined) -> Option<ReadEntry> {
    let object = entry.object.as_deref().unwrap_or(EntryOwner::PAGE);
    let owner = EntryOwner::parse(object, entry.owner_id.as_deref()?)?;
    let read = read_entry(wire(&owner, entry), entry.received_at);
    matches!(&read.content, EntryContent::Of { decoded, .. } if !decoded.not_understood).then_some(read)
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

/// Goes once through all that was not understood, while the service is at work.
pub async fn replay_after_upgrade(entries: EntryStore, stop: CancellationToken) {
    let (mut after, mut failures) = (0, 0);
    while !stop.is_cancelled() {
        match entries.replay_not_understood(after, AT_ONCE).await {
            Ok(Some(last)) => (after, failures) = (last, 0),
            Ok(None) => return stop.cancelled().await,
            Err(away) => {
                failures += 1;
                tracing::warn!(area = "webhook", error = %Chain(&away), failures, "what was not understood waits");
                tokio::select! {
                    () = sleep(AWAY.wait(failures, 0.0)) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }
}
