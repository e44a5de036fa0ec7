//! Contacts' pictures, fetched after their names from the addresses that came with them.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use pagekeeper_common::domain::ids::{AccountId, ContactId};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::StoreError;
use pagekeeper_store::connections::Picture;
use pagekeeper_store::contacts::{self, FetchedPicture};

use crate::parts::Parts;

/// Fetched at the same time.
const AT_ONCE: usize = 8;

/// For all pictures of a batch: the names of the next one wait for it.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// What a picture's failure never costs: the contact keeps its name, and its initials in place of the picture.
pub(super) async fn fetch_pictures(
    parts: &Parts,
    account_id: AccountId,
    pictures: &[(ContactId, String)],
) -> Result<(), StoreError> {
    let mut fetching = stream::iter(pictures)
        .map(|(contact_id, url)| fetch(parts, *contact_id, url))
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .boxed();
    let mut fetched = Vec::new();
    let all = async {
        while let Some(picture) = fetching.next().await {
            fetched.push(picture);
        }
    };
    // Those that came in time are kept.
    let _late = tokio::time::timeout(TIME_LIMIT, all).await;
    drop(fetching);
    if fetched.is_empty() {
        return Ok(());
    }
    let fetched = fetched.as_slice();
    let changed = parts.store.accounts(&[account_id], async |tx| contacts::store_pictures(tx, fetched).await).await?;
    let changed = changed.iter().map(|changed| (changed.account_id, changed.conversation_id));
    parts.facts.conversations_changed(changed, parts.clock.now());
    Ok(())
}

async fn fetch(parts: &Parts, contact_id: ContactId, url: &str) -> Option<FetchedPicture> {
    match parts.graph.picture(url).await {
        Ok(picture) => {
            let picture = Picture { bytes: picture.bytes.to_vec(), media_type: picture.content_type.to_owned() };
            Some(FetchedPicture { contact_id, picture })
        }
        Err(error) => {
            tracing::debug!(area = "webhook", contact.id = %contact_id, error = %Chain(&error), "no picture of the contact");
            None
        }
    }
}
