//! What benches share: load on a fixed schedule, and a report that judges ratios.

mod open_loop;
mod report;

pub use open_loop::{Latencies, open_loop};
pub use report::{Report, Rounds};
