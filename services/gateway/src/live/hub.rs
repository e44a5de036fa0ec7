//! Distribution of live hints inside this process: from the one live queue to the open streams of each account, and to
//! the routes that wait for a run to end. Nothing here is kept: whoever missed something reads the rows again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pagekeeper_common::domain::ids::{AccountId, ConnectionId, ConversationId, MessageRowId, RunId, SessionId};
use pagekeeper_contracts::v1::media_refreshed::Outcome;
use tokio::sync::broadcast::{self, error::RecvError};

/// Hints that wait for one slow reader; beyond that it is told to read everything again.
const BUFFER: usize = 256;

/// A hint that something has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hint {
    Conversations {
        ids: Vec<ConversationId>,
        version: i64,
    },
    Connection {
        id: ConnectionId,
    },
    Run {
        id: RunId,
        parent: Option<RunId>,
        ended: bool,
    },
    /// For routes that wait for it, not for screens.
    Media {
        message: MessageRowId,
        outcome: Outcome,
    },
    /// Hints were lost, or may have been.
    Resync,
    /// A session was ended here: its streams end at once.
    SessionEnded {
        session: SessionId,
    },
}

/// Clones share the subscribers.
#[derive(Clone, Default)]
pub(crate) struct Hub {
    accounts: Arc<Mutex<HashMap<AccountId, broadcast::Sender<Hint>>>>,
}

impl Hub {
    /// From now on gets each hint of this account.
    pub(crate) fn subscribe(&self, account: AccountId) -> Subscription {
        let hints = self.accounts().entry(account).or_insert_with(|| broadcast::channel(BUFFER).0).subscribe();
        Subscription { hints, _entry: Entry { hub: self.clone(), account } }
    }

    pub(crate) fn publish(&self, account: AccountId, hint: Hint) {
        if let Some(subscribers) = self.accounts().get(&account) {
            // Fails only when the last subscriber has just gone.
            let _ = subscribers.send(hint);
        }
    }

    /// The live queue was away: everyone may have missed something.
    pub(crate) fn resync_all(&self) {
        for subscribers in self.accounts().values() {
            let _ = subscribers.send(Hint::Resync);
        }
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<AccountId, broadcast::Sender<Hint>>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One reader of an account's hints.
pub(crate) struct Subscription {
    // Dropped before the entry, which then sees whether it was the last one.
    hints: broadcast::Receiver<Hint>,
    _entry: Entry,
}

impl Subscription {
    /// The next hint; [`Hint::Resync`] in place of those that did not fit the buffer.
    pub(crate) async fn next(&mut self) -> Hint {
        match self.hints.recv().await {
            Ok(hint) => hint,
            Err(RecvError::Lagged(_)) => Hint::Resync,
            // The sender lives as long as a subscription does.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

struct Entry {
    hub: Hub,
    account: AccountId,
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut accounts = self.hub.accounts();
        if accounts.get(&self.account).is_some_and(|subscribers| subscribers.receiver_count() == 0) {
            accounts.remove(&self.account);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: i64) -> Hint {
        Hint::Run { id: RunId::new(id), parent: None, ended: true }
    }

    #[tokio::test]
    async fn a_hint_reaches_its_account_only() {
        let hub = Hub::default();
        let mut ours = hub.subscribe(AccountId::new(1));
        let mut theirs = hub.subscribe(AccountId::new(2));
        hub.publish(AccountId::new(1), run(5));
        hub.publish(AccountId::new(2), run(6));
        assert_eq!(ours.next().await, run(5));
        assert_eq!(theirs.next().await, run(6));
    }

    #[tokio::test]
    async fn a_reader_that_is_too_slow_is_told_to_read_again() {
        let hub = Hub::default();
        let mut reader = hub.subscribe(AccountId::new(1));
        for id in 0..1_000 {
            hub.publish(AccountId::new(1), run(id));
        }
        assert_eq!(reader.next().await, Hint::Resync);
        assert_eq!(reader.next().await, run(1_000 - i64::try_from(BUFFER).unwrap()));
    }

    #[tokio::test]
    async fn accounts_without_readers_are_forgotten() {
        let hub = Hub::default();
        let first = hub.subscribe(AccountId::new(1));
        let second = hub.subscribe(AccountId::new(1));
        drop(first);
        assert_eq!(hub.accounts().len(), 1);
        drop(second);
        assert_eq!(hub.accounts().len(), 0);
    }
}
