//! The simulator from outside, over HTTP only.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod batch;
mod comments;
mod conversations;
mod errors;
mod faults;
mod independent_clients;
mod instagram;
mod instagram_login;
mod instagram_messages;
mod journal;
mod labels;
mod limits;
mod load;
mod login;
mod message_changes;
mod pages;
mod posts;
mod send;
mod support;
mod thread_control;
mod uploads;
mod variations;
mod webhooks;
