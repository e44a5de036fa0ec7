//! Webhook events and sync runs into PostgreSQL.
//!
//! It is fed by queues of webhooks, which workers share ([`queues`], [`batch`], [`events`]), of commands that a person
//! waits for, and of commands of the background ([`runs`]). Names of customers are fetched behind their messages
//! ([`profiles`]), and searches are kept up to date ([`search_index`]).

pub mod batch;
pub mod config;
pub mod connect;
pub mod disconnect;
pub mod events;
pub mod facts;
mod housekeeping;
pub mod media;
pub mod message;
pub mod parts;
pub mod profiles;
pub mod queues;
pub mod runs;
pub mod search_index;
mod service;
pub mod sync;
pub mod trouble;

pub use config::WorkerConfig;
pub use service::SyncWorker;
