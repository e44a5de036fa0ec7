//! `POST /{page}/messages`: the Send API ("Send API" reference, "Send a message", "Sender actions").
//!
//! What is sent stands in the conversation at once; the app hears of it by an echo. There is no key that would keep a
//! message from being sent twice.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::call::{Answered, Call};
use super::error::GraphError;
use super::request::GraphRequest;
use crate::clock::{DAY, Millis};
use crate::json::JsonWriter;
use crate::limits::Rate;
use crate::webhooks::messages::Draft;
use crate::world::Page;
use crate::world::config::Task;
use crate::world::draw::Draw;
use crate::world::message_change::MessageChange;
use crate::world::surface::Surface;
use crate::world::thread::{Attachment, AttachmentKind, CustomerChange};

/// "less than 2000 characters"
const TEXT_LIMIT: usize = 2_000;
/// Bytes.
const INSTAGRAM_TEXT_LIMIT: usize = 1_000;
const METADATA_LIMIT: usize = 1_000;
const QUICK_REPLIES_MAX: usize = 13;

/// How long after the customer's last message the Page may answer, and a human with the tag `HUMAN_AGENT`.
const STANDARD_WINDOW: Millis = DAY;
const HUMAN_AGENT_WINDOW: Millis = 7 * DAY;

/// Tags that ended on 2026-04-27 ("Changelog" of the Messenger Platform).
const DEAD_TAGS: &[&str] = &["ACCOUNT_UPDATE", "CONFIRMED_EVENT_UPDATE", "POST_PURCHASE_UPDATE"];

#[derive(Deserialize)]
struct Recipient {
    id: Option<String>,
    comment_id: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    text: Option<String>,
    attachment: Option<MessageAttachment>,
    #[serde(default)]
    quick_replies: Vec<QuickReply>,
    metadata: Option<String>,
}

#[derive(Deserialize)]
struct MessageAttachment {
    #[serde(rename = "type")]
    kind: AttachmentKind,
    payload: AttachmentPayload,
}

#[derive(Deserialize)]
struct AttachmentPayload {
    url: Option<String>,
    attachment_id: Option<String>,
    #[serde(default)]
    is_reusable: bool,
}

#[derive(Deserialize)]
struct QuickReply {
    content_type: String,
    title: Option<String>,
}

#[derive(Deserialize)]
struct ActionPayload {
    message_id: String,
    reaction: Option<String>,
}

pub(crate) fn send(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    call.require_page_token(page, &[])?;
    call.require_task(page, &[Task::Messaging])?;
    let recipient = parameter::<Recipient>(call, "recipient")?;
    let recipient = recipient.ok_or_else(|| GraphError::parameter("The parameter recipient is required."))?;
    let psid = match recipient {
        Recipient { id: Some(psid), comment_id: None } => psid,
        Recipient { id: None, comment_id: Some(comment) } => return reply_privately(call, page, &comment, writer),
        _ => return Err(GraphError::parameter("Param recipient must have an id or a comment_id.")),
    };
    let (owner, conversation) = call.sim.world.customer_by_psid(&psid).ok_or_else(GraphError::no_matching_user)?;
    // A PSID is the customer's id at one Page, or at its Instagram account.
    let page = if owner.index.owner() == page.index { owner } else { page };
    may_send(call, page)?;
    if owner.index != page.index || !page.inbox.read().has_conversation(conversation) {
        return Err(GraphError::no_matching_user());
    }
    match (parameter::<Message>(call, "message")?, call.param("sender_action")) {
        (Some(_), Some(_)) => Err(GraphError::message_and_action()),
        (None, Some(action)) => act(call, page, conversation, action, &psid, writer),
        (Some(message), None) => send_message(call, page, conversation, message, &psid, writer),
        (None, None) => Err(GraphError::parameter("The parameter message or sender_action is required.")),
    }
}

fn may_send(call: &Call<'_>, page: &Page) -> Answered {
    match page.surface() {
        Surface::Messenger => call.require_page_token(page, &["pages_messaging"]),
        Surface::Instagram => call.require_page_token(page, &["instagram_basic", "instagram_manage_messages"]),
    }
}

/// Audio and video are sent more slowly.
pub(crate) fn rate(request: &GraphRequest) -> Rate {
    let message = request.params.get("message").and_then(|text| serde_json::from_str::<Message>(text).ok());
    match message.and_then(|message| message.attachment).map(|attachment| attachment.kind) {
        Some(AttachmentKind::Audio | AttachmentKind::Video) => Rate::MediaSends,
        _ => Rate::Sends,
    }
}

fn send_message(
    call: &Call<'_>,
    page: &Page,
    conversation: u32,
    message: Message,
    psid: &str,
    writer: &mut JsonWriter,
) -> Answered {
    let window = window(call)?;
    if let Some(persona) = call.param("persona_id") {
        let own = call.sim.world.persona_by_id(persona).is_some_and(|(owner, _)| owner.index == page.index);
        if !own {
            return Err(GraphError::parameter("Param persona_id is not a persona of the Page."));
        }
    }
    check(&message)?;
    if page.surface() == Surface::Instagram && message.text.as_deref().map_or(0, str::len) > INSTAGRAM_TEXT_LIMIT {
        return Err(GraphError::parameter("Length of param message[text] must be less than or equal to 1000"));
    }
    require_open_window(call, page, conversation, window)?;
    let outgoing = Outgoing::of(call, message)?;
    outgoing.deliver(call, page, conversation, psid, writer);
    Ok(())
}

/// One message to who commented, within seven days; it needs no open window.
fn reply_privately(call: &Call<'_>, page: &Page, comment_id: &str, writer: &mut JsonWriter) -> Answered {
    let unknown = || GraphError::unsupported("post", comment_id);
    let found = call.sim.world.comment_by_id(comment_id).filter(|(owner, _)| owner.index == page.index);
    let (_, number) = found.ok_or_else(unknown)?;
    let customer = page.posts.read().comment(number).and_then(|comment| comment.customer).ok_or_else(unknown)?;
    may_send(call, page)?;
    let message = parameter::<Message>(call, "message")?;
    let message = message.ok_or_else(|| GraphError::parameter("The parameter message is required."))?;
    check(&message)?;
    let outgoing = Outgoing::of(call, message)?;
    if !call.sim.claim_private_reply(page, number) {
        let is_replied = page.posts.read().is_replied(number);
        return Err(if is_replied { GraphError::already_replied() } else { GraphError::outside_window() });
    }
    let psid = call.sim.world.ids.psid(page.conversation(customer));
    outgoing.deliver(call, page, customer, &psid, writer);
    Ok(())
}

/// A message of which nothing can fail any more.
struct Outgoing {
    draft: Draft,
    metadata: Option<String>,
    /// The id of a file that is kept for other messages.
    reusable: Option<u64>,
}

impl Outgoing {
    fn of(call: &Call<'_>, message: Message) -> Result<Self, GraphError> {
        let attachment = message.attachment.map(|attachment| attached(call, attachment)).transpose()?;
        let reusable = attachment.as_ref().filter(|(_, is_reusable)| *is_reusable).map(|(attachment, _)| attachment.id);
        let draft = Draft {
            text: message.text.unwrap_or_default(),
            attachments: attachment.into_iter().map(|(attachment, _)| attachment).collect(),
        };
        Ok(Self { draft, metadata: message.metadata, reusable })
    }

    fn deliver(self, call: &Call<'_>, page: &Page, conversation: u32, psid: &str, writer: &mut JsonWriter) {
        let (sim, base_url) = (call.sim, &call.request.base_url);
        let sent = sim.app_writes(page, conversation, self.draft, self.metadata.as_deref(), base_url);
        writer.object(|writer| {
            writer.string_member("recipient_id", psid);
            writer.string_member("message_id", &sent.mid);
            if let Some(id) = self.reusable {
                writer.string_member("attachment_id", &id.to_string());
            }
        });
    }
}

/// The time that the call's type and tag allow.
fn window(call: &Call<'_>) -> Result<Millis, GraphError> {
    match (call.param("messaging_type").unwrap_or("RESPONSE"), call.param("tag")) {
        ("RESPONSE" | "UPDATE", None) => Ok(STANDARD_WINDOW),
        ("MESSAGE_TAG", Some("HUMAN_AGENT")) => Ok(HUMAN_AGENT_WINDOW),
        ("MESSAGE_TAG", Some(tag)) if DEAD_TAGS.contains(&tag) => {
            Err(GraphError::parameter("This message tag is deprecated."))
        }
        ("MESSAGE_TAG", Some(_)) => Err(GraphError::parameter("Param tag must be one of {HUMAN_AGENT}.")),
        ("MESSAGE_TAG", None) => Err(GraphError::parameter("Param tag is required with MESSAGE_TAG.")),
        ("RESPONSE" | "UPDATE", Some(_)) => {
            Err(GraphError::parameter("Param tag is only allowed with messaging_type MESSAGE_TAG."))
        }
        _ => Err(GraphError::parameter("Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}.")),
    }
}

fn check(message: &Message) -> Answered {
    let characters = |text: &Option<String>| text.as_deref().unwrap_or_default().chars().count();
    match (characters(&message.text), &message.attachment) {
        (0, None) => return Err(GraphError::parameter("The message must have text or an attachment.")),
        (1.., Some(_)) => return Err(GraphError::parameter("The message has both text and an attachment.")),
        (TEXT_LIMIT.., None) => {
            return Err(GraphError::parameter("Length of param message[text] must be less than or equal to 2000"));
        }
        _ => {}
    }
    if characters(&message.metadata) >= METADATA_LIMIT {
        return Err(GraphError::parameter("Length of param message[metadata] must be less than 1000"));
    }
    let is_fit = |reply: &QuickReply| match reply.content_type.as_str() {
        "text" => reply.title.as_deref().is_some_and(|title| !title.is_empty()),
        "user_phone_number" | "user_email" => true,
        _ => false,
    };
    if message.quick_replies.len() > QUICK_REPLIES_MAX || !message.quick_replies.iter().all(is_fit) {
        return Err(GraphError::parameter("Param message[quick_replies] is not valid."));
    }
    Ok(())
}

fn require_open_window(call: &Call<'_>, page: &Page, conversation: u32, window: Millis) -> Answered {
    if !call.sim.is_live() {
        return Err(GraphError::app_not_live());
    }
    let inbox = page.inbox.read();
    if !inbox.is_reachable(conversation) {
        return Err(GraphError::person_unavailable());
    }
    if inbox.blocks_page(conversation) {
        return Err(GraphError::service_unavailable());
    }
    if !page.records.read().is_thread_ours(conversation) {
        return Err(GraphError::thread_controlled());
    }
    let now = call.sim.clock.now_ms();
    match inbox.last_inbound_ms(conversation) {
        Some(at) if now - at < window => Ok(()),
        _ if page.surface() == Surface::Instagram => Err(GraphError::outside_instagram_window()),
        _ => Err(GraphError::outside_window()),
    }
}

/// The file itself is not fetched: it is shown by its address.
fn attached(call: &Call<'_>, attachment: MessageAttachment) -> Result<(Attachment, bool), GraphError> {
    let MessageAttachment { kind, payload } = attachment;
    if kind == AttachmentKind::Sticker {
        return Err(GraphError::parameter(
            "Param message[attachment][type] must be one of {image, audio, video, file}.",
        ));
    }
    let id = match (&payload.url, &payload.attachment_id) {
        (Some(url), None) if is_fetchable(url) => {
            1_000_000_000 + Draw::seeded(0).named(&call.sim.trace_id()).at(0).below(900_000_000)
        }
        (Some(_), None) => return Err(GraphError::attachment_not_fetched()),
        (None, Some(id)) => id.parse().map_err(|_no_number| GraphError::bad_attachment_id())?,
        _ => return Err(GraphError::parameter("The attachment must have a url or an attachment_id.")),
    };
    Ok((Attachment { kind, url: payload.url, id }, payload.is_reusable))
}

/// The id of a file that is uploaded by its address, or in the call itself (`filedata`).
pub(super) fn uploaded(call: &Call<'_>) -> Result<u64, GraphError> {
    let message = parameter::<Message>(call, "message")?;
    let attachment = message.and_then(|message| message.attachment);
    let mut attachment =
        attachment.ok_or_else(|| GraphError::parameter("The parameter message must have an attachment."))?;
    if attachment.payload.url.is_none() && call.param("filedata").is_some() {
        attachment.payload.url = Some(format!("{}/_cdn/attachments/0.png", call.request.base_url));
    }
    attached(call, attachment).map(|(attachment, _)| attachment.id)
}

fn is_fetchable(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|address| matches!(address.scheme(), "http" | "https"))
}

fn act(call: &Call<'_>, page: &Page, conversation: u32, action: &str, psid: &str, writer: &mut JsonWriter) -> Answered {
    match action {
        "mark_seen" if call.sim.varies().mark_seen_reads => {
            let read = CustomerChange { unread_count: Some(0), ..CustomerChange::default() };
            call.sim.change_customer(page, conversation, read);
        }
        "mark_seen" | "typing_on" | "typing_off" => {}
        "react" | "unreact" => {
            let payload = parameter::<ActionPayload>(call, "payload")?
                .ok_or_else(|| GraphError::parameter("The parameter payload is required."))?;
            let key = call.sim.world.ids.parse_message(&payload.message_id);
            let is_of_thread = key.is_some_and(|key| key.conversation == page.conversation(conversation));
            let reaction = payload.reaction.filter(|_| action == "react");
            let (Some(key), true) = (key, is_of_thread && (reaction.is_some() || action == "unreact")) else {
                return Err(GraphError::parameter("Param payload is not valid."));
            };
            let reaction = Some(reaction.unwrap_or_default());
            call.sim.change_message(page, key, MessageChange { reaction, ..MessageChange::default() });
        }
        _ => {
            return Err(GraphError::parameter(
                "Param sender_action must be one of {mark_seen, typing_on, typing_off, react, unreact}.",
            ));
        }
    }
    writer.object(|writer| writer.string_member("recipient_id", psid));
    Ok(())
}

/// A parameter that holds JSON, whether the body was a form or JSON itself.
fn parameter<T: DeserializeOwned>(call: &Call<'_>, name: &str) -> Result<Option<T>, GraphError> {
    let parsed = call.param(name).map(serde_json::from_str).transpose();
    parsed.map_err(|_shape| GraphError::parameter(&format!("Param {name} must be a valid object.")))
}
