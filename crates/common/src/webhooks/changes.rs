//! Elements of `changes`: posts, comments, reactions, labels, and fields of the Page ("Page" reference of Webhooks).

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::entry::parse;
use super::instagram::{self, InstagramComment, InstagramMention, StoryInsights};
use super::time::Arrival;
use crate::domain::ids::{CommentId, LabelId, PostId, Psid};
use crate::lenient;

/// What changed on a Page or an Instagram account.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub at: DateTime<Utc>,
    pub content: ChangeContent,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ChangeContent {
    Post(FeedPost),
    Comment(FeedComment),
    Reaction(FeedReaction),
    /// Somebody likes the Page itself, or no more.
    PageLike(Verb),
    /// A label was put on a customer, or taken off.
    Label(LabelChange),
    InstagramComment(InstagramComment),
    InstagramMention(InstagramMention),
    StoryInsights(StoryInsights),
    /// A field of the Page (`about`, `phone`, `picture`, …) has another value: it is to be read again.
    PageField(String),
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    Added,
    Edited,
    Removed,
    Hidden,
    Shown,
    /// As Meta names it.
    Other(String),
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub id: String,
    /// Absent of what was removed.
    pub name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedPost {
    pub verb: Verb,
    pub post_id: PostId,
    /// As Meta names it: `status`, `photo`, `video`, `share`, `post`, …
    pub kind: String,
    pub author: Option<Author>,
    pub message: Option<String>,
    pub is_published: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedComment {
    pub verb: Verb,
    pub comment_id: CommentId,
    pub post_id: PostId,
    /// The comment that it answers; none below the post itself.
    pub parent_id: Option<CommentId>,
    pub author: Option<Author>,
    pub message: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedReaction {
    pub verb: Verb,
    pub post_id: PostId,
    /// None where the reaction is to the post itself.
    pub comment_id: Option<CommentId>,
    /// `like`, `love`, `wow`, `haha`, `sorry`, `anger`, `care`; others are seen.
    pub kind: Option<String>,
    pub author: Option<Author>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelChange {
    pub psid: Psid,
    pub label_id: LabelId,
    pub name: Option<String>,
    pub is_on: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireFeed {
    #[serde(deserialize_with = "lenient::text")]
    item: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    verb: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    from: Option<WireAuthor>,
    /// Older payloads.
    #[serde(deserialize_with = "lenient::text")]
    sender_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    sender_name: Option<String>,
    #[serde(deserialize_with = "lenient::id")]
    post_id: Option<PostId>,
    #[serde(deserialize_with = "lenient::id")]
    comment_id: Option<CommentId>,
    #[serde(deserialize_with = "lenient::id")]
    parent_id: Option<CommentId>,
    #[serde(deserialize_with = "lenient::text")]
    reaction_type: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient::truth")]
    published: Option<bool>,
    #[serde(deserialize_with = "lenient::truth")]
    is_published: Option<bool>,
    #[serde(deserialize_with = "lenient::time")]
    created_time: Option<DateTime<Utc>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireAuthor {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    /// Instagram.
    #[serde(deserialize_with = "lenient::text")]
    username: Option<String>,
}

impl WireAuthor {
    pub(super) fn author(self) -> Option<Author> {
        Some(Author { id: self.id?, name: self.name.or(self.username) })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireLabelChange {
    #[serde(deserialize_with = "lenient::object")]
    user: Option<WireAuthor>,
    #[serde(deserialize_with = "lenient::text")]
    action: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    label: Option<WireLabel>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireLabel {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<LabelId>,
    #[serde(deserialize_with = "lenient::text")]
    page_label_name: Option<String>,
}

/// Fields that say no more than that the Page's profile has another value.
const PROFILE_FIELDS: &[&str] = &[
    "about",
    "attire",
    "bio",
    "birthday",
    "category",
    "company_overview",
    "culinary_team",
    "current_location",
    "description",
    "email",
    "founded",
    "general_info",
    "general_manager",
    "hometown",
    "hours",
    "location",
    "mission",
    "name",
    "parking",
    "payment_options",
    "personal_info",
    "personal_interests",
    "phone",
    "picture",
    "price_range",
    "products",
    "public_transit",
    "website",
];

/// None where the field or its value has no meaning here.
pub(super) fn decode_change(field: &str, value: &RawValue, arrival: Arrival) -> Option<Change> {
    let at = arrival.of(None);
    let change = |content| Some(Change { at, content });
    match field {
        "feed" => feed(parse(value)?, arrival),
        "inbox_labels" => change(ChangeContent::Label(label(parse(value)?)?)),
        "comments" | "live_comments" => {
            change(ChangeContent::InstagramComment(instagram::comment(parse(value)?, field == "live_comments")?))
        }
        "mentions" => change(ChangeContent::InstagramMention(instagram::mention(parse(value)?)?)),
        "story_insights" => change(ChangeContent::StoryInsights(instagram::story_insights(parse(value)?)?)),
        _ if PROFILE_FIELDS.contains(&field) => change(ChangeContent::PageField(field.to_owned())),
        _ => None,
    }
}

fn feed(wire: WireFeed, arrival: Arrival) -> Option<Change> {
    let verb = Verb::of(wire.verb?);
    let created = arrival.of(wire.created_time);
    // Of what is done to something that was there, some senders repeat the time of its creation.
    let at = if verb == Verb::Added { created } else { created.max(arrival.of(None)) };
    let old_author = wire.sender_id.map(|id| Author { id, name: wire.sender_name });
    let author = wire.from.and_then(WireAuthor::author).or(old_author);
    let content = match (wire.item?.as_str(), wire.post_id) {
        ("comment", Some(post_id)) => ChangeContent::Comment(FeedComment {
            verb,
            comment_id: wire.comment_id?,
            // Below the post itself it names the post, by a full or a short id.
            parent_id: wire.parent_id.filter(|parent| !names(&post_id, parent.as_str())),
            post_id,
            author,
            message: wire.message,
        }),
        ("reaction" | "like", Some(post_id)) => ChangeContent::Reaction(FeedReaction {
            verb,
            post_id,
            comment_id: wire.comment_id,
            kind: wire.reaction_type,
            author,
        }),
        ("like", None) => ChangeContent::PageLike(verb),
        (kind, Some(post_id)) => ChangeContent::Post(FeedPost {
            verb,
            post_id,
            kind: kind.to_owned(),
            author,
            message: wire.message,
            is_published: wire.published.or(wire.is_published).unwrap_or(true),
        }),
        (_, None) => return None,
    };
    Some(Change { at, content })
}

fn names(post: &PostId, id: &str) -> bool {
    post.as_str() == id || post.as_str().split_once('_').is_some_and(|(_page, post)| post == id)
}

fn label(wire: WireLabelChange) -> Option<LabelChange> {
    let (user, label) = (wire.user?, wire.label?);
    let is_on = match wire.action?.as_str() {
        "add" | "added" => true,
        "remove" | "removed" => false,
        _ => return None,
    };
    Some(LabelChange { psid: Psid::parse(user.id?).ok()?, label_id: label.id?, name: label.page_label_name, is_on })
}

impl Verb {
    fn of(verb: String) -> Self {
        match verb.as_str() {
            "add" => Self::Added,
            "edit" | "edited" | "update" => Self::Edited,
            "remove" | "delete" => Self::Removed,
            "hide" => Self::Hidden,
            "unhide" => Self::Shown,
            _ => Self::Other(verb),
        }
    }
}
