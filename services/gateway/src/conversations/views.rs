//! How conversations and messages look in answers.

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::connection::ConnectionType;
use pagekeeper_common::domain::ids::ContactId;
use pagekeeper_store::{connections, conversations, events, messages};
use serde::Serialize;
use utoipa::ToSchema;

use crate::connections::briefs::Briefs;
use crate::connections::views::ConnectionBrief;
use crate::contacts::views::picture_url;

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
    #[schema(example = "/api/contacts/4711/picture")]
    pub picture_url: Option<String>,
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
    /// As it was last written; null of one that is gone.
    #[schema(example = "Do you have a table for four tonight?")]
    pub text: Option<String>,
    /// What came with it, in the order that `/api/messages/{id}/attachments/{position}` counts by.
    pub attachments: Vec<Attachment>,
    /// Of a message that was sent by an app: which one.
    pub app_id: Option<String>,
    /// The message that this one answers.
    pub reply_to_mid: Option<String>,
    /// When it was last written anew, as far as that is known.
    pub edited_at: Option<DateTime<Utc>>,
    /// When its sender took it back: its text and attachments are gone.
    pub deleted_at: Option<DateTime<Utc>>,
    /// At most one of each side.
    pub reactions: Vec<Reaction>,
}

/// What one side feels about a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reaction {
    /// The Page's, not the customer's.
    pub from_page: bool,
    /// As Meta names it; `other` for most emoji.
    #[schema(example = "love")]
    pub name: Option<String>,
    #[schema(example = "❤️")]
    pub emoji: Option<String>,
}

/// A conversation, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationDetail {
    #[serde(flatten)]
    pub conversation: Conversation,
    /// The Page's messages until then have arrived.
    pub delivered_up_to: Option<DateTime<Utc>>,
    /// The customer has read the Page's messages until then.
    pub seen_up_to: Option<DateTime<Utc>>,
    /// Meta's id of the app that answers, once the conversation was handed over.
    #[schema(example = "263902037430900")]
    pub handled_by_app: Option<String>,
}

/// Something that happened in a conversation, and is not a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationEvent {
    #[schema(example = 5_120)]
    pub id: i64,
    /// `postback`, `referral`, `opt_in`, `account_linking`, `thread_control`, `label`, `feedback`, `story_reply`,
    /// `story_mention`, or as Meta names it.
    #[schema(example = "postback")]
    pub kind: String,
    pub at: DateTime<Utc>,
    /// What it holds depends on the kind.
    #[schema(value_type = Object, example = json!({"title": "Opening hours", "payload": "HOURS"}))]
    pub detail: serde_json::Value,
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

fn platform(connection: Option<&connections::ConnectionBrief>) -> &'static str {
    let connection_type = connection.and_then(|connection| ConnectionType::parse(&connection.connection_type));
    connection_type.unwrap_or(ConnectionType::Facebook).platform()
}

impl Conversation {
    pub(super) fn new(row: conversations::Conversation, briefs: &Briefs) -> Self {
        let connection = briefs.get(&row.connection_id);
        Self {
            id: row.id.get(),
            connection: ConnectionBrief::new(row.connection_id, connection),
            contact: ContactBrief::new(row.contact_id, row.contact_name, row.contact_has_picture),
            platform: platform(connection),
            last_message_at: row.last_message_at,
            snippet: row.snippet,
            last_message_from_page: row.last_message_from_page,
            unread_count: row.unread,
            unread: row.unread > 0,
        }
    }
}

impl ContactBrief {
    pub(super) fn new(id: ContactId, name: Option<String>, has_picture: bool) -> Self {
        Self { id: id.get(), name, picture_url: picture_url(id, has_picture) }
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
            edited_at: row.edited_at,
            deleted_at: row.deleted_at,
            reactions: row.reactions.into_iter().map(Reaction::from).collect(),
        }
    }
}

impl From<messages::Reaction> for Reaction {
    fn from(reaction: messages::Reaction) -> Self {
        let messages::Reaction { from_page, name, emoji } = reaction;
        Self { from_page, name, emoji }
    }
}

impl ConversationDetail {
    pub(super) fn new(conversation: Conversation, marks: events::Marks) -> Self {
        let events::Marks { delivered_up_to, seen_up_to, handled_by_app } = marks;
        Self { conversation, delivered_up_to, seen_up_to, handled_by_app }
    }
}

impl From<events::Happened> for ConversationEvent {
    fn from(row: events::Happened) -> Self {
        let events::Happened { id, kind, at, detail } = row;
        Self { id, kind, at, detail }
    }
}

impl From<messages::Attachment> for Attachment {
    fn from(attachment: messages::Attachment) -> Self {
        let messages::Attachment { kind, name, mime_type, size } = attachment;
        Self { r#type: kind, name, mime_type, size }
    }
}
