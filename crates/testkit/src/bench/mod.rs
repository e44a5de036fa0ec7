//! What benches share: load on a fixed schedule, and a report that judges ratios.

mod http_load;
mod open_loop;
mod report;

pub use http_load::{Load, Pace, Target, load};
pub use open_loop::{Latencies, open_loop};
pub use report::{Report, Rounds};
