//! The inbox.

pub(crate) mod events;
pub(crate) mod list;
pub(crate) mod mark_read;
pub(crate) mod messages;
pub(crate) mod read;
pub(crate) mod search;
mod snippet;
pub(crate) mod totals;
pub(crate) mod views;
