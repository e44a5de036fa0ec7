use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Text};
use diesel::{Queryable, QueryableByName, Selectable};
use pagekeeper_common::domain::connection::{ConnectionReason, ConnectionState, ConnectionType};
use pagekeeper_common::domain::entry_owner::EntryOwner;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, InstagramAccountId, PageId};
use uuid::Uuid;

use crate::columns::{Column, OptionalColumn};
use crate::schema::connections;

/// A connected Page, without its picture.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = connections, check_for_backend(diesel::pg::Pg))]
pub struct Connection {
    #[diesel(deserialize_as = Column<ConnectionId>)]
    pub id: ConnectionId,
    #[diesel(deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    #[diesel(deserialize_as = Column<ConnectionType>)]
    pub connection_type: ConnectionType,
    /// The Page itself, or the one that the Instagram account is linked to.
    #[diesel(deserialize_as = Column<PageId>)]
    pub page_id: PageId,
    #[diesel(deserialize_as = OptionalColumn<InstagramAccountId>)]
    pub instagram_account_id: Option<InstagramAccountId>,
    pub instagram_username: Option<String>,
    pub name: String,
    pub username: Option<String>,
    pub category: Option<String>,
    pub about: Option<String>,
    pub phone: Option<String>,
    pub website: Option<String>,
    pub fan_count: Option<i64>,
    pub tasks: Vec<String>,
    #[diesel(deserialize_as = Column<ConnectionState>)]
    pub state: ConnectionState,
    #[diesel(deserialize_as = OptionalColumn<ConnectionReason>)]
    pub reason: Option<ConnectionReason>,
    pub subscribed_at: Option<DateTime<Utc>>,
    pub connected_at: DateTime<Utc>,
    pub disconnected_at: Option<DateTime<Utc>>,
    pub last_synced_at: Option<DateTime<Utc>>,
    /// Newest `updated_time` that a listing of its conversations has stored.
    pub sync_watermark: Option<DateTime<Utc>>,
    /// Of the conversations of that time.
    pub sync_digest: Option<Uuid>,
    /// To the minute.
    pub last_webhook_at: Option<DateTime<Utc>>,
    /// A webhook said that something in the Page's profile has another value.
    pub details_changed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What a sync that came to its end leaves for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Synced {
    pub connection_id: ConnectionId,
    /// The newest `updated_time` that it stored.
    pub watermark: Option<DateTime<Utc>>,
    /// Of the conversations of that time.
    pub digest: Option<Uuid>,
}

/// What Facebook says of a Page. What is `None` keeps what is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageDetails {
    pub page_id: PageId,
    pub name: String,
    pub username: Option<String>,
    pub category: Option<String>,
    pub about: Option<String>,
    pub phone: Option<String>,
    pub website: Option<String>,
    pub fan_count: Option<i64>,
    pub tasks: Option<Vec<String>>,
}

/// The Instagram account that is linked to a Page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstagramDetails {
    pub page_id: PageId,
    pub instagram_account_id: InstagramAccountId,
    pub name: String,
    pub username: Option<String>,
    pub tasks: Vec<String>,
}

/// What became of a Page in [`connect_many`](super::connect_many).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectOutcome {
    /// Stored; a connection that was there before is revived with its history.
    Stored(ConnectionId),
    /// Another account has this Page.
    ConnectedElsewhere,
}

/// A Page's picture, at most 64 kB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub bytes: Vec<u8>,
    /// Its media type, like `image/jpeg`.
    pub media_type: String,
}

/// Whose Page, or Instagram account, it is.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct FoundOwner {
    #[diesel(sql_type = Text)]
    pub object: String,
    #[diesel(sql_type = Text)]
    pub owner_id: String,
    /// Of an Instagram account, the Page that it is linked to.
    #[diesel(sql_type = Text, deserialize_as = Column<PageId>)]
    pub page_id: PageId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
    pub connection_id: ConnectionId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    #[diesel(sql_type = Text, deserialize_as = Column<ConnectionState>)]
    pub state: ConnectionState,
}

impl FoundOwner {
    pub fn owner(&self) -> Option<EntryOwner> {
        EntryOwner::parse(&self.object, &self.owner_id)
    }
}

/// A Page whose time to sync has come.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct DueConnection {
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
    pub connection_id: ConnectionId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    #[diesel(sql_type = Text, deserialize_as = Column<PageId>)]
    pub page_id: PageId,
}
