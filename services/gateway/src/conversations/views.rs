//! How conversations and messages look in answers.

use chrono::{DateTime, Utc};
use pagekeeper_store::{conversations, messages};
use serde::Serialize;
use utoipa::ToSchema;

use crate::connections::briefs::Briefs;
use crate::connections::views::ConnectionBrief;

/// All messages between one Page and one customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Conversation {
    #[schema(example = 120_034)]
    pub id: i64,
    pub connection: ConnectionBrief,
    pub contact: ContactBrief,
    #[schema(example = "messenger")]
    pub platform: &'static str,
    pub last_message_at: DateTime<Utc>,
    /// The start of the newest message.
    #[schema(example = "Do you have a table for four tonight?")]
    pub snippet: Option<String>,
    pub last_message_from_page: bool,
    /// 0 to 100, where 100 stands for more than 99.
    #[schema(example = 2)]
    pub unread_count: u32,
    pub unread: bool,
}

/// The customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactBrief {
    #[schema(example = 4711)]
    pub id: i64,
    /// Null until Facebook was asked, or where it does not say.
    #[schema(example = "Freja Holm")]
    pub name: Option<String>,
}

/// One message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Message {
    #[schema(example = 990_120)]
    pub id: i64,
    /// Meta's id.
    #[schema(example = "m_AbCdEf")]
    pub mid: String,
    /// Written by the Page, not by the customer.
    pub from_page: bool,
    pub sent_at: DateTime<Utc>,
    #[schema(example = "Do you have a table for four tonight?")]
    pub text: Option<String>,
    /// What came with it; the media themselves are not stored.
    pub attachments: Vec<Attachment>,
    /// Of a message that was sent by an app: which one.
    pub app_id: Option<String>,
    /// The message that this one answers.
    pub reply_to_mid: Option<String>,
}

/// Something that came with a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Attachment {
    #[schema(example = "image")]
    pub r#type: String,
    #[schema(example = "menu.jpg")]
    pub name: Option<String>,
    #[schema(example = "image/jpeg")]
    pub mime_type: Option<String>,
    /// Bytes.
    #[schema(example = 48_213)]
    pub size: Option<u64>,
}

impl Conversation {
    pub(super) fn new(row: conversations::Conversation, briefs: &Briefs) -> Self {
        let connection = briefs.get(&row.connection_id);
        Self {
            id: row.id.get(),
            connection: ConnectionBrief::new(row.connection_id, connection),
            contact: ContactBrief { id: row.contact_id.get(), name: row.contact_name },
            platform: "messenger",
            last_message_at: row.last_message_at,
            snippet: row.snippet,
            last_message_from_page: row.last_message_from_page,
            unread_count: row.unread,
            unread: row.unread > 0,
        }
    }
}

impl From<messages::Message> for Message {
    fn from(row: messages::Message) -> Self {
        Self {
            id: row.id.get(),
            mid: row.mid.into_string(),
            from_page: row.from_page,
            sent_at: row.sent_at,
            text: row.text,
            attachments: row.attachments.into_iter().map(Attachment::from).collect(),
            app_id: row.app_id,
            reply_to_mid: row.reply_to_mid,
        }
    }
}

impl From<messages::Attachment> for Attachment {
    fn from(attachment: messages::Attachment) -> Self {
        let messages::Attachment { kind, name, mime_type, size } = attachment;
        Self { r#type: kind, name, mime_type, size }
    }
}
