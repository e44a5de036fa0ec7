//! Work on Facebook: starting it, waiting for it, and showing it.

pub(crate) mod auto_connect;
mod awaited;
pub(crate) mod cancel_run;
pub(crate) mod connect_result;
pub(crate) mod full_sync;
mod full_sync_hour;
pub(crate) mod list_runs;
pub(crate) mod pull_conversation;
pub(crate) mod pull_page;
pub(crate) mod read_run;
pub(crate) mod run_events;
pub(crate) mod schedule;
mod stagger;
pub(crate) mod start;
pub(crate) mod statistics;
pub(crate) mod status;
pub(crate) mod sync_all;
mod sync_all_flow;
pub(crate) mod update_page;
pub(crate) mod usage;
mod views;
mod wait;
