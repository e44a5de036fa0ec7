//! What happened in a conversation while the simulator ran, laid over its history.

use serde::{Deserialize, Serialize};

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
    /// `None`: as generated.
    pub(crate) unread_count: Option<u32>,
    pub(crate) name: Option<String>,
    pub(crate) profile: Option<ProfileAnswer>,
}
