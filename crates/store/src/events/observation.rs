use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::{Mid, Psid};
use serde::Serialize;
use serde_json::Value;

/// Something that was told of a connection, and is not a message. Meta may tell it in any order, and often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// A message's text was written anew, the `edits`-th time.
    Edited {
        mid: Mid,
        text: String,
        edits: u32,
        at: DateTime<Utc>,
    },
    /// Its sender took it back: nothing of it is kept.
    Deleted {
        mid: Mid,
        at: DateTime<Utc>,
    },
    /// Without an emotion it was taken back.
    Reacted {
        mid: Mid,
        from_page: bool,
        emotion: Option<Emotion>,
        at: DateTime<Utc>,
    },
    /// All messages of the Page until then have arrived.
    Delivered {
        psid: Psid,
        up_to: DateTime<Utc>,
    },
    /// The customer has read all until then.
    Seen {
        psid: Psid,
        up_to: DateTime<Utc>,
    },
    /// Another app answers the conversation now; none where nobody does.
    Handled {
        psid: Psid,
        app_id: Option<String>,
        at: DateTime<Utc>,
    },
    Happened(ConversationEvent),
    Post(PostTold),
    Comment(CommentTold),
    PostReaction(PostReaction),
    /// The Page's own details have other values.
    DetailsChanged {
        at: DateTime<Utc>,
    },
}

/// What somebody feels about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emotion {
    /// `love`, `smile`, `angry`, …; `other` for most emoji.
    pub name: Option<String>,
    pub emoji: Option<String>,
}

/// Something that happened in a conversation, or to the Page itself, and leaves no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationEvent {
    /// None where it is about the Page.
    pub psid: Option<Psid>,
    /// `postback`, `referral`, `opt_in`, …
    pub kind: &'static str,
    pub at: DateTime<Utc>,
    /// A small object; what it holds depends on the kind.
    pub detail: Value,
}

/// What was done to a post or a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WallAct {
    Added,
    Edited,
    Removed,
    Hidden,
    Shown,
    /// Nothing: it is only named.
    Named,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub id: String,
    pub name: Option<String>,
}

/// What was told of a post of a Page, or of a medium on Instagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostTold {
    pub post_id: String,
    pub act: WallAct,
    pub at: DateTime<Utc>,
    pub kind: Option<String>,
    pub author: Option<Author>,
    /// Taken over where the post was added or edited.
    pub message: Option<String>,
    pub is_published: bool,
    pub is_mention: bool,
    /// Of a story that has ended.
    pub figures: Option<StoryFigures>,
}

/// The figures of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct StoryFigures {
    pub reach: Option<u64>,
    pub replies: Option<u64>,
    pub exits: Option<u64>,
    pub taps_forward: Option<u64>,
    pub taps_back: Option<u64>,
    pub impressions: Option<u64>,
}

/// What was told of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentTold {
    pub comment_id: String,
    pub act: WallAct,
    pub at: DateTime<Utc>,
    pub post_id: Option<String>,
    /// The comment that it answers.
    pub parent_id: Option<String>,
    pub author: Option<Author>,
    pub message: Option<String>,
    pub is_live: bool,
    pub is_mention: bool,
}

/// What somebody feels about a post or a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostReaction {
    pub post_id: String,
    pub comment_id: Option<String>,
    pub author: Option<Author>,
    /// [`WallAct::Added`], [`WallAct::Edited`] or [`WallAct::Removed`].
    pub act: WallAct,
    /// None where Meta says no more than "like".
    pub kind: Option<String>,
    pub at: DateTime<Utc>,
}
