use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz};
use pagekeeper_common::domain::contact_edit::ContactFacts;
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::{ConnectionId, ContactId, ConversationId, Psid};
use serde_json::{Map, Value};

use super::pictures::WANTS_PICTURE;
use crate::columns::{Column, OptionalColumn};

/// A customer, as one Page sees them: a person who writes to two Pages is two contacts, as Meta's ids are.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Contact {
    #[diesel(embed)]
    pub line: ContactLine,
    #[diesel(sql_type = Nullable<Text>)]
    pub notes: Option<String>,
    #[diesel(sql_type = Jsonb)]
    custom_fields: Value,
    /// Raised by each edit.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub edited_at: Option<DateTime<Utc>>,
}

/// As much of a contact as a list shows.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ContactLine {
    #[diesel(sql_type = BigInt, deserialize_as = Column<ContactId>)]
    pub id: ContactId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
    pub connection_id: ConnectionId,
    #[diesel(sql_type = Text, deserialize_as = Column<Psid>)]
    pub psid: Psid,
    /// None until Facebook told it.
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Bool)]
    pub has_picture: bool,
    /// It may have one that nobody asked for yet.
    #[diesel(sql_type = Bool)]
    pub wants_picture: bool,
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub phone: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub tags: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<BigInt>, deserialize_as = OptionalColumn<ConversationId>)]
    pub conversation_id: Option<ConversationId>,
}

/// The columns of a [`ContactLine`], of contacts `c` and conversations `v`.
pub(super) static LINE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "c.id, c.connection_id, c.psid, c.name, c.picture_at is not null as has_picture, {WANTS_PICTURE} as wants_picture,
         c.email, c.phone, c.tags, c.created_at, v.id as conversation_id"
    )
});

impl Contact {
    pub fn custom_fields(&self) -> Map<String, Value> {
        self.custom_fields.as_object().cloned().unwrap_or_default()
    }

    /// What people wrote of it.
    pub fn facts(&self) -> ContactFacts {
        ContactFacts {
            email: self.line.email.clone(),
            phone: self.line.phone.clone(),
            tags: self.line.tags.clone(),
            notes: self.notes.clone(),
            custom_fields: self.custom_fields(),
        }
    }
}

impl ContactLine {
    /// Where it stands in the list.
    pub fn cursor(&self) -> KeysetCursor {
        KeysetCursor { at: self.created_at, id: self.id.get() }
    }
}
