use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::{ConnectionId, ContactId, ConversationId, Psid, ThreadId};

use crate::columns::{Column, OptionalColumn};

/// A conversation's unread messages are counted up to this; more are shown as "99+".
pub const UNREAD_CAP: u32 = 100;

/// An account's conversations are counted up to this.
pub const COUNT_CAP: u64 = 1_000_000;

/// A line of the inbox, or the head of a thread.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Conversation {
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConversationId>)]
    pub id: ConversationId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
    pub connection_id: ConnectionId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ContactId>)]
    pub contact_id: ContactId,
    #[diesel(sql_type = Text, deserialize_as = Column<Psid>)]
    pub psid: Psid,
    /// None until Facebook told it.
    #[diesel(sql_type = Nullable<Text>)]
    pub contact_name: Option<String>,
    #[diesel(sql_type = Bool)]
    pub contact_has_picture: bool,
    /// It may have one that nobody asked for yet.
    #[diesel(sql_type = Bool)]
    pub contact_wants_picture: bool,
    #[diesel(sql_type = Nullable<Text>, deserialize_as = OptionalColumn<ThreadId>)]
    pub thread_id: Option<ThreadId>,
    #[diesel(sql_type = Timestamptz)]
    pub last_message_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    pub last_message_from_page: bool,
    #[diesel(sql_type = Nullable<Text>)]
    pub snippet: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_inbound_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub read_up_to: DateTime<Utc>,
    /// At most [`UNREAD_CAP`].
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub unread: u32,
}

impl Conversation {
    /// Where it stands in the inbox's order.
    pub fn cursor(&self) -> KeysetCursor {
        KeysetCursor { at: self.last_message_at, id: self.id.get() }
    }
}

/// What Facebook says of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FacebookStatus {
    /// The customer's newest so many messages are unread there.
    pub unread_count: u32,
    /// None where Facebook did not say.
    pub can_reply: Option<bool>,
    pub updated_at: Option<DateTime<Utc>>,
}

/// Which part of the inbox, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InboxPage {
    pub connection_id: Option<ConnectionId>,
    pub unread_only: bool,
    pub from: PageStart,
    pub limit: u32,
}

/// Where a page of a list, which runs from new to old, begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageStart {
    Newest,
    /// What comes after this place: older.
    OlderThan(KeysetCursor),
    /// What comes before this place: the next ones up from it. They are answered from new to old, too.
    NewerThan(KeysetCursor),
}
