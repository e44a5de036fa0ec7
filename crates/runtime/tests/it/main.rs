//! The chassis, from outside.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod bodies;
mod configuration;
mod dashboards;
mod extractors;
mod health;
mod logs;
mod process;
mod request_ids;
mod shutdown;
mod web;
