//! How posts and comments look in answers.

use chrono::{DateTime, Utc};
use pagekeeper_store::posts;
use serde::Serialize;
use utoipa::ToSchema;

use crate::connections::briefs::Briefs;
use crate::connections::views::ConnectionBrief;

/// A post of a Page, or a medium on Instagram. Of one from before the connection only what was told of it is known.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "Meta's names")]
pub(crate) struct Post {
    #[schema(example = 310)]
    pub id: i64,
    pub connection: ConnectionBrief,
    /// Meta's id.
    #[schema(example = "1122334455_98765")]
    pub post_id: String,
    /// As Meta names it.
    #[schema(example = "photo")]
    pub kind: Option<String>,
    pub author: Option<Author>,
    /// Null of one that was removed, too.
    #[schema(example = "Fresh bread from six o'clock")]
    pub message: Option<String>,
    pub is_published: bool,
    pub is_hidden: bool,
    /// Somebody else's, which names the account.
    pub is_mention: bool,
    /// The earliest time at which it was there.
    pub posted_at: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
    pub removed_at: Option<DateTime<Utc>>,
    /// The figures of a story that has ended.
    #[schema(value_type = Option<Object>, example = json!({"reach": 396, "replies": 2}))]
    pub insights: Option<serde_json::Value>,
    /// At most 1,000.
    #[schema(example = 12)]
    pub comment_count: u32,
    /// At most 1,000.
    #[schema(example = 87)]
    pub reaction_count: u32,
}

/// A comment, or an answer to one.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "Meta's names")]
pub(crate) struct Comment {
    #[schema(example = 4_711)]
    pub id: i64,
    /// Meta's id.
    #[schema(example = "98765_4321")]
    pub comment_id: String,
    /// Meta's id of the comment that it answers.
    pub parent_id: Option<String>,
    pub author: Option<Author>,
    /// Null of one that was removed, too.
    #[schema(example = "How much is it?")]
    pub message: Option<String>,
    pub is_hidden: bool,
    /// Below a live video.
    pub is_live: bool,
    /// It names the account.
    pub is_mention: bool,
    pub posted_at: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
    pub removed_at: Option<DateTime<Utc>>,
    /// At most 1,000.
    #[schema(example = 3)]
    pub reaction_count: u32,
}

/// Who wrote it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Author {
    /// Meta's id.
    #[schema(example = "6899200000000000")]
    pub id: String,
    #[schema(example = "Freja Holm")]
    pub name: Option<String>,
}

impl Post {
    pub(super) fn new(row: posts::Post, briefs: &Briefs) -> Self {
        Self {
            id: row.id.get(),
            connection: ConnectionBrief::new(row.connection_id, briefs.get(&row.connection_id)),
            post_id: row.post_id,
            kind: row.kind,
            author: author(row.author_id, row.author_name),
            message: row.message,
            is_published: row.is_published,
            is_hidden: row.is_hidden,
            is_mention: row.is_mention,
            posted_at: row.posted_at,
            edited_at: row.edited_at,
            removed_at: row.removed_at,
            insights: row.insights,
            comment_count: row.comments,
            reaction_count: row.reactions,
        }
    }
}

impl From<posts::Comment> for Comment {
    fn from(row: posts::Comment) -> Self {
        Self {
            id: row.id,
            comment_id: row.comment_id,
            parent_id: row.parent_id,
            author: author(row.author_id, row.author_name),
            message: row.message,
            is_hidden: row.is_hidden,
            is_live: row.is_live,
            is_mention: row.is_mention,
            posted_at: row.posted_at,
            edited_at: row.edited_at,
            removed_at: row.removed_at,
            reaction_count: row.reactions,
        }
    }
}

fn author(id: Option<String>, name: Option<String>) -> Option<Author> {
    Some(Author { id: id?, name })
}
