//! Instagram's comments, mentions and stories (Instagram Platform, "Webhook examples").

use serde::Deserialize;

use super::changes::{Author, WireAuthor};
use crate::domain::ids::{CommentId, MediaId};
use crate::lenient;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstagramComment {
    pub comment_id: CommentId,
    /// The comment that it answers.
    pub parent_id: Option<CommentId>,
    pub media_id: Option<MediaId>,
    /// `FEED`, `REELS`, `STORY`, `AD`, `LIVE`.
    pub product_type: Option<String>,
    pub author: Option<Author>,
    pub text: Option<String>,
    /// Below a live video.
    pub is_live: bool,
}

/// Somebody named the account in a caption or a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstagramMention {
    pub media_id: MediaId,
    pub comment_id: Option<CommentId>,
}

/// The figures of a story that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryInsights {
    pub media_id: MediaId,
    pub reach: Option<u64>,
    pub replies: Option<u64>,
    pub exits: Option<u64>,
    pub taps_forward: Option<u64>,
    pub taps_back: Option<u64>,
    pub impressions: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireComment {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<CommentId>,
    /// So one of Meta's samples names it.
    #[serde(deserialize_with = "lenient::id")]
    comment_id: Option<CommentId>,
    #[serde(deserialize_with = "lenient::id")]
    parent_id: Option<CommentId>,
    #[serde(deserialize_with = "lenient::text")]
    text: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    from: Option<WireAuthor>,
    #[serde(deserialize_with = "lenient::object")]
    media: Option<WireMedia>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireMedia {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<MediaId>,
    #[serde(deserialize_with = "lenient::text")]
    media_product_type: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireMention {
    #[serde(deserialize_with = "lenient::id")]
    media_id: Option<MediaId>,
    #[serde(deserialize_with = "lenient::id")]
    comment_id: Option<CommentId>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireStoryInsights {
    #[serde(deserialize_with = "lenient::id")]
    media_id: Option<MediaId>,
    #[serde(deserialize_with = "lenient::number")]
    reach: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    replies: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    exits: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    taps_forward: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    taps_back: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    impressions: Option<u64>,
}

pub(super) fn comment(wire: WireComment, is_live: bool) -> Option<InstagramComment> {
    let media = wire.media.unwrap_or_default();
    Some(InstagramComment {
        comment_id: wire.id.or(wire.comment_id)?,
        parent_id: wire.parent_id,
        media_id: media.id,
        product_type: media.media_product_type,
        author: wire.from.and_then(WireAuthor::author),
        text: wire.text,
        is_live,
    })
}

pub(super) fn mention(wire: WireMention) -> Option<InstagramMention> {
    Some(InstagramMention { media_id: wire.media_id?, comment_id: wire.comment_id })
}

pub(super) fn story_insights(wire: WireStoryInsights) -> Option<StoryInsights> {
    Some(StoryInsights {
        media_id: wire.media_id?,
        reach: wire.reach,
        replies: wire.replies,
        exits: wire.exits,
        taps_forward: wire.taps_forward,
        taps_back: wire.taps_back,
        impressions: wire.impressions,
    })
}
