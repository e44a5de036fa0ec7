//! The worker in process, with a database and a vhost of its own and a simulated Facebook.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod all_kinds;
mod bad_events;
mod connect;
mod crash_points;
mod disconnect;
mod events;
mod housekeeping;
mod media;
mod names;
mod parts;
mod shares;
mod sync;
mod takeover;
mod troubles;
mod world;
