//! One connection to the broker, as its users see it. Its supervisor makes a new one after each loss.

use std::sync::Arc;

use lapin::Connection;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// What a supervisor has at the moment.
#[derive(Debug, Clone)]
pub(crate) enum LinkState {
    Connected(Established),
    /// The broker takes nothing: it is short of disk or memory.
    Blocked {
        established: Established,
        since: Instant,
        reason: String,
    },
    Disconnected {
        since: Instant,
        reason: String,
    },
}

/// A connection that was made, and its number: channels of an earlier one are of no use.
#[derive(Debug, Clone)]
pub(crate) struct Established {
    pub(crate) generation: u64,
    pub(crate) connection: Arc<Connection>,
}

/// A handle on a supervised connection.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    state: watch::Receiver<LinkState>,
    suspicion: Arc<Notify>,
}

impl Link {
    pub(crate) fn new(state: watch::Receiver<LinkState>, suspicion: Arc<Notify>) -> Self {
        Self { state, suspicion }
    }

    pub(crate) fn state(&self) -> LinkState {
        self.state.borrow().clone()
    }

    /// The connection, if it is up and takes messages.
    pub(crate) fn connected(&self) -> Option<Established> {
        match &*self.state.borrow() {
            LinkState::Connected(established) => Some(established.clone()),
            LinkState::Blocked { .. } | LinkState::Disconnected { .. } => None,
        }
    }

    /// Waits until it is up. Deliveries and acks pass a blocked one too. None once the bus is closed.
    pub(crate) async fn established(&mut self) -> Option<Established> {
        let state = self.state.wait_for(|state| !matches!(state, LinkState::Disconnected { .. })).await.ok()?;
        match &*state {
            LinkState::Connected(established) | LinkState::Blocked { established, .. } => Some(established.clone()),
            LinkState::Disconnected { .. } => None,
        }
    }

    /// Waits until it is up and takes messages. False once the bus is closed.
    pub(crate) async fn until_connected(&mut self) -> bool {
        self.state.wait_for(|state| matches!(state, LinkState::Connected(_))).await.is_ok()
    }

    /// Something took too long: the supervisor asks the broker whether it is still there.
    pub(crate) fn suspect(&self) {
        self.suspicion.notify_one();
    }
}
