//! What the services share, in two rooms and no third: [`domain`], types and pure decisions without any I/O, and
//! [`graph`], the client of Meta's Graph API (feature `graph`, for the services that call Facebook).

pub mod domain;
#[cfg(feature = "graph")]
pub mod graph;
