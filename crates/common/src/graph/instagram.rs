//! Instagram professional accounts, their media, and what became of them ("IG User", "IG Media", "Instagram Media Insights"
//! references). The account is found through its Page, and the Page's token works for it.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::paging::{Cursor, Page, continued};
use super::request::{Answer, Call};
use crate::domain::ids::{InstagramAccountId, MediaId};
use crate::lenient::{self, Decode, List};

const MEDIA_AT_ONCE: u32 = 100;

const PROFILE_FIELDS: &str =
    "id,username,name,biography,website,profile_picture_url,followers_count,follows_count,media_count";

const MEDIA_FIELDS: &str = "id,caption,media_type,media_product_type,media_url,thumbnail_url,permalink,timestamp,\
     like_count,comments_count";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstagramProfile {
    pub id: InstagramAccountId,
    pub username: Option<String>,
    pub name: Option<String>,
    pub biography: Option<String>,
    pub website: Option<String>,
    /// Meta's address, which expires.
    pub picture_url: Option<String>,
    pub followers: Option<u64>,
    pub follows: Option<u64>,
    pub media: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    Image,
    /// Also a reel.
    Video,
    Carousel,
    /// Newer than this client.
    Unknown,
}

/// A post of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstagramMedia {
    pub id: MediaId,
    pub caption: Option<String>,
    pub media_type: MediaType,
    /// As Meta names it: `FEED`, `REELS`, `STORY`, `AD`.
    pub product_type: Option<String>,
    /// Meta's address, which expires; absent for carousels and for what was flagged.
    pub media_url: Option<String>,
    /// Of videos alone.
    pub thumbnail_url: Option<String>,
    pub permalink: Option<String>,
    pub at: Option<DateTime<Utc>>,
    /// Absent where the owner hides it.
    pub likes: Option<u64>,
    pub comments: Option<u64>,
}

/// One number of one medium, over its whole life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaInsight {
    pub metric: String,
    pub value: u64,
}

impl GraphClient {
    pub async fn instagram_profile(
        &self,
        auth: &GraphAuth,
        account: &InstagramAccountId,
    ) -> Result<Answer<InstagramProfile>, GraphError> {
        let call = Call::get("instagram_profile", &[account.as_str()]).auth(auth).query("fields", PROFILE_FIELDS);
        self.send_and(call, |body| lenient::answer::<WireProfile>(body)?.profile()).await
    }

    /// One page of an account's posts, newest first, without stories; Meta gives the newest 10,000.
    pub async fn instagram_media(
        &self,
        auth: &GraphAuth,
        account: &InstagramAccountId,
        limit: NonZeroU32,
        after: Option<&Cursor>,
    ) -> Result<Answer<Page<InstagramMedia>>, GraphError> {
        let call = Call::get("instagram_media", &[account.as_str(), "media"])
            .auth(auth)
            .query("fields", MEDIA_FIELDS)
            .query("limit", limit.get().min(MEDIA_AT_ONCE).to_string());
        self.send_page(continued(call, after)).await
    }

    /// What became of a medium, as far as Meta knows it: a metric without data is missing, not zero, and numbers may be two
    /// days late. A metric that the medium cannot have fails the call.
    pub async fn media_insights(
        &self,
        auth: &GraphAuth,
        media: &MediaId,
        metrics: &[&str],
    ) -> Result<Answer<Vec<MediaInsight>>, GraphError> {
        let call = Call::get("media_insights", &[media.as_str(), "insights"]).auth(auth);
        let answer = self.send_page(call.query("metric", metrics.join(","))).await?;
        Ok(answer.map(|page| page.data))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireProfile {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<InstagramAccountId>,
    #[serde(deserialize_with = "lenient::text")]
    username: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    biography: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    website: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    profile_picture_url: Option<String>,
    #[serde(deserialize_with = "lenient::number")]
    followers_count: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    follows_count: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    media_count: Option<u64>,
}

impl WireProfile {
    fn profile(self) -> Option<InstagramProfile> {
        Some(InstagramProfile {
            id: self.id?,
            username: self.username,
            name: self.name,
            biography: self.biography,
            website: self.website,
            picture_url: self.profile_picture_url,
            followers: self.followers_count,
            follows: self.follows_count,
            media: self.media_count,
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireMedia {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<MediaId>,
    #[serde(deserialize_with = "lenient::text")]
    caption: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    media_type: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    media_product_type: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    media_url: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    thumbnail_url: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    permalink: Option<String>,
    #[serde(deserialize_with = "lenient::time")]
    timestamp: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::number")]
    like_count: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    comments_count: Option<u64>,
}

impl Decode for InstagramMedia {
    type Wire = WireMedia;

    fn decode(wire: WireMedia) -> Option<Self> {
        let media_type = match wire.media_type.as_deref() {
            Some("IMAGE") => MediaType::Image,
            Some("VIDEO") => MediaType::Video,
            Some("CAROUSEL_ALBUM") => MediaType::Carousel,
            _ => MediaType::Unknown,
        };
        Some(Self {
            id: wire.id?,
            caption: wire.caption,
            media_type,
            product_type: wire.media_product_type,
            media_url: wire.media_url,
            thumbnail_url: wire.thumbnail_url,
            permalink: wire.permalink,
            at: wire.timestamp,
            likes: wire.like_count,
            comments: wire.comments_count,
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireInsight {
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    values: List<InsightValue>,
}

#[derive(Debug, Clone)]
struct InsightValue(u64);

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireInsightValue {
    #[serde(deserialize_with = "lenient::number")]
    value: Option<u64>,
}

impl Decode for InsightValue {
    type Wire = WireInsightValue;

    fn decode(wire: WireInsightValue) -> Option<Self> {
        wire.value.map(Self)
    }
}

impl Decode for MediaInsight {
    type Wire = WireInsight;

    fn decode(wire: WireInsight) -> Option<Self> {
        let InsightValue(value) = wire.values.entries.into_iter().next()?;
        Some(Self { metric: wire.name?, value })
    }
}
