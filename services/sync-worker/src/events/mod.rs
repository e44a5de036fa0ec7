//! Webhook events: entry → messages ([`decode`]) → upserts ([`plan`]) → one transaction ([`apply`]).

pub mod apply;
pub mod decode;
pub mod owners;
pub mod plan;
pub mod replay;
