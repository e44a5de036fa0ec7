use chrono::{DateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::Jsonb;
use diesel::{Queryable, Selectable};
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::{ConnectionId, ConversationId, MessageRowId, Mid};
use serde::{Deserialize, Serialize};

use crate::columns::Column;
use crate::schema::messages;

/// A stored message.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = messages, check_for_backend(diesel::pg::Pg))]
pub struct Message {
    #[diesel(deserialize_as = Column<MessageRowId>)]
    pub id: MessageRowId,
    #[diesel(deserialize_as = Column<ConnectionId>)]
    pub connection_id: ConnectionId,
    #[diesel(deserialize_as = Column<ConversationId>)]
    pub conversation_id: ConversationId,
    #[diesel(deserialize_as = Column<Mid>)]
    pub mid: Mid,
    pub from_page: bool,
    pub sent_at: DateTime<Utc>,
    pub text: Option<String>,
    #[diesel(deserialize_as = AttachmentsColumn)]
    pub attachments: Vec<Attachment>,
    pub app_id: Option<String>,
    pub reply_to_mid: Option<String>,
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

/// The column `attachments`: null without any.
#[derive(FromSqlRow)]
pub struct AttachmentsColumn(Vec<Attachment>);

impl FromSql<diesel::sql_types::Nullable<Jsonb>, Pg> for AttachmentsColumn {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let json = <serde_json::Value as FromSql<Jsonb, Pg>>::from_sql(value)?;
        Ok(Self(serde_json::from_value(json)?))
    }

    fn from_nullable_sql(value: Option<PgValue<'_>>) -> deserialize::Result<Self> {
        value.map_or(Ok(Self(Vec::new())), Self::from_sql)
    }
}

impl From<AttachmentsColumn> for Vec<Attachment> {
    fn from(column: AttachmentsColumn) -> Self {
        column.0
    }
}
