//! Personal API keys, for programs.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod key;
pub(crate) mod list;
mod views;
