//! Sync runs. A worker claims a run for a while (its lease), saves the cursor with each page of data, and ends it. One
//! that lost its lease, because it stood still too long, writes nothing any more: each save compares the version.

mod lease;
mod queries;
mod rows;

pub use lease::{RunLease, claim, end, release, save, save_result};
pub use queries::{
    claim_abandoned, create, find, find_active_connect, find_last_connect, list, list_children, statistics,
};
pub use rows::{AbandonedRun, CreatedRun, NewRun, Run, RunEnd, RunProgress, SyncStatistics};
