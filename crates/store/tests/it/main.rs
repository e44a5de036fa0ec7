//! The store against a real PostgreSQL, as the services' roles.

#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod budgets;
mod connecting;
mod connections;
mod contact_edits;
mod contacts;
mod credentials;
mod fixture;
mod health;
mod inbox;
mod lookups;
mod media;
mod migrations;
mod queues;
mod review;
mod row_level_security;
mod schema;
mod search;
mod store_events;
mod store_messages;
mod sync_run_queue;
mod sync_runs;
