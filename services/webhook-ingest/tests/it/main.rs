//! The service against a real RabbitMQ and a real PostgreSQL, and its decisions without either.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets something else has failed"
)]

mod accept;
mod challenge;
mod dispatch;
mod ingest;
mod operations;
mod outages;
mod process;
mod queues;
mod refuse;
mod signature;
mod split;
