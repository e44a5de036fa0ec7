use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz};
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::{ConnectionId, PostRowId};
use serde_json::Value;

use crate::columns::Column;

/// Comments and reactions of a post are counted up to this.
pub const COUNT_CAP: u32 = 1_000;

/// A post of a Page, or a medium on Instagram. Of one from before the connection only what was told of it is known.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Post {
    #[diesel(sql_type = BigInt, deserialize_as = Column<PostRowId>)]
    pub id: PostRowId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
    pub connection_id: ConnectionId,
    #[diesel(sql_type = Text)]
    pub post_id: String,
    /// As Meta names it: `status`, `photo`, `video`, …
    #[diesel(sql_type = Nullable<Text>)]
    pub kind: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub author_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub author_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub message: Option<String>,
    #[diesel(sql_type = Bool)]
    pub is_published: bool,
    #[diesel(sql_type = Bool)]
    pub is_hidden: bool,
    #[diesel(sql_type = Bool)]
    pub is_mention: bool,
    /// The earliest time at which it was there.
    #[diesel(sql_type = Timestamptz)]
    pub posted_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub edited_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub removed_at: Option<DateTime<Utc>>,
    /// The figures of a story that has ended.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub insights: Option<Value>,
    /// At most [`COUNT_CAP`].
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub comments: u32,
    /// Of the post itself, at most [`COUNT_CAP`].
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub reactions: u32,
}

/// A comment below a post.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Comment {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub comment_id: String,
    /// The comment that it answers.
    #[diesel(sql_type = Nullable<Text>)]
    pub parent_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub author_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub author_name: Option<String>,
    /// Null of one that was removed.
    #[diesel(sql_type = Nullable<Text>)]
    pub message: Option<String>,
    #[diesel(sql_type = Bool)]
    pub is_hidden: bool,
    #[diesel(sql_type = Bool)]
    pub is_live: bool,
    #[diesel(sql_type = Bool)]
    pub is_mention: bool,
    #[diesel(sql_type = Timestamptz)]
    pub posted_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub edited_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub removed_at: Option<DateTime<Utc>>,
    /// At most [`COUNT_CAP`].
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub reactions: u32,
}

/// Which posts, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostsPage {
    pub connection_id: Option<ConnectionId>,
    /// None: from the newest on.
    pub older_than: Option<KeysetCursor>,
    pub limit: u32,
}

impl Post {
    /// Where it stands in its list's order.
    pub fn cursor(&self) -> KeysetCursor {
        KeysetCursor { at: self.posted_at, id: self.id.get() }
    }
}

impl Comment {
    /// Where it stands in its list's order.
    pub fn cursor(&self) -> KeysetCursor {
        KeysetCursor { at: self.posted_at, id: self.id }
    }
}
