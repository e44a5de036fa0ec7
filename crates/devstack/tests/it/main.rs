//! The whole system from outside: real PostgreSQL and RabbitMQ, the services as processes, the simulated Facebook.
//! Each file is a section of what Pagekeeper must do; tests name the row that they prove.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod connect;
mod media;
mod operations;
mod parked;
mod pulls;
mod real_time;
mod support;
mod sync;
