//! The gateway: REST API, login, server-sent events; serves the console.
//!
//! It reads and writes an account's rows for the people of that account, and asks sync-worker for everything that needs
//! Facebook: a run and a command in one transaction, whose end it waits for where a route must answer with the result.

pub mod config;
pub mod migrate;

mod accounts;
mod api_keys;
mod auth;
mod connections;
mod console;
mod contacts;
mod conversations;
mod extract;
mod live;
mod media;
mod openapi;
mod operations;
mod parked;
mod posts;
mod router;
mod service;
mod state;
mod sync;

pub use config::Config;
pub use service::Gateway;
