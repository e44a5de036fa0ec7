//! Copies of files in a store of our own, where they are wanted: made when a message is there, deleted when it is gone.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_common::domain::media::MediaUrl;
use pagekeeper_contracts::v1::media_refreshed::Outcome;
use pagekeeper_media::{Cdn, CopyError, File, MediaKey, MediaStore, NoFile};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::messages::{self, CopyToMake, CopyToRemove};
use pagekeeper_store::{AccountsTx, StoreError, SystemTx};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::refresh::refresh;
use crate::parts::Parts;

/// Between two looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// Files that are on their way at once: each may hold two parts of five mebibytes.
const AT_ONCE: usize = 2;

/// Files that are taken up together.
const PORTION: u32 = 16;

/// The next try of a file comes after this time, and later after each more. A copy takes at most half of it.
const LEASE: Duration = Duration::from_mins(10);
const LONGEST: Duration = Duration::from_mins(5);

/// Between two tries to delete a copy.
const DELETE_AGAIN: Duration = Duration::from_mins(1);

/// Where files come from, and where their copies go.
#[derive(Debug, Clone)]
pub struct MediaCopies {
    pub cdn: Cdn,
    pub store: MediaStore,
}

/// Makes and deletes copies until asked to stop.
pub async fn keep_copies(parts: Parts, copies: MediaCopies, stop: CancellationToken) {
    let mut look = interval(INTERVAL);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = look.tick() => {}
            () = stop.cancelled() => return,
        }
        let work = async {
            copies.delete_gone(&parts).await?;
            copies.make(&parts).await
        };
        let worked = tokio::select! {
            worked = work => worked,
            () = stop.cancelled() => return,
        };
        if let Err(error) = worked {
            tracing::debug!(area = "media", error = %Chain(&error), "copies could not be looked after");
        }
    }
}

/// What became of a file.
enum Copied {
    Done,
    /// Another try, at its time.
    Later,
    /// No try can help.
    Never,
}

impl MediaCopies {
    /// Until nothing is due.
    async fn make(&self, parts: &Parts) -> Result<(), StoreError> {
        loop {
            let claim = async |tx: &mut SystemTx| messages::claim_copies(tx, PORTION, LEASE).await;
            let due = parts.store.system(claim).await?;
            if due.is_empty() {
                return Ok(());
            }
            let copies = stream::iter(due).map(|copy| self.make_one(parts, copy)).buffer_unordered(AT_ONCE);
            let made: Vec<_> = copies.collect().await;
            made.into_iter().collect::<Result<(), _>>()?;
        }
    }

    async fn make_one(&self, parts: &Parts, copy: CopyToMake) -> Result<(), StoreError> {
        let copied = match tokio::time::timeout(LONGEST, self.copy(parts, &copy)).await {
            Ok(copied) => copied?,
            Err(_elapsed) => Copied::Later,
        };
        let outcome = match copied {
            Copied::Done => "copied",
            Copied::Later => "later",
            Copied::Never => "never",
        };
        metrics::counter!("pagekeeper_media_copies_total", "outcome" => outcome).increment(1);
        if matches!(copied, Copied::Never) {
            let give_up = async |tx: &mut AccountsTx| messages::give_copy_up(tx, copy.copy_key).await;
            parts.store.accounts(&[copy.account_id], give_up).await?;
        }
        Ok(())
    }

    async fn copy(&self, parts: &Parts, copy: &CopyToMake) -> Result<Copied, StoreError> {
        let Some(url) = MediaUrl::parse(&copy.url) else { return Ok(Copied::Never) };
        match self.cdn.fetch(&url, None).await {
            Ok(file) => self.keep(parts, copy, file).await,
            // It is due at once where there is a fresh address.
            Err(NoFile::Expired) => match refresh(parts, copy.account_id, copy.message_id, Lane::Background).await? {
                Outcome::Gone => Ok(Copied::Never),
                _ => Ok(Copied::Later),
            },
            Err(error) => Ok(without(&error)),
        }
    }

    async fn keep(&self, parts: &Parts, copy: &CopyToMake, file: File) -> Result<Copied, StoreError> {
        let key = MediaKey { account_id: copy.account_id, file: copy.copy_key };
        let media_type = file.content_type.clone();
        let length = match self.store.put(key, file.into_stream()).await {
            Ok(length) => length,
            Err(CopyError::File(error)) => return Ok(without(&error)),
            Err(error) => {
                tracing::warn!(area = "media", error = %Chain(&error), "a copy could not be made (media.store)");
                return Ok(Copied::Later);
            }
        };
        let note =
            async |tx: &mut AccountsTx| messages::note_copy(tx, copy.copy_key, media_type.as_deref(), length).await;
        if !parts.store.accounts(&[copy.account_id], note).await? {
            // Taken back meanwhile.
            self.delete(key).await;
        }
        Ok(Copied::Done)
    }

    /// Copies whose messages are gone.
    async fn delete_gone(&self, parts: &Parts) -> Result<(), StoreError> {
        loop {
            let claim = async |tx: &mut SystemTx| messages::claim_removals(tx, PORTION, DELETE_AGAIN).await;
            let gone = parts.store.system(claim).await?;
            let mut deleted = Vec::with_capacity(gone.len());
            for CopyToRemove { id, account_id, copy_key } in &gone {
                if self.delete(MediaKey { account_id: *account_id, file: *copy_key }).await {
                    deleted.push(*id);
                }
            }
            let forget = async move |tx: &mut SystemTx| messages::forget_removals(tx, &deleted, LONGEST).await;
            parts.store.system(forget).await?;
            if gone.len() < PORTION as usize {
                return Ok(());
            }
        }
    }

    async fn delete(&self, key: MediaKey) -> bool {
        let deleted = self.store.delete(key).await;
        if let Err(error) = &deleted {
            tracing::warn!(area = "media", error = %Chain(error), "a copy could not be deleted (media.store)");
        }
        deleted.is_ok()
    }
}

fn without(error: &NoFile) -> Copied {
    match error {
        NoFile::Host | NoFile::TooLarge | NoFile::Range => Copied::Never,
        NoFile::Expired | NoFile::Status(_) | NoFile::Network(_) => Copied::Later,
    }
}
