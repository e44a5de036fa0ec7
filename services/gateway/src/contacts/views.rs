//! How contacts look in answers.

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::{ContactId, ConversationId};
use pagekeeper_store::contacts;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::connections::briefs::Briefs;
use crate::connections::views::ConnectionBrief;

/// A customer, as one Page sees them; somebody who writes to two Pages is two contacts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Contact {
    #[schema(example = 4711)]
    pub id: i64,
    #[schema(example = 7)]
    pub connection_id: i64,
    /// Meta's id of the customer, which only this Page can use.
    #[schema(example = "24681357")]
    pub psid: String,
    /// Null until Facebook was asked, or where it does not say.
    #[schema(example = "Freja Holm")]
    pub name: Option<String>,
    #[schema(example = "/api/contacts/4711/picture")]
    pub picture_url: Option<String>,
    #[schema(example = "freja@example.dk")]
    pub email: Option<String>,
    #[schema(example = "+45 12 34 56 78")]
    pub phone: Option<String>,
    /// Sorted.
    #[schema(example = json!(["regular", "vegan"]))]
    pub tags: Vec<String>,
    #[schema(example = "Sits by the window.")]
    pub notes: Option<String>,
    /// Texts, numbers, booleans.
    #[schema(value_type = Object, example = json!({"size": "M", "visits": 12}))]
    pub custom_fields: Map<String, Value>,
    /// Raised by each edit.
    #[schema(example = 3)]
    pub version: i64,
    pub edited_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    #[schema(example = 120_034)]
    pub conversation_id: Option<i64>,
}

/// A contact in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactLine {
    #[schema(example = 4711)]
    pub id: i64,
    pub connection: ConnectionBrief,
    #[schema(example = "Freja Holm")]
    pub name: Option<String>,
    #[schema(example = "/api/contacts/4711/picture")]
    pub picture_url: Option<String>,
    #[schema(example = "freja@example.dk")]
    pub email: Option<String>,
    #[schema(example = "+45 12 34 56 78")]
    pub phone: Option<String>,
    #[schema(example = json!(["regular", "vegan"]))]
    pub tags: Vec<String>,
    pub created_at: DateTime<Utc>,
    #[schema(example = 120_034)]
    pub conversation_id: Option<i64>,
}

impl From<contacts::Contact> for Contact {
    fn from(row: contacts::Contact) -> Self {
        let custom_fields = row.custom_fields();
        let line = row.line;
        Self {
            id: line.id.get(),
            connection_id: line.connection_id.get(),
            psid: line.psid.into_string(),
            name: line.name,
            picture_url: picture_url(line.id, line.has_picture),
            email: line.email,
            phone: line.phone,
            tags: line.tags,
            notes: row.notes,
            custom_fields,
            version: row.version,
            edited_at: row.edited_at,
            created_at: line.created_at,
            conversation_id: line.conversation_id.map(ConversationId::get),
        }
    }
}

impl ContactLine {
    pub(super) fn new(row: contacts::ContactLine, briefs: &Briefs) -> Self {
        Self {
            id: row.id.get(),
            connection: ConnectionBrief::new(row.connection_id, briefs.get(&row.connection_id)),
            name: row.name,
            picture_url: picture_url(row.id, row.has_picture),
            email: row.email,
            phone: row.phone,
            tags: row.tags,
            created_at: row.created_at,
            conversation_id: row.conversation_id.map(ConversationId::get),
        }
    }
}

/// The address of a contact's picture, if one is stored.
pub(crate) fn picture_url(contact: ContactId, has_picture: bool) -> Option<String> {
    has_picture.then(|| format!("/api/contacts/{contact}/picture"))
}
