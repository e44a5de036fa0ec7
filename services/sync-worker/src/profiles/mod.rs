//! Customers' names and pictures, fetched behind their messages.
//!
//! Contacts without a name, and those whose picture somebody misses, are the work list. It stands in the database, so it survives crashes and needs no message;
//! contacts are claimed for two minutes, and Pages are asked in batches, several Pages at once.

mod fetch;
mod pictures;
mod plan;

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::StoreError;
use pagekeeper_store::contacts::{self, ContactToAskFor};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::parts::Parts;

/// Works through the list until asked to stop.
pub async fn fetch_names(parts: Parts, stop: CancellationToken) {
    let mut look = interval(parts.config.profiles.interval());
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = look.tick() => {}
            () = parts.entries.new_contacts() => {}
            () = stop.cancelled() => return,
        }
        let worked = tokio::select! {
            worked = fetch_all(&parts) => worked,
            () = stop.cancelled() => return,
        };
        if let Err(error) = worked {
            tracing::debug!(area = "webhook", error = %Chain(&error), "names could not be fetched");
        }
    }
}

/// Until nothing is due any more.
async fn fetch_all(parts: &Parts) -> Result<(), StoreError> {
    let most = parts.config.profiles.claim.get();
    loop {
        let claimed = parts.store.system(async |tx| contacts::claim_to_ask_for(tx, most).await).await?;
        if claimed.is_empty() {
            return Ok(());
        }
        let mut fetching = stream::iter(by_page(claimed))
            .map(|(page, contacts)| async move { fetch::fetch_page(parts, page, contacts).await })
            .buffer_unordered(parts.config.profiles.parallel_pages.get());
        while let Some(fetched) = fetching.next().await {
            fetched?;
        }
    }
}

fn by_page(contacts: Vec<ContactToAskFor>) -> BTreeMap<(AccountId, ConnectionId), Vec<ContactToAskFor>> {
    let mut by_page: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for contact in contacts {
        by_page.entry((contact.account_id, contact.connection_id)).or_default().push(contact);
    }
    by_page
}
