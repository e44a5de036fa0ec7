//! Webhook events and sync runs into PostgreSQL.
//!
//! Three queues feed it: webhooks ([`batch`], [`events`]), commands that a person waits for, and commands of the
//! background ([`runs`]). Names of customers are fetched behind their messages ([`profiles`]), and searches are kept up to
//! date ([`search_index`]).

pub mod batch;
pub mod config;
pub mod connect;
pub mod disconnect;
pub mod events;
pub mod facts;
pub mod message;
pub mod parts;
pub mod profiles;
pub mod runs;
pub mod search_index;
mod service;
pub mod sync;
pub mod trouble;

pub use config::WorkerConfig;
pub use service::SyncWorker;
