//! The program as people run it, against a real gateway.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod parked;
mod refusals;
mod system;
