use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Timestamptz};
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::{ConnectionId, ConversationId, MessageRowId, Mid};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::columns::Column;

/// A stored message as it is now.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Message {
    #[diesel(sql_type = BigInt, deserialize_as = Column<MessageRowId>)]
    pub id: MessageRowId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
    pub connection_id: ConnectionId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConversationId>)]
    pub conversation_id: ConversationId,
    #[diesel(sql_type = Text, deserialize_as = Column<Mid>)]
    pub mid: Mid,
    #[diesel(sql_type = Bool)]
    pub from_page: bool,
    #[diesel(sql_type = Timestamptz)]
    pub sent_at: DateTime<Utc>,
    /// As it was last edited; none of a message that is gone.
    #[diesel(sql_type = Nullable<Text>)]
    pub text: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>, deserialize_as = ListColumn<Attachment>)]
    pub attachments: Vec<Attachment>,
    #[diesel(sql_type = Nullable<Text>)]
    pub app_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub reply_to_mid: Option<String>,
    /// When it was last edited, as far as that is known.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub edited_at: Option<DateTime<Utc>>,
    /// When its sender took it back, or it was found to be gone.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub deleted_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Jsonb>, deserialize_as = ListColumn<Reaction>)]
    pub reactions: Vec<Reaction>,
}

impl Message {
    /// Where it stands in its thread's order.
    pub fn cursor(&self) -> KeysetCursor {
        KeysetCursor { at: self.sent_at, id: self.id.get() }
    }
}

/// What a message carries beside its text. The media themselves are not stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attachment {
    /// `image`, `video`, `audio`, `file`, `template`, `fallback`, `sticker` …
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// What one side feels about a message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reaction {
    pub from_page: bool,
    /// `love`, `smile`, `angry`, …; `other` for most emoji.
    pub name: Option<String>,
    pub emoji: Option<String>,
}

/// A list in a column: null for an empty one.
#[derive(FromSqlRow)]
pub struct ListColumn<T>(Vec<T>);

impl<T: DeserializeOwned> FromSql<diesel::sql_types::Nullable<Jsonb>, Pg> for ListColumn<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let json = <serde_json::Value as FromSql<Jsonb, Pg>>::from_sql(value)?;
        Ok(Self(serde_json::from_value(json)?))
    }

    fn from_nullable_sql(value: Option<PgValue<'_>>) -> deserialize::Result<Self> {
        value.map_or(Ok(Self(Vec::new())), Self::from_sql)
    }
}

impl<T> From<ListColumn<T>> for Vec<T> {
    fn from(column: ListColumn<T>) -> Self {
        column.0
    }
}
