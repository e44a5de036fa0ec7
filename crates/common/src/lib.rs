//! What the services share: [`domain`], types and pure decisions without any I/O; [`webhooks`], what Meta's webhooks say;
//! and [`graph`], the client of Meta's Graph API (feature `graph`, for the services that call Facebook).

pub mod domain;
#[cfg(feature = "graph")]
pub mod graph;
#[cfg_attr(not(feature = "graph"), expect(dead_code, unused_imports, reason = "only the client reads whole answers"))]
mod lenient;
pub mod webhooks;
