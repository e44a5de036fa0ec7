//! A Page's posts with their engagement, and what people say under them ("Page Feed", "Post" and "Comment" references).

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::paging::{Cursor, Page, continued};
use super::request::{Answer, Call};
use crate::domain::ids::{CommentId, PageId, PostId};
use crate::lenient::{self, Decode};

/// Posts or comments of one call; Meta refuses more.
pub const POSTS_AT_ONCE: u32 = 100;

/// Counts alone: `limit(0)` leaves out who liked and commented, whose lists would carry the token in their addresses.
const POST_FIELDS: &str = "id,message,created_time,permalink_url,full_picture,status_type,is_published,shares,\
     likes.limit(0).summary(true),comments.limit(0).summary(true),reactions.limit(0).summary(total_count)";

const COMMENT_FIELDS: &str = "id,message,created_time,from,can_reply_privately";

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

/// A comment under a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub id: CommentId,
    pub message: Option<String>,
    pub created_time: Option<DateTime<Utc>>,
    /// Absent for people who did not allow it.
    pub author_name: Option<String>,
    pub can_reply_privately: bool,
}

/// A post to publish. It has a message, a link, or both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewPost {
    pub message: Option<String>,
    pub link: Option<String>,
    /// Ten minutes to 30 days from now; at once where not given.
    pub publish_at: Option<DateTime<Utc>>,
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
        if let Some(at) = post.publish_at {
            call = call.form("published", "false").form("scheduled_publish_time", at.timestamp().to_string());
        }
        self.send_and(call, |body| lenient::answer::<WirePublished>(body)?.id).await
    }

    /// One page of the comments under a post, oldest first.
    pub async fn comments(
        &self,
        auth: &GraphAuth,
        post: &PostId,
        limit: NonZeroU32,
        after: Option<&Cursor>,
    ) -> Result<Answer<Page<Comment>>, GraphError> {
        let call = Call::get("comments", &[post.as_str(), "comments"])
            .auth(auth)
            .query("fields", COMMENT_FIELDS)
            .query("order", "chronological")
            .query("filter", "stream")
            .query("limit", limit.get().min(POSTS_AT_ONCE).to_string());
        self.send_page(continued(call, after)).await
    }
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

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireComment {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<CommentId>,
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient::time")]
    created_time: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::object")]
    from: Option<WireAuthor>,
    #[serde(deserialize_with = "lenient::truth")]
    can_reply_privately: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireAuthor {
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
}

impl Decode for Comment {
    type Wire = WireComment;

    fn decode(wire: WireComment) -> Option<Self> {
        Some(Self {
            id: wire.id?,
            message: wire.message,
            created_time: wire.created_time,
            author_name: wire.from.and_then(|author| author.name),
            can_reply_privately: wire.can_reply_privately.unwrap_or_default(),
        })
    }
}
