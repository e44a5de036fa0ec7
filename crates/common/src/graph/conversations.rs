//! Conversations with their newest messages in one call, and older messages of one conversation.

use std::future::ready;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::paging::{Cursor, Page, WirePage, continued};
use super::request::{Answer, Call};
use crate::domain::ids::{Mid, PageId, Psid, ThreadId};
use crate::lenient::{self, Decode, List};

const CONVERSATION_FIELDS: &str = "id,updated_time,unread_count,message_count,can_reply,participants";

const MESSAGE_FIELDS: &str = "id,created_time,from,to,message,attachments,reactions,reply_to";

/// Instagram has stories that messages answer or mention, and kinds of messages that it does not give to apps.
const INSTAGRAM_MESSAGE_FIELDS: &str =
    "id,created_time,from,to,message,attachments,reactions,reply_to,story,is_unsupported";

/// Whose conversations: the Page's own, or those of the Instagram account that is linked to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    Messenger,
    Instagram,
}

impl Platform {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Messenger => "messenger",
            Self::Instagram => "instagram",
        }
    }

    fn message_fields(self) -> &'static str {
        match self {
            Self::Messenger => MESSAGE_FIELDS,
            Self::Instagram => INSTAGRAM_MESSAGE_FIELDS,
        }
    }
}

/// What one call is to give. Where Meta answers that it is too much ([`super::Decision::HalveLimit`]), halve `limit`.
#[derive(Debug, Clone, Copy)]
pub struct ConversationsRequest<'a> {
    pub platform: Platform,
    /// Conversations; 50 is the most that is known to work.
    pub limit: u32,
    /// Newest messages of each; none for 0.
    pub messages: u32,
    pub after: Option<&'a Cursor>,
}

/// A conversation between a Page and a customer.
#[derive(Debug, Clone)]
pub struct Conversation {
    pub id: ThreadId,
    pub updated_time: Option<DateTime<Utc>>,
    /// Meta leaves a zero out.
    pub unread_count: u32,
    pub message_count: Option<u32>,
    pub can_reply: Option<bool>,
    pub participants: Vec<Participant>,
    /// The newest, newest first; older ones follow by [`GraphClient::conversation_messages`].
    pub messages: Page<Message>,
}

/// The Page itself or the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// The Page's id, or the customer's page-scoped id.
    pub id: String,
    pub name: Option<String>,
    /// On Instagram, where there is no name.
    pub username: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Message {
    pub id: Mid,
    pub created_time: Option<DateTime<Utc>>,
    pub from: Option<Participant>,
    pub to: Vec<Participant>,
    pub text: Option<String>,
    pub attachments: Vec<Attachment>,
    /// As they stand; none also where Meta tells no details of the message.
    pub reactions: Vec<MessageReaction>,
    /// The message that it answers.
    pub reply_to: Option<Mid>,
    /// On Instagram: the story that it answers or mentions.
    pub story: Option<Story>,
    /// Instagram does not give its content to apps.
    pub is_unsupported: bool,
}

impl Message {
    /// Meta tells id and time alone: it is older than the details that Meta tells, or it was taken back.
    pub fn is_bare(&self) -> bool {
        self.from.is_none()
            && self.to.is_empty()
            && self.text.is_none()
            && self.attachments.is_empty()
            && self.story.is_none()
            && !self.is_unsupported
    }
}

/// An emoji, and who feels so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageReaction {
    pub emoji: String,
    pub user_ids: Vec<String>,
}

/// A story dies after a day, and its address with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Story {
    Answered { id: Option<String>, link: Option<String> },
    Mentioned { id: Option<String>, link: Option<String> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub id: Option<String>,
    pub kind: AttachmentKind,
    pub name: Option<String>,
    pub mime_type: Option<String>,
    pub size: Option<u64>,
    /// Meta's address, which expires.
    pub url: Option<String>,
    pub preview_url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentKind {
    Image,
    Sticker,
    Video,
    Audio,
    File,
    Template,
}

impl Conversation {
    /// The other side: the participant that is neither the Page nor its Instagram account.
    pub fn customer(&self, owner: &str) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.id != owner)
    }
}

impl GraphClient {
    /// One page of a Page's conversations, the most recently active first. On Instagram only the 20 newest messages of
    /// a conversation have more than id and time, and requests that were not answered in 30 days are missing.
    pub async fn conversations(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        request: ConversationsRequest<'_>,
    ) -> Result<Answer<Page<Conversation>>, GraphError> {
        Ok(self.conversations_into(auth, page, request, ready(())).await?.map(|(listing, ())| listing))
    }

    /// The same, read once there is `room` for it: with the messages of its conversations, a page takes up to a megabyte.
    pub async fn conversations_into<R>(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        request: ConversationsRequest<'_>,
        room: impl Future<Output = R>,
    ) -> Result<Answer<(Page<Conversation>, R)>, GraphError> {
        let fields = match request.messages {
            0 => CONVERSATION_FIELDS.to_owned(),
            count => format!("{CONVERSATION_FIELDS},messages.limit({count}){{{}}}", request.platform.message_fields()),
        };
        let call = Call::get("conversations", &[page.as_str(), "conversations"])
            .auth(auth)
            .query("platform", request.platform.name())
            .query("fields", fields)
            .query("limit", request.limit.to_string());
        self.send_page_into(continued(call, request.after), room).await
    }

    /// What Meta says of one conversation, without its messages.
    pub async fn conversation(&self, auth: &GraphAuth, thread: &ThreadId) -> Result<Answer<Conversation>, GraphError> {
        let call = Call::get("conversation", &[thread.as_str()]).auth(auth).query("fields", CONVERSATION_FIELDS);
        self.send_and(call, |body| Conversation::decode(lenient::answer(body)?)).await
    }

    /// The conversation of a Page with one customer, if there is one: webhooks do not name it.
    pub async fn conversation_with(
        &self,
        auth: &GraphAuth,
        platform: Platform,
        page: &PageId,
        customer: &Psid,
    ) -> Result<Answer<Option<Conversation>>, GraphError> {
        let call = Call::get("conversation_with", &[page.as_str(), "conversations"])
            .auth(auth)
            .query("platform", platform.name())
            .query("user_id", customer.as_str());
        let answer: Answer<Page<Conversation>> = self.send_page(call).await?;
        Ok(answer.map(|page| page.data.into_iter().next()))
    }

    /// What came with one message, each with an address of now. [`Decision::Gone`](super::Decision::Gone) also where Meta
    /// does not tell the details of older messages ("Message" reference).
    pub async fn message_attachments(
        &self,
        auth: &GraphAuth,
        message: &Mid,
    ) -> Result<Answer<Vec<Attachment>>, GraphError> {
        let call = Call::get("message_attachments", &[message.as_str()]).auth(auth).query("fields", "id,attachments");
        self.send_and(call, |body| Message::decode(lenient::answer(body)?).map(|message| message.attachments)).await
    }

    /// One page of a conversation's messages, newest first.
    pub async fn conversation_messages(
        &self,
        auth: &GraphAuth,
        platform: Platform,
        thread: &ThreadId,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<Answer<Page<Message>>, GraphError> {
        let answer = self.conversation_messages_into(auth, platform, thread, limit, after, ready(())).await?;
        Ok(answer.map(|(messages, ())| messages))
    }

    /// The same, read once there is `room` for it.
    pub async fn conversation_messages_into<R>(
        &self,
        auth: &GraphAuth,
        platform: Platform,
        thread: &ThreadId,
        limit: u32,
        after: Option<&Cursor>,
        room: impl Future<Output = R>,
    ) -> Result<Answer<(Page<Message>, R)>, GraphError> {
        let call = Call::get("conversation_messages", &[thread.as_str(), "messages"])
            .auth(auth)
            .query("fields", platform.message_fields())
            .query("limit", limit.to_string());
        self.send_page_into(continued(call, after), room).await
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireConversation {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<ThreadId>,
    #[serde(deserialize_with = "lenient::time")]
    updated_time: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::number")]
    unread_count: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    message_count: Option<u64>,
    #[serde(deserialize_with = "lenient::truth")]
    can_reply: Option<bool>,
    #[serde(deserialize_with = "lenient::edge")]
    participants: List<Participant>,
    #[serde(deserialize_with = "lenient::object")]
    messages: Option<WirePage<Message>>,
}

impl Decode for Conversation {
    type Wire = WireConversation;

    fn decode(wire: WireConversation) -> Option<Self> {
        Some(Self {
            id: wire.id?,
            updated_time: wire.updated_time,
            unread_count: wire.unread_count.map(clamped).unwrap_or_default(),
            message_count: wire.message_count.map(clamped),
            can_reply: wire.can_reply,
            participants: wire.participants.entries,
            messages: wire.messages.map(Page::from).unwrap_or_default(),
        })
    }
}

fn clamped(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireParticipant {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    username: Option<String>,
}

impl Decode for Participant {
    type Wire = WireParticipant;

    fn decode(wire: WireParticipant) -> Option<Self> {
        Some(Self { id: wire.id?, name: wire.name, username: wire.username })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireMessage {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<Mid>,
    #[serde(deserialize_with = "lenient::time")]
    created_time: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::object")]
    from: Option<WireParticipant>,
    #[serde(deserialize_with = "lenient::edge")]
    to: List<Participant>,
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient::edge")]
    attachments: List<Attachment>,
    #[serde(deserialize_with = "lenient::edge")]
    reactions: List<MessageReaction>,
    #[serde(deserialize_with = "lenient::object")]
    reply_to: Option<WireReplyTo>,
    #[serde(deserialize_with = "lenient::object")]
    story: Option<WireStory>,
    #[serde(deserialize_with = "lenient::truth")]
    is_unsupported: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireReplyTo {
    #[serde(deserialize_with = "lenient::id")]
    mid: Option<Mid>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireReaction {
    #[serde(deserialize_with = "lenient::text")]
    reaction: Option<String>,
    users: List<Participant>,
}

impl Decode for MessageReaction {
    type Wire = WireReaction;

    fn decode(wire: WireReaction) -> Option<Self> {
        let user_ids = wire.users.entries.into_iter().map(|user| user.id).collect();
        Some(Self { emoji: wire.reaction?, user_ids })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireStory {
    #[serde(deserialize_with = "lenient::object")]
    reply_to: Option<WireStoryReference>,
    #[serde(deserialize_with = "lenient::object")]
    mention: Option<WireStoryReference>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireStoryReference {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    link: Option<String>,
}

impl WireStory {
    fn story(self) -> Option<Story> {
        let answered = |story: WireStoryReference| Story::Answered { id: story.id, link: story.link };
        let mentioned = |story: WireStoryReference| Story::Mentioned { id: story.id, link: story.link };
        self.reply_to.map(answered).or(self.mention.map(mentioned))
    }
}

impl Decode for Message {
    type Wire = WireMessage;

    fn decode(wire: WireMessage) -> Option<Self> {
        Some(Self {
            id: wire.id?,
            created_time: wire.created_time,
            from: wire.from.and_then(Participant::decode),
            to: wire.to.entries,
            text: wire.message,
            attachments: wire.attachments.entries,
            reactions: wire.reactions.entries,
            reply_to: wire.reply_to.and_then(|reply| reply.mid),
            story: wire.story.and_then(WireStory::story),
            is_unsupported: wire.is_unsupported.unwrap_or_default(),
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireAttachment {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    mime_type: Option<String>,
    #[serde(deserialize_with = "lenient::number")]
    size: Option<u64>,
    #[serde(deserialize_with = "lenient::object")]
    image_data: Option<WireMedia>,
    #[serde(deserialize_with = "lenient::object")]
    video_data: Option<WireMedia>,
    #[serde(deserialize_with = "lenient::text")]
    file_url: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    generic_template: Option<WireTemplate>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireMedia {
    #[serde(deserialize_with = "lenient::text")]
    url: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    preview_url: Option<String>,
    #[serde(deserialize_with = "lenient::truth")]
    render_as_sticker: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireTemplate {
    #[serde(deserialize_with = "lenient::text")]
    title: Option<String>,
}

impl Decode for Attachment {
    type Wire = WireAttachment;

    fn decode(wire: WireAttachment) -> Option<Self> {
        let mime_type = wire.mime_type.as_deref().unwrap_or_default();
        let is_sticker = wire.image_data.as_ref().is_some_and(|image| image.render_as_sticker == Some(true));
        let kind = if is_sticker {
            AttachmentKind::Sticker
        } else if wire.image_data.is_some() || mime_type.starts_with("image/") {
            AttachmentKind::Image
        } else if wire.video_data.is_some() || mime_type.starts_with("video/") {
            AttachmentKind::Video
        } else if mime_type.starts_with("audio/") {
            AttachmentKind::Audio
        } else if wire.generic_template.is_some() {
            AttachmentKind::Template
        } else {
            AttachmentKind::File
        };
        let media = wire.image_data.or(wire.video_data).unwrap_or_default();
        let title = wire.generic_template.and_then(|template| template.title);
        Some(Self {
            id: wire.id,
            kind,
            name: wire.name.or(title),
            mime_type: wire.mime_type,
            size: wire.size,
            url: media.url.or(wire.file_url),
            preview_url: media.preview_url,
        })
    }
}
