//! A message as webhooks tell of it (Messenger Platform, "messages" webhook; Instagram Platform, "Webhook examples").

use serde::Deserialize;

use crate::domain::ids::Mid;
use crate::lenient::{self, Decode, List};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub mid: Mid,
    /// As it was written, of any length.
    pub text: Option<String>,
    pub attachments: Vec<Attachment>,
    /// What the button said to the app.
    pub quick_reply: Option<String>,
    pub reply_to: Option<ReplyTo>,
    /// The ad or the shop that it began with.
    pub referral: Option<Referral>,
    /// Of an echo: the app that sent it.
    pub app_id: Option<String>,
    /// Of an echo: what the app gave to it.
    pub metadata: Option<String>,
    /// Instagram does not give its content to apps.
    pub is_unsupported: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// As Meta names it: `image`, `audio`, `video`, `file`, `sticker`, `fallback`, `template`, `reel`, `story_mention`, …
    pub kind: String,
    pub title: Option<String>,
    /// Meta's address, which expires.
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyTo {
    Message(Mid),
    /// Instagram.
    Story(StoryReference),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryReference {
    pub id: Option<String>,
    /// Dies with the story, after a day.
    pub url: Option<String>,
}

/// Where a person came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// What the link said.
    pub reference: Option<String>,
    /// `ADS`, `SHORTLINK`, `CUSTOMER_CHAT_PLUGIN`, …
    pub source: Option<String>,
    pub ad_id: Option<String>,
    pub ad_title: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireMessage {
    #[serde(deserialize_with = "lenient::id")]
    mid: Option<Mid>,
    #[serde(deserialize_with = "lenient::text")]
    text: Option<String>,
    attachments: List<Attachment>,
    #[serde(deserialize_with = "lenient::object")]
    quick_reply: Option<WirePayload>,
    #[serde(deserialize_with = "lenient::object")]
    reply_to: Option<WireReplyTo>,
    #[serde(deserialize_with = "lenient::object")]
    referral: Option<WireReferral>,
    #[serde(deserialize_with = "lenient::text")]
    app_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    metadata: Option<String>,
    #[serde(deserialize_with = "lenient::truth")]
    is_echo: Option<bool>,
    #[serde(deserialize_with = "lenient::truth")]
    is_deleted: Option<bool>,
    #[serde(deserialize_with = "lenient::truth")]
    is_unsupported: Option<bool>,
}

impl WireMessage {
    pub(super) fn is_echo(&self) -> bool {
        self.is_echo == Some(true)
    }

    /// The id of a message that its sender took back.
    pub(super) fn deleted(&self) -> Option<Mid> {
        self.mid.clone().filter(|_| self.is_deleted == Some(true))
    }

    pub(super) fn message(self) -> Option<Message> {
        let attachments = self.attachments.entries;
        Some(Message {
            mid: self.mid?,
            text: self.text,
            is_unsupported: self.is_unsupported == Some(true)
                || attachments.iter().any(|attachment| attachment.kind == "unsupported_type"),
            attachments,
            quick_reply: self.quick_reply.and_then(|reply| reply.payload),
            reply_to: self.reply_to.and_then(WireReplyTo::reply_to),
            referral: self.referral.map(Referral::from),
            app_id: self.app_id,
            metadata: self.metadata,
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WirePayload {
    #[serde(deserialize_with = "lenient::text")]
    payload: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireReplyTo {
    #[serde(deserialize_with = "lenient::id")]
    mid: Option<Mid>,
    #[serde(deserialize_with = "lenient::object")]
    story: Option<WireStory>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireStory {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    url: Option<String>,
}

impl WireReplyTo {
    fn reply_to(self) -> Option<ReplyTo> {
        let story = |story: WireStory| ReplyTo::Story(StoryReference { id: story.id, url: story.url });
        self.mid.map(ReplyTo::Message).or_else(|| self.story.map(story))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireReferral {
    #[serde(rename = "ref", deserialize_with = "lenient::text")]
    reference: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    source: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    ad_id: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    ads_context_data: Option<WireAd>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireAd {
    #[serde(deserialize_with = "lenient::text")]
    ad_title: Option<String>,
}

impl From<WireReferral> for Referral {
    fn from(wire: WireReferral) -> Self {
        let ad_title = wire.ads_context_data.and_then(|ad| ad.ad_title);
        Self { reference: wire.reference, source: wire.source, ad_id: wire.ad_id, ad_title }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireAttachment {
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    kind: Option<String>,
    /// Older shapes have title and address beside the payload.
    #[serde(deserialize_with = "lenient::text")]
    title: Option<String>,
    #[serde(alias = "URL", deserialize_with = "lenient::text")]
    url: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    payload: Option<WireMedia>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireMedia {
    #[serde(deserialize_with = "lenient::text")]
    title: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    url: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    sticker_id: Option<String>,
}

impl Decode for Attachment {
    type Wire = WireAttachment;

    fn decode(wire: WireAttachment) -> Option<Self> {
        let media = wire.payload.unwrap_or_default();
        // Until the end of August 2026 a sticker comes as an image with a sticker's id (changelog of 2026-06-01).
        let kind = if media.sticker_id.is_some() { "sticker".to_owned() } else { wire.kind? };
        Some(Self { kind, title: media.title.or(wire.title), url: media.url.or(wire.url) })
    }
}
