//! The Graph client against literal answers: as Meta documents them, as they were seen in the wild, and hostile.
#![cfg(feature = "graph")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod arbitrary;
mod comments;
mod conversations;
mod errors;
mod fake;
mod instagram;
mod labels;
mod login;
mod logs;
mod pages;
mod pictures;
mod posts;
mod profiles;
mod rooms;
mod send;
mod simulator;
mod subscriptions;
mod transport;
mod uploads;
mod webhooks;
