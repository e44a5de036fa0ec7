//! How many streams one person holds open at once: each costs a connection and a queue of hints.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pagekeeper_common::domain::ids::UserId;

/// Clones share the count.
#[derive(Clone)]
pub(crate) struct Seats {
    taken: Arc<Mutex<HashMap<UserId, usize>>>,
    per_user: usize,
}

/// Given back when it is dropped.
pub(crate) struct Seat {
    seats: Seats,
    user: UserId,
}

impl Seats {
    pub(crate) fn new(per_user: usize) -> Self {
        Self { taken: Arc::default(), per_user }
    }

    /// None when the person holds all of theirs already.
    pub(crate) fn take(&self, user: UserId) -> Option<Seat> {
        let mut taken = self.taken();
        let count = taken.entry(user).or_default();
        if *count >= self.per_user {
            return None;
        }
        *count += 1;
        metrics::gauge!("pagekeeper_live_streams").increment(1.0);
        Some(Seat { seats: self.clone(), user })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        metrics::gauge!("pagekeeper_live_streams").decrement(1.0);
        let mut taken = self.seats.taken();
        match taken.get_mut(&self.user) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                taken.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_has_so_many_seats_and_gets_them_back() {
        let seats = Seats::new(2);
        let first = seats.take(UserId::new(1));
        let second = seats.take(UserId::new(1));
        assert!(first.is_some() && second.is_some());
        assert!(seats.take(UserId::new(1)).is_none());
        assert!(seats.take(UserId::new(2)).is_some());
        drop(first);
        assert!(seats.take(UserId::new(1)).is_some());
        drop(second);
        assert!(seats.taken().is_empty());
    }
}
