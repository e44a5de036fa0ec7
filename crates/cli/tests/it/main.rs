//! The program as people run it, against a real gateway.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod parked;
mod refusals;
mod system;
