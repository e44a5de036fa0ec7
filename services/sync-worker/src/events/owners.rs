//! Whose Page it is. Asked for each webhook, so the answers are remembered for a while, and forgotten when an event
//! says that a connection changed.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use moka::future::Cache;
use pagekeeper_bus::{Incoming, Live, LiveQueue};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, PageId};
use pagekeeper_contracts::v1::ConnectionChanged;
use pagekeeper_store::{Store, StoreError, connections};
use tokio_util::sync::CancellationToken;

/// Far more Pages than one worker serves.
const REMEMBERED_MAX: u64 = 200_000;

/// Whose Page it is: the account, and its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PageOwner {
    pub account_id: AccountId,
    pub connection_id: ConnectionId,
}

/// Clones share what is remembered.
#[derive(Clone)]
pub struct PageOwners {
    store: Store,
    remembered: Cache<PageId, PageOwner>,
}

impl PageOwners {
    pub fn new(store: Store, remember_for: Duration) -> Self {
        let remembered = Cache::builder().max_capacity(REMEMBERED_MAX).time_to_live(remember_for).build();
        Self { store, remembered }
    }

    /// The owners of those Pages that are connected; one query for all that are not remembered. That a Page is not
    /// connected is never remembered: the next webhook may come right after it was.
    pub async fn find(&self, pages: &BTreeSet<&PageId>) -> Result<HashMap<PageId, PageOwner>, StoreError> {
        let mut owners = HashMap::with_capacity(pages.len());
        let mut unknown = Vec::new();
        for page in pages {
            match self.remembered.get(*page).await {
                Some(owner) => drop(owners.insert((*page).clone(), owner)),
                None => unknown.push((*page).clone()),
            }
        }
        metrics::counter!("pagekeeper_page_owner_lookups_total", "outcome" => "hit").increment(owners.len() as u64);
        metrics::counter!("pagekeeper_page_owner_lookups_total", "outcome" => "miss").increment(unknown.len() as u64);
        if unknown.is_empty() {
            return Ok(owners);
        }
        for (page, owner) in self.find_in_store(&unknown).await? {
            self.remembered.insert(page.clone(), owner).await;
            owners.insert(page, owner);
        }
        Ok(owners)
    }

    pub async fn remember(&self, page_id: &PageId, owner: PageOwner) {
        self.remembered.insert(page_id.clone(), owner).await;
    }

    /// The same, past what is remembered.
    pub async fn find_in_store(&self, pages: &[PageId]) -> Result<HashMap<PageId, PageOwner>, StoreError> {
        let rows = self.store.system(async |tx| connections::find_owners(tx, pages).await).await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.page_id, PageOwner { account_id: row.account_id, connection_id: row.connection_id }))
            .collect())
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
                    Some(page) => self.remembered.invalidate(&page).await,
                    None => self.remembered.invalidate_all(),
                },
                // Something may have been said while nobody listened.
                Some(Live::Resync) => self.remembered.invalidate_all(),
                None => return,
            }
        }
    }
}

fn changed_page(message: &Incoming) -> Option<PageId> {
    PageId::parse(message.decode::<ConnectionChanged>().ok()?.page_id).ok()
}
