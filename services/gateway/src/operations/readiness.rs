//! What `/readyz` looks at, and the wait for a schema that fits.

use std::time::Duration;

use actix_web::web;
use pagekeeper_bus::{Bus, BusState};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_runtime::health::{Check, Health};
use pagekeeper_store::{SchemaState, Store, StoreError};

use crate::state::State;

const PING_LIMIT: Duration = Duration::from_millis(900);
const SCHEMA_EVERY: Duration = Duration::from_secs(2);

pub(crate) fn register(health: &Health, state: &web::Data<State>) {
    let store = state.store.clone();
    health.register("database", move || check_database(store.clone()));
    let bus = state.bus.clone();
    health.register("broker", move || std::future::ready(check_broker(&bus)));
}

/// Waits, saying so, until the database has the migrations that this version needs.
pub(crate) async fn wait_for_schema(store: &Store, health: &Health) -> Result<(), StoreError> {
    loop {
        let detail = match store.schema_is_current().await {
            Ok(SchemaState::Current) => break,
            Ok(SchemaState::Outdated { missing }) => format!("waiting for {missing} migrations: run `gateway migrate`"),
            Err(error) if error.is_transient() => format!("waiting for the database: {error}"),
            Err(error) => return Err(error),
        };
        tracing::warn!(area = "start", detail, "not ready");
        health.register("schema", move || std::future::ready(Check::error(detail.clone())));
        tokio::time::sleep(SCHEMA_EVERY).await;
    }
    health.register("schema", || std::future::ready(Check::ok("current")));
    Ok(())
}

async fn check_database(store: Store) -> Check {
    match store.ping(PING_LIMIT).await {
        Ok(()) => Check::ok("answers"),
        Err(error) => Check::error(Chain(&error).to_string()),
    }
}

fn check_broker(bus: &Bus) -> Check {
    match bus.state() {
        BusState::Connected => Check::ok("connected"),
        BusState::Disconnected { reason, .. } => Check::error(format!("not connected: {reason}")),
    }
}
