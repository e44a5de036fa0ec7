//! What `/readyz` says. One place to keep webhooks is enough to serve; with neither, this service is not ready.

use std::time::Duration;

use pagekeeper_runtime::health::{Check, Health};
use pagekeeper_store::{SchemaState, Store};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::broker::Broker;

/// Less than a probe waits for a check.
const LOOK_LIMIT: Duration = Duration::from_millis(800);

/// The places where a webhook is durable.
#[derive(Clone)]
struct Places {
    broker: Broker,
    open_breakers: watch::Receiver<usize>,
    store: Store,
}

/// What each place is good for right now.
#[derive(Debug, Clone, Copy)]
struct Found {
    broker: bool,
    spool: SpoolState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SpoolState {
    Usable,
    /// The database is there, and its migrations are not.
    Unmade,
    Away,
}

pub(crate) fn register(health: &Health, broker: Broker, open_breakers: watch::Receiver<usize>, store: Store) {
    let places = Places { broker, open_breakers, store };
    let for_broker = places.clone();
    health.register("broker", move || {
        let places = for_broker.clone();
        async move { places.look().await.broker_check() }
    });
    health.register("database", move || {
        let places = places.clone();
        async move { places.look().await.database_check() }
    });
}

impl Places {
    async fn look(&self) -> Found {
        let broker = self.broker.is_connected() && *self.open_breakers.borrow() == 0;
        let spool = match timeout(LOOK_LIMIT, self.store.schema_is_current()).await {
            Ok(Ok(SchemaState::Current)) => SpoolState::Usable,
            Ok(Ok(SchemaState::Outdated { .. })) => SpoolState::Unmade,
            Ok(Err(_)) | Err(_) => SpoolState::Away,
        };
        Found { broker, spool }
    }
}

impl Found {
    fn broker_check(self) -> Check {
        match (self.broker, self.spool) {
            (true, _) => Check::ok("webhooks are confirmed"),
            (false, SpoolState::Usable) => Check::warning("away: webhooks go to the spool and are published later"),
            (false, _) => Check::error("away, and the spool too: webhooks are refused"),
        }
    }

    fn database_check(self) -> Check {
        let detail = match self.spool {
            SpoolState::Usable => return Check::ok("the spool can be reached"),
            SpoolState::Unmade => "waits for its migrations: run `gateway migrate`",
            SpoolState::Away => "away: nothing can be spooled",
        };
        if self.broker { Check::warning(detail) } else { Check::error(detail) }
    }
}
