//! Whose Page, or Instagram account, it is. Asked for each webhook, so the answers are remembered for a while, and forgotten when an event
//! says that a connection changed.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use moka::future::Cache;
use pagekeeper_bus::{Incoming, Live, LiveQueue};
use pagekeeper_common::domain::entry_owner::EntryOwner;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, PageId};
use pagekeeper_contracts::v1::ConnectionChanged;
use pagekeeper_store::connections::{self, FoundOwner};
use pagekeeper_store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

/// Far more Pages than one worker serves.
const REMEMBERED_MAX: u64 = 200_000;

/// Whose Page or Instagram account it is: the account, and its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PageOwner {
    pub account_id: AccountId,
    pub connection_id: ConnectionId,
}

/// Clones share what is remembered.
#[derive(Clone)]
pub struct PageOwners {
    store: Store,
    remembered: Cache<EntryOwner, PageOwner>,
    /// What is said of a connection names its Page, also where it is an Instagram account's.
    instagram_of: Cache<PageId, EntryOwner>,
}

impl PageOwners {
    pub fn new(store: Store, remember_for: Duration) -> Self {
        let remembered = Cache::builder().max_capacity(REMEMBERED_MAX).time_to_live(remember_for).build();
        let instagram_of = Cache::builder().max_capacity(REMEMBERED_MAX).time_to_live(remember_for).build();
        Self { store, remembered, instagram_of }
    }

    /// The owners of those that are connected; one query for all that are not remembered. That somebody is not
    /// connected is never remembered: the next webhook may come right after it was.
    pub async fn find(&self, asked: &BTreeSet<&EntryOwner>) -> Result<HashMap<EntryOwner, PageOwner>, StoreError> {
        let mut owners = HashMap::with_capacity(asked.len());
        let mut unknown = Vec::new();
        for one in asked {
            match self.remembered.get(*one).await {
                Some(owner) => drop(owners.insert((*one).clone(), owner)),
                None => unknown.push((*one).clone()),
            }
        }
        metrics::counter!("pagekeeper_page_owner_lookups_total", "outcome" => "hit").increment(owners.len() as u64);
        metrics::counter!("pagekeeper_page_owner_lookups_total", "outcome" => "miss").increment(unknown.len() as u64);
        if unknown.is_empty() {
            return Ok(owners);
        }
        for found in self.look_up(&unknown).await? {
            let Some(one) = found.owner() else { continue };
            let owner = PageOwner { account_id: found.account_id, connection_id: found.connection_id };
            if matches!(one, EntryOwner::Instagram(_)) {
                self.instagram_of.insert(found.page_id, one.clone()).await;
            }
            self.remembered.insert(one.clone(), owner).await;
            owners.insert(one, owner);
        }
        Ok(owners)
    }

    pub async fn remember(&self, one: &EntryOwner, owner: PageOwner) {
        self.remembered.insert(one.clone(), owner).await;
    }

    /// The same, past what is remembered.
    pub async fn find_in_store(&self, asked: &[EntryOwner]) -> Result<HashMap<EntryOwner, PageOwner>, StoreError> {
        let found = self.look_up(asked).await?;
        let owner = |row: &FoundOwner| PageOwner { account_id: row.account_id, connection_id: row.connection_id };
        Ok(found.iter().filter_map(|row| Some((row.owner()?, owner(row)))).collect())
    }

    async fn look_up(&self, asked: &[EntryOwner]) -> Result<Vec<FoundOwner>, StoreError> {
        self.store.system(async |tx| connections::find_owners(tx, asked).await).await
    }

    /// Forgets what changed, until asked to stop. `changes` carries `connection.changed` of all accounts.
    pub async fn listen(self, mut changes: LiveQueue, stop: CancellationToken) {
        loop {
            let change = tokio::select! {
                change = changes.recv() => change,
                () = stop.cancelled() => None,
            };
            match change {
                Some(Live::Message(message)) => match changed_page(&message) {
                    Some(page) => self.forget(page).await,
                    None => self.remembered.invalidate_all(),
                },
                // Something may have been said while nobody listened.
                Some(Live::Resync) => self.remembered.invalidate_all(),
                None => return,
            }
        }
    }

    async fn forget(&self, page: PageId) {
        if let Some(instagram) = self.instagram_of.remove(&page).await {
            self.remembered.invalidate(&instagram).await;
        }
        self.remembered.invalidate(&EntryOwner::Page(page)).await;
    }
}

fn changed_page(message: &Incoming) -> Option<PageId> {
    PageId::parse(message.decode::<ConnectionChanged>().ok()?.page_id).ok()
}
