//! Customers.

pub(crate) mod edits;
pub(crate) mod list;
pub(crate) mod picture;
pub(crate) mod read;
pub(crate) mod update;
pub(crate) mod views;
