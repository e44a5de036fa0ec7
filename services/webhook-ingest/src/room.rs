//! How many bytes may wait at once, for bodies that arrive and for entries that are not durable yet: memory stays
//! bounded whatever comes in, and what does not fit is told to come again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The room that all requests share; clones share it.
#[derive(Debug, Clone)]
pub struct Room {
    taken: Arc<AtomicUsize>,
    limit: usize,
}

/// There is no room for this now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many bytes are waiting")]
pub struct NoRoom;

/// Bytes held by one request; given back when dropped.
#[derive(Debug)]
pub struct Reservation {
    room: Room,
    bytes: usize,
}

impl Room {
    pub fn new(limit: usize) -> Self {
        Self { taken: Arc::default(), limit }
    }

    pub fn reserve(&self, bytes: usize) -> Result<Reservation, NoRoom> {
        let mut reservation = Reservation { room: self.clone(), bytes: 0 };
        reservation.grow(bytes)?;
        Ok(reservation)
    }

    /// Bytes that are held now.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Reservation {
    /// Holds `bytes` more.
    pub fn grow(&mut self, bytes: usize) -> Result<(), NoRoom> {
        let fits = |taken: usize| taken.checked_add(bytes).filter(|sum| *sum <= self.room.limit);
        match self.room.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits) {
            Ok(_) => {
                self.bytes += bytes;
                Ok(())
            }
            Err(_) => Err(NoRoom),
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.room.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
