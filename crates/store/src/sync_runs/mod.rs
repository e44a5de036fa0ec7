//! Sync runs. A worker claims a run for a while (its lease), saves the cursor with each page of data, and ends it. One
//! that lost its lease, because it stood still too long, writes nothing any more: each save compares the version.

mod ends;
mod history;
mod lease;
mod pages;
mod queries;
mod rows;

pub use ends::{EndedRun, claim_next_of_pages, end, end_all};
pub use history::{HourOfSync, UsageMinute, history, trim_history, usage};
pub use lease::{RunLease, claim, claim_all, put_off, release, save, save_result, wait_for_room};
pub use pages::connections_of;
pub use queries::{
    PageRun, RunFilter, cancel, cancel_kind, claim_waiting, create, create_of_pages, find, find_active_connect,
    find_last_connect, list, list_children, statistics,
};
pub use rows::{CreatedRun, NewRun, Run, RunEnd, RunProgress, Saved, SyncStatistics, WaitingRun};
