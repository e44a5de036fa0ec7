//! Work on Facebook: starting it, waiting for it, and showing it.

pub(crate) mod auto_connect;
pub(crate) mod connect_result;
pub(crate) mod read_run;
pub(crate) mod schedule;
pub(crate) mod start;
pub(crate) mod status;
pub(crate) mod sync_all;
mod sync_all_flow;
mod views;
mod wait;
