//! For tests and benches: rows past all policies, and the plain upserts that benches compare with.

mod bare_reading;
mod plain_upserts;
mod plans;
mod rows;
mod traffic;

pub use bare_reading::{BareQuery, BareReading, Frequency};
pub use plain_upserts::PlainUpserts;
pub use plans::{count_scans, explain_inbox};
pub use rows::TestRows;
pub use traffic::TestMessage;
