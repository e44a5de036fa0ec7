//! Conversations as the inbox shows them.

mod queries;
mod rows;

pub use queries::{
    MessageCount, count, count_messages, count_unread, find, list, mark_read, set_facebook_status, set_thread,
};
#[cfg(feature = "testing")]
pub(crate) use queries::{bind_page, list_sql};
pub use rows::{COUNT_CAP, Conversation, FacebookStatus, InboxPage, PageStart, UNREAD_CAP};
