//! PostgreSQL: the pool, transactions under row-level security, sealed columns, and the queries, by subject.
//!
//! A query is a function over a transaction of the scope that it needs: [`AccountTx`] for one account, [`AccountsTx`]
//! for a worker's batch, [`SystemTx`] for what has no account. No transaction is ever held over a call to the network.

pub mod accounts;
pub mod api_keys;
pub mod budgets;
pub mod config;
pub mod connections;
pub mod contacts;
pub mod conversations;
pub mod credentials;
pub mod error;
pub mod events;
pub mod health;
pub mod login_attempts;
pub mod messages;
pub mod migrations;
pub mod outbox;
pub mod pool;
pub mod posts;
pub mod quarantine;
pub mod schedules;
pub mod scope;
pub mod seal;
pub mod search_index;
pub mod secret_hash;
pub mod sessions;
pub mod spool;
pub mod statistics;
pub mod sync_runs;
#[cfg(feature = "testing")]
pub mod testing;
pub mod workers;

mod columns;
mod prepared;
mod schema;
mod text;

pub use config::StoreConfig;
pub use error::StoreError;
pub use migrations::SchemaState;
pub use pool::Store;
pub use scope::{AccountTx, AccountsTx, SystemTx, TenantTransaction, Transaction};
pub use seal::KeyRing;
pub use secret_hash::SecretHash;
