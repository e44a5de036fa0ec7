//! The account's own settings.

pub(crate) mod read;
pub(crate) mod update;
mod views;
