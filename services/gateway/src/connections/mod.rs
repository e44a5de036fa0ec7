//! Connected Pages.

pub(crate) mod briefs;
pub(crate) mod disconnect;
pub(crate) mod incidents;
pub(crate) mod list;
pub(crate) mod picture;
pub(crate) mod read;
pub(crate) mod unconnected;
pub(crate) mod views;
