//! Room for runs in this process: so many at once, a part of it kept for what somebody waits for, and never all of the
//! rest for one account.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pagekeeper_common::domain::ids::AccountId;
use pagekeeper_common::domain::lane::Lane;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Clones share it.
#[derive(Clone)]
pub struct Rooms {
    all: Arc<Semaphore>,
    background: Arc<Semaphore>,
    accounts: Arc<Accounts>,
}

/// Room for one run, held while it is at work.
pub struct Room {
    _run: OwnedSemaphorePermit,
    _background: Option<(OwnedSemaphorePermit, Place)>,
    _freed: Freed,
}

struct Accounts {
    /// Background runs at work.
    counts: Mutex<HashMap<AccountId, usize>>,
    most: usize,
    freed: Notify,
}

/// One of an account's background runs.
struct Place {
    accounts: Arc<Accounts>,
    account_id: AccountId,
}

/// Tells, dropped after all else of its room.
struct Freed(Arc<Accounts>);

impl Rooms {
    /// Three quarters are for the background, and three quarters of these for any one account.
    pub fn new(runs: NonZeroUsize) -> Self {
        let background = three_quarters(runs.get());
        let accounts = Accounts { counts: Mutex::default(), most: three_quarters(background), freed: Notify::new() };
        Self {
            all: Arc::new(Semaphore::new(runs.get())),
            background: Arc::new(Semaphore::new(background)),
            accounts: Arc::new(accounts),
        }
    }

    /// Room for one more run; none while too many are at work.
    pub fn enter(&self, account_id: AccountId, lane: Lane) -> Option<Room> {
        let background = match lane {
            Lane::Interactive => None,
            Lane::Background => {
                let permit = Arc::clone(&self.background).try_acquire_owned().ok()?;
                Some((permit, self.accounts.enter(account_id)?))
            }
        };
        let run = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(Room { _run: run, _background: background, _freed: Freed(Arc::clone(&self.accounts)) })
    }

    /// How many more background runs there is room for.
    pub fn free(&self) -> usize {
        self.background.available_permits().min(self.all.available_permits())
    }

    /// Accounts that have as much of the background as they may.
    pub fn full_accounts(&self) -> Vec<AccountId> {
        let counts = self.accounts.counts();
        counts.iter().filter(|(_, count)| **count >= self.accounts.most).map(|(account, _)| *account).collect()
    }

    /// Waits until a run has left.
    pub async fn freed(&self) {
        self.accounts.freed.notified().await;
    }
}

impl Accounts {
    fn counts(&self) -> MutexGuard<'_, HashMap<AccountId, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(self: &Arc<Self>, account_id: AccountId) -> Option<Place> {
        let mut counts = self.counts();
        let count = counts.entry(account_id).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place { accounts: Arc::clone(self), account_id })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.accounts.counts();
        if let Some(count) = counts.get_mut(&self.account_id) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.account_id);
            }
        }
    }
}

impl Drop for Freed {
    fn drop(&mut self) {
        self.0.freed.notify_one();
    }
}

/// At least one.
fn three_quarters(count: usize) -> usize {
    (count - count / 4).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rooms(runs: usize) -> Rooms {
        Rooms::new(NonZeroUsize::new(runs).unwrap())
    }

    fn enter_all(rooms: &Rooms, account: i64, lane: Lane) -> Vec<Room> {
        std::iter::from_fn(|| rooms.enter(AccountId::new(account), lane)).collect()
    }

    #[test]
    fn one_account_leaves_room_to_others_and_the_background_to_people() {
        let rooms = rooms(16);
        let large = enter_all(&rooms, 1, Lane::Background);
        assert_eq!((large.len(), rooms.full_accounts()), (9, vec![AccountId::new(1)]));
        let small = enter_all(&rooms, 2, Lane::Background);
        assert_eq!(small.len(), 3);
        assert_eq!(rooms.free(), 0);
        assert_eq!(enter_all(&rooms, 1, Lane::Interactive).len(), 4);
        drop(large);
        assert_eq!(rooms.free(), 9);
        assert!(rooms.full_accounts().is_empty());
    }

    #[test]
    fn a_worker_of_one_run_works() {
        assert!(rooms(1).enter(AccountId::new(1), Lane::Background).is_some());
    }

    #[tokio::test]
    async fn whoever_waits_hears_of_room() {
        let rooms = rooms(1);
        let room = rooms.enter(AccountId::new(1), Lane::Background);
        let ((), ()) = tokio::join!(async { drop(room) }, rooms.freed());
    }
}
