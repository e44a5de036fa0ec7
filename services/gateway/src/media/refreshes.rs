//! Messages whose files are being asked for: whoever comes second waits with the first.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pagekeeper_common::domain::ids::MessageRowId;

/// Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refreshes(Arc<Mutex<HashSet<MessageRowId>>>);

/// The first one's place, held while it waits.
pub(super) struct First {
    refreshes: Refreshes,
    message: MessageRowId,
}

impl Refreshes {
    /// None where another one asks already.
    pub(super) fn begin(&self, message: MessageRowId) -> Option<First> {
        self.messages().insert(message).then(|| First { refreshes: self.clone(), message })
    }

    fn messages(&self) -> MutexGuard<'_, HashSet<MessageRowId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for First {
    fn drop(&mut self) {
        self.refreshes.messages().remove(&self.message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_asked_for_once_at_a_time() {
        let refreshes = Refreshes::default();
        let first = refreshes.begin(MessageRowId::new(1));
        assert!(first.is_some() && refreshes.begin(MessageRowId::new(1)).is_none());
        assert!(refreshes.begin(MessageRowId::new(2)).is_some());
        drop(first);
        assert!(refreshes.begin(MessageRowId::new(1)).is_some());
    }
}
