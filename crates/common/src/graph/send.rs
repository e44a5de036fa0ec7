//! Messages to customers (Messenger Platform, "Send API" reference).
//!
//! Nothing here is sent twice: where an error [leaves it in doubt](super::Decision::leaves_a_write_in_doubt) whether a
//! message was sent, the caller looks for its echo first.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::request::{Answer, Call};
use crate::domain::ids::{AttachmentId, CommentId, Mid, PageId, PostId, Psid};
use crate::lenient;

/// Whom a message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    Customer(Psid),
    /// A private reply: one message, within seven days of the comment.
    CommentedBy(CommentId),
    /// A private reply to who wrote a post on the Page.
    PostedBy(PostId),
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    pub recipient: Recipient,
    pub content: MessageContent,
    /// What lets it be sent after the 24 hours that follow the customer's last message.
    pub tag: Option<MessageTag>,
    /// The message that it answers.
    pub reply_to: Option<Mid>,
    /// Comes back in the echo, which is how we know our own. Shorter than 1,000 characters.
    pub metadata: Option<String>,
}

/// A message has text or an attachment, never both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageContent {
    /// Fewer than 2,000 characters, and at most 13 quick replies.
    Text { text: String, quick_replies: Vec<QuickReply> },
    /// At most 25 MB.
    Attachment { kind: SendableKind, source: AttachmentSource },
}

/// A button that sends its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickReply {
    /// At most 20 characters are shown.
    pub title: String,
    /// Comes back with the customer's tap.
    pub payload: String,
}

/// What Meta accepts to be sent as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SendableKind {
    Image,
    Audio,
    Video,
    File,
}

/// Where the file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachmentSource {
    /// Meta fetches it; `is_reusable` makes Meta keep it and tell its id.
    Url {
        url: String,
        is_reusable: bool,
    },
    Uploaded(AttachmentId),
}

/// The tags that are left since 2026-04-27.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageTag {
    /// A human answers, within seven days of the customer's last message.
    HumanAgent,
}

impl MessageTag {
    fn name(self) -> &'static str {
        match self {
            Self::HumanAgent => "HUMAN_AGENT",
        }
    }
}

/// What the customer sees the Page do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SenderAction {
    MarkSeen,
    TypingOn,
    TypingOff,
    React(Reaction),
    Unreact(Mid),
}

/// To a message of the customer; a later one replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    pub mid: Mid,
    pub emoji: String,
}

/// What Meta took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// The same in the echo and in the Conversations API.
    pub mid: Mid,
    /// Who got it: told also where a comment was answered.
    pub recipient: Option<Psid>,
    /// Of a file that was to be kept.
    pub attachment_id: Option<AttachmentId>,
}

impl GraphClient {
    /// Sends a message with the Page's token.
    pub async fn send_message(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        message: &NewMessage,
    ) -> Result<Answer<SentMessage>, GraphError> {
        let mut call = Call::post("send_message", &[page.as_str(), "messages"])
            .auth(auth)
            .form("recipient", recipient(&message.recipient))
            .form("message", body(message));
        call = match message.tag {
            Some(tag) => call.form("messaging_type", "MESSAGE_TAG").form("tag", tag.name()),
            None => call.form("messaging_type", "RESPONSE"),
        };
        if let Some(mid) = &message.reply_to {
            call = call.form("reply_to", json!({ "mid": mid }).to_string());
        }
        self.send_and(call, SentMessage::read).await
    }

    /// Shows the customer what the Page does. An action cannot go together with a message.
    pub async fn send_action(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        customer: &Psid,
        action: &SenderAction,
    ) -> Result<Answer<()>, GraphError> {
        let (name, payload) = match action {
            SenderAction::MarkSeen => ("mark_seen", None),
            SenderAction::TypingOn => ("typing_on", None),
            SenderAction::TypingOff => ("typing_off", None),
            SenderAction::React(Reaction { mid, emoji }) => {
                ("react", Some(json!({ "message_id": mid, "reaction": emoji })))
            }
            SenderAction::Unreact(mid) => ("unreact", Some(json!({ "message_id": mid }))),
        };
        let mut call = Call::post("send_action", &[page.as_str(), "messages"])
            .auth(auth)
            .form("recipient", json!({ "id": customer }).to_string())
            .form("sender_action", name);
        if let Some(payload) = payload {
            call = call.form("payload", payload.to_string());
        }
        let answer = self.send_and(call, |body| lenient::answer::<WireSent>(body)?.recipient_id).await?;
        Ok(answer.map(|_recipient| ()))
    }
}

fn recipient(recipient: &Recipient) -> String {
    let json = match recipient {
        Recipient::Customer(psid) => json!({ "id": psid }),
        Recipient::CommentedBy(comment) => json!({ "comment_id": comment }),
        Recipient::PostedBy(post) => json!({ "post_id": post }),
    };
    json.to_string()
}

fn body(message: &NewMessage) -> Cow<'static, str> {
    let mut body = match &message.content {
        MessageContent::Text { text, quick_replies } => {
            let quick_replies: Vec<_> = quick_replies
                .iter()
                .map(|reply| json!({ "content_type": "text", "title": reply.title, "payload": reply.payload }))
                .collect();
            match quick_replies.as_slice() {
                [] => json!({ "text": text }),
                _ => json!({ "text": text, "quick_replies": quick_replies }),
            }
        }
        MessageContent::Attachment { kind, source } => {
            let payload = match source {
                AttachmentSource::Url { url, is_reusable } => json!({ "url": url, "is_reusable": is_reusable }),
                AttachmentSource::Uploaded(id) => json!({ "attachment_id": id }),
            };
            json!({ "attachment": { "type": kind, "payload": payload } })
        }
    };
    if let (Some(metadata), Some(fields)) = (&message.metadata, body.as_object_mut()) {
        fields.insert("metadata".to_owned(), json!(metadata));
    }
    body.to_string().into()
}

/// The answer's documented members, all of which may be absent for one kind of recipient or another.
#[derive(Deserialize, Default)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Meta's names")]
struct WireSent {
    #[serde(deserialize_with = "lenient::id")]
    message_id: Option<Mid>,
    #[serde(deserialize_with = "lenient::id")]
    recipient_id: Option<Psid>,
    #[serde(deserialize_with = "lenient::id")]
    attachment_id: Option<AttachmentId>,
}

impl SentMessage {
    fn read(body: &[u8]) -> Option<Self> {
        let wire: WireSent = lenient::answer(body)?;
        Some(Self { mid: wire.message_id?, recipient: wire.recipient_id, attachment_id: wire.attachment_id })
    }
}
