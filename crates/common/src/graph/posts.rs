//! A Page's posts with their engagement, and new ones with links and pictures ("Page Feed", "Post" and "Photo" references).

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::paging::{Cursor, Page, continued};
use super::request::{Answer, Call};
use crate::domain::ids::{PageId, PhotoId, PostId};
use crate::lenient::{self, Decode};

/// Posts or comments of one call; Meta refuses more.
pub const POSTS_AT_ONCE: u32 = 100;

/// Objects that one request may name by `ids`.
pub const IDS_AT_ONCE: usize = 50;

/// Counts alone: `limit(0)` leaves out who liked and commented, whose lists would carry the token in their addresses.
const POST_FIELDS: &str = "id,message,created_time,permalink_url,full_picture,status_type,is_published,shares,\
     likes.limit(0).summary(true),comments.limit(0).summary(true),reactions.limit(0).summary(total_count)";

/// A post of a Page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagePost {
    pub id: PostId,
    /// None for a picture without words.
    pub message: Option<String>,
    pub created_time: Option<DateTime<Utc>>,
    pub permalink_url: Option<String>,
    /// Meta's address, which expires.
    pub picture_url: Option<String>,
    /// As Meta names it: `added_photos`, `shared_story`, …
    pub status_type: Option<String>,
    pub is_published: bool,
    pub engagement: Engagement,
}

/// How people took to a post.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Engagement {
    pub likes: u64,
    /// Likes among them.
    pub reactions: u64,
    pub comments: u64,
    pub shares: u64,
}

/// A post to publish. It has a message, a link, or pictures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewPost {
    pub message: Option<String>,
    pub link: Option<String>,
    /// Uploaded and kept back: [`NewPhoto::kept_back`].
    pub photos: Vec<PhotoId>,
    /// Ten minutes to 30 days from now; at once where not given.
    pub publish_at: Option<DateTime<Utc>>,
}

/// A picture to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPhoto {
    /// Meta fetches it: it must be public.
    pub url: String,
    pub caption: Option<String>,
    /// Not to be a post by itself, but one of several pictures of [`NewPost`]; Meta keeps it for about a day.
    pub kept_back: bool,
}

/// What Meta took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedPhoto {
    pub id: PhotoId,
    /// Of a picture that was not kept back.
    pub post_id: Option<PostId>,
}

impl GraphClient {
    /// One page of the posts that a Page has published, newest first. Meta keeps about 600 of a year.
    pub async fn published_posts(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        limit: NonZeroU32,
        after: Option<&Cursor>,
    ) -> Result<Answer<Page<PagePost>>, GraphError> {
        let call = Call::get("published_posts", &[page.as_str(), "published_posts"])
            .auth(auth)
            .query("fields", POST_FIELDS)
            .query("limit", limit.get().min(POSTS_AT_ONCE).to_string());
        self.send_page(continued(call, after)).await
    }

    pub async fn post(&self, auth: &GraphAuth, post: &PostId) -> Result<Answer<PagePost>, GraphError> {
        let call = Call::get("post", &[post.as_str()]).auth(auth).query("fields", POST_FIELDS);
        self.send_and(call, |body| PagePost::decode(lenient::answer(body)?)).await
    }

    /// Several posts by one request, each counted as a call; at most [`IDS_AT_ONCE`]. A post that is gone fails all of
    /// them: then one by one.
    pub async fn posts(&self, auth: &GraphAuth, posts: &[PostId]) -> Result<Answer<Vec<PagePost>>, GraphError> {
        let ids = posts.iter().map(PostId::as_str).collect::<Vec<_>>().join(",");
        let call = Call::get("posts", &[])
            .auth(auth)
            .query("ids", ids)
            .query("fields", POST_FIELDS)
            .calls(u32::try_from(posts.len()).unwrap_or(u32::MAX));
        self.send_and(call, |body| lenient::by_id::<PagePost>(body, posts.iter().map(PostId::as_str))).await
    }

    /// Publishes a post, or has it wait for its time. There is no key against doubles.
    pub async fn publish_post(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        post: &NewPost,
    ) -> Result<Answer<PostId>, GraphError> {
        let mut call = Call::post("publish_post", &[page.as_str(), "feed"]).auth(auth);
        if let Some(message) = &post.message {
            call = call.form("message", message.as_str());
        }
        if let Some(link) = &post.link {
            call = call.form("link", link.as_str());
        }
        if !post.photos.is_empty() {
            let attached: Vec<_> = post.photos.iter().map(|photo| json!({ "media_fbid": photo })).collect();
            call = call.form("attached_media", json!(attached).to_string());
        }
        if let Some(at) = post.publish_at {
            call = call.form("published", "false").form("scheduled_publish_time", at.timestamp().to_string());
        }
        self.send_and(call, |body| lenient::answer::<WirePublished>(body)?.id).await
    }

    /// Uploads a picture; it becomes a post at once unless it is kept back.
    pub async fn upload_photo(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        photo: &NewPhoto,
    ) -> Result<Answer<UploadedPhoto>, GraphError> {
        let mut call = Call::post("upload_photo", &[page.as_str(), "photos"])
            .auth(auth)
            .form("url", photo.url.as_str())
            .form("published", (!photo.kept_back).to_string());
        if let Some(caption) = &photo.caption {
            call = call.form("caption", caption.as_str());
        }
        let read = |body: &[u8]| {
            let wire: WirePhoto = lenient::answer(body)?;
            Some(UploadedPhoto { id: wire.id?, post_id: wire.post_id })
        };
        self.send_and(call, read).await
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WirePhoto {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<PhotoId>,
    #[serde(deserialize_with = "lenient::id")]
    post_id: Option<PostId>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WirePublished {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<PostId>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WirePost {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<PostId>,
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient::time")]
    created_time: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::text")]
    permalink_url: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    full_picture: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    status_type: Option<String>,
    #[serde(deserialize_with = "lenient::truth")]
    is_published: Option<bool>,
    #[serde(deserialize_with = "lenient::object")]
    shares: Option<WireShares>,
    #[serde(deserialize_with = "lenient::object")]
    likes: Option<WireSummarised>,
    #[serde(deserialize_with = "lenient::object")]
    comments: Option<WireSummarised>,
    #[serde(deserialize_with = "lenient::object")]
    reactions: Option<WireSummarised>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireShares {
    #[serde(deserialize_with = "lenient::number")]
    count: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireSummarised {
    #[serde(deserialize_with = "lenient::object")]
    summary: Option<WireSummary>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireSummary {
    #[serde(deserialize_with = "lenient::number")]
    total_count: Option<u64>,
}

impl Decode for PagePost {
    type Wire = WirePost;

    fn decode(wire: WirePost) -> Option<Self> {
        let total = |edge: Option<WireSummarised>| edge.and_then(|edge| edge.summary?.total_count).unwrap_or_default();
        Some(Self {
            id: wire.id?,
            message: wire.message.filter(|message| !message.is_empty()),
            created_time: wire.created_time,
            permalink_url: wire.permalink_url,
            picture_url: wire.full_picture,
            status_type: wire.status_type,
            is_published: wire.is_published.unwrap_or(true),
            engagement: Engagement {
                likes: total(wire.likes),
                reactions: total(wire.reactions),
                comments: total(wire.comments),
                shares: wire.shares.and_then(|shares| shares.count).unwrap_or_default(),
            },
        })
    }
}
