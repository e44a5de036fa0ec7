//! The gateway in process, with a database, a vhost and a simulated Facebook of its own for each test.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod browser;
mod data;
mod system;

mod access_tokens;
mod accounts;
mod api_keys;
mod authorisation;
mod connections;
mod console;
mod contacts;
mod cross_site;
mod headers;
mod health;
mod inbox;
mod live;
mod login;
mod media;
mod openapi;
mod parked;
mod runs;
mod secrets;
mod start;
mod sync;
