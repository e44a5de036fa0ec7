//! Conversations as the inbox shows them.

mod queries;
mod rows;

#[cfg(feature = "testing")]
pub(crate) use queries::{bind_page, list_sql};
pub use queries::{count, count_unread, find, list, mark_read};
pub use rows::{COUNT_CAP, Conversation, InboxPage, PageStart, UNREAD_CAP};
