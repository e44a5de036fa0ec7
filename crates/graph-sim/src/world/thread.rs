//! What happened in a conversation while the simulator ran, laid over its history.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::message_change::MessageChange;
use crate::clock::Millis;

/// A message that was sent while the simulator ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SentMessage {
    pub(crate) at_ms: Millis,
    pub(crate) from_page: bool,
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachments: Vec<Attachment>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    pub(crate) kind: AttachmentKind,
    /// One of the simulator's own pictures where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    pub(crate) id: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AttachmentKind {
    Image,
    Audio,
    Video,
    File,
    Sticker,
}

impl AttachmentKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::File => "file",
            Self::Sticker => "sticker",
        }
    }

    pub(crate) fn mime_type(self) -> &'static str {
        match self {
            Self::Image | Self::Sticker => "image/png",
            Self::Audio => "audio/mpeg",
            Self::Video => "video/mp4",
            Self::File => "application/pdf",
        }
    }
}

/// How the User Profile API answers for a customer; Meta documents all four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProfileAnswer {
    Full,
    /// `{}`
    Empty,
    /// Code 2018218.
    Unavailable,
    /// Code 2018247.
    Forbidden,
}

/// The changes to one conversation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Thread {
    pub(crate) sent: Vec<SentMessage>,
    pub(crate) customer: CustomerChange,
    /// By the messages' indexes.
    pub(crate) changed: BTreeMap<u32, MessageChange>,
}

/// What can be changed about a customer; `None`: as generated, or as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CustomerChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<ProfileAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unread_count: Option<u32>,
    /// False for who blocked the Page or left Messenger: sends fail with code 551.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reachable: Option<bool>,
    /// True for who blocked the business: sends fail with code 2, as if the service were down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) blocks_page: Option<bool>,
}

impl CustomerChange {
    /// This one, and `later` where that says something.
    pub(crate) fn then(self, later: Self) -> Self {
        Self {
            name: later.name.or(self.name),
            profile: later.profile.or(self.profile),
            unread_count: later.unread_count.or(self.unread_count),
            reachable: later.reachable.or(self.reachable),
            blocks_page: later.blocks_page.or(self.blocks_page),
        }
    }
}
