//! What the parts of the worker share.

use std::sync::Arc;

use pagekeeper_common::domain::clock::Clock;
use pagekeeper_common::graph::GraphClient;
use pagekeeper_outbox::OutboxBell;
use pagekeeper_store::{KeyRing, Store};

use crate::config::WorkerConfig;
use crate::events::apply::EntryStore;
use crate::facts::Facts;
use crate::runs::Endings;
use pagekeeper_limits::CallLimits;

/// Clones share all of it.
#[derive(Clone)]
pub struct Parts {
    pub store: Store,
    pub graph: GraphClient,
    pub limits: CallLimits,
    /// Opens and seals tokens.
    pub keys: Arc<KeyRing>,
    pub entries: EntryStore,
    pub facts: Facts,
    pub endings: Endings,
    pub outbox: OutboxBell,
    pub clock: Arc<dyn Clock>,
    pub config: Arc<WorkerConfig>,
}
