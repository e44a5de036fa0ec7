//! Keeps what searches read filled, behind the messages and contacts that were stored.

use std::time::Duration;

use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::{Store, StoreError, SystemTx, search_index};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

/// Between two looks; a message is found within two of them.
const INTERVAL: Duration = Duration::from_secs(1);

/// Rows that are taken up in one transaction: some tenths of a second of work.
const PORTION: u32 = 2_000;

/// Times of work that it rests while more waits: a quarter of a core is left to it.
const RESTS: u32 = 3;

/// Fills until asked to stop. Of several workers one fills at a time.
pub async fn keep_search_filled(store: Store, stop: CancellationToken) {
    let mut look = interval(INTERVAL);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = look.tick() => {}
            () = stop.cancelled() => return,
        }
        let filled = tokio::select! {
            filled = fill(&store) => filled,
            () = stop.cancelled() => return,
        };
        if let Err(error) = filled {
            tracing::debug!(area = "search", error = %Chain(&error), "searches could not be brought up to date");
        }
    }
}

/// Until nothing is left that may be taken up now. Contacts are few, and come between the portions of messages.
///
/// Where much waits, as after a Page's first sync, it rests for longer than it works: what is stored goes before what is
/// found.
async fn fill(store: &Store) -> Result<(), StoreError> {
    loop {
        let began = Instant::now();
        let contacts = store.system(async |tx: &mut SystemTx| search_index::index_contacts(tx, PORTION).await).await?;
        let messages = store.system(async |tx: &mut SystemTx| search_index::index_messages(tx, PORTION).await).await?;
        if !contacts && !messages {
            return Ok(());
        }
        sleep(began.elapsed() * RESTS).await;
    }
}
