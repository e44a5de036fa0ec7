//! The bus with a real broker.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod consuming;
mod definitions;
mod live;
mod losses;
mod parking;
mod publishing;
mod relaying;
mod retrying;
mod sharing;
mod support;
