//! How much of Facebook's answers is in memory at once, over all runs of this process.

use std::sync::Arc;

use pagekeeper_common::graph::Answer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// An answer up to so many bytes does not count: a look at a quiet Page does not wait for another Page's data.
const SMALL: u64 = 16 * 1024;

/// Waits until one more answer may be read.
pub(super) async fn room_for_answer(pages: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    // It is never closed.
    Arc::clone(pages).acquire_owned().await.ok()
}

/// Gives the room of a small answer back at once; that of a large one goes with it.
pub(super) fn counted_if_large<T>(
    answer: Answer<(T, Option<OwnedSemaphorePermit>)>,
) -> Answer<(T, Option<OwnedSemaphorePermit>)> {
    let is_large = answer.bytes > SMALL;
    answer.map(|(value, room)| (value, room.filter(|_| is_large)))
}
