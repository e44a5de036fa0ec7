//! Servers that are killed and frozen under load, and services that are killed at random points. Everything here has
//! servers of its own, and runs by itself: one test after the other.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, and tells what it counted"
)]

mod changes;
mod nemesis;
mod system;
