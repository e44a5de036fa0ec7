//! A Page's posts and what people say under them: some are generated, the rest was written while the simulator ran.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::draw::Draw;
use super::texts;
use crate::clock::{DAY, Millis};

/// Of each Page; post 1 is the oldest.
pub(crate) const GENERATED_POSTS: u32 = 40;

/// How long a comment may be answered privately.
const REPLY_WINDOW: Millis = 7 * DAY;

pub(crate) type PostNumber = u32;
pub(crate) type CommentNumber = u32;

#[derive(Debug)]
pub(crate) struct Posts {
    draw: Draw,
    epoch_ms: Millis,
    written: Vec<WrittenPost>,
    comments: Vec<Comment>,
    /// Comments whose writer got the one private reply.
    replied: BTreeSet<CommentNumber>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WrittenPost {
    pub(crate) at_ms: Millis,
    pub(crate) message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<String>,
    pub(crate) is_published: bool,
}

/// Under a post, by one of the Page's customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Comment {
    pub(crate) post: PostNumber,
    pub(crate) customer: u32,
    pub(crate) at_ms: Millis,
    pub(crate) message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum PostChange {
    Written { post: WrittenPost },
    Commented { comment: Comment },
    RepliedPrivately { comment: CommentNumber },
}

/// A post as Graph shows it.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) number: PostNumber,
    pub(crate) at_ms: Millis,
    /// `None` for a picture without words.
    pub(crate) message: Option<String>,
    pub(crate) link: Option<String>,
    pub(crate) is_published: bool,
    pub(crate) likes: u64,
    pub(crate) reactions: u64,
    pub(crate) comments: u64,
    pub(crate) shares: u64,
}

impl Posts {
    pub(crate) fn new(draw: Draw, epoch_ms: Millis) -> Self {
        Self {
            draw: draw.named("posts"),
            epoch_ms,
            written: Vec::new(),
            comments: Vec::new(),
            replied: BTreeSet::new(),
        }
    }

    pub(crate) fn apply(&mut self, change: PostChange) {
        match change {
            PostChange::Written { post } => self.written.push(post),
            PostChange::Commented { comment } => self.comments.push(comment),
            PostChange::RepliedPrivately { comment } => {
                self.replied.insert(comment);
            }
        }
    }

    /// All of it, for the journal.
    pub(crate) fn changes(&self) -> Vec<PostChange> {
        let written = self.written.iter().map(|post| PostChange::Written { post: post.clone() });
        let comments = self.comments.iter().map(|comment| PostChange::Commented { comment: comment.clone() });
        let replied = self.replied.iter().map(|comment| PostChange::RepliedPrivately { comment: *comment });
        written.chain(comments).chain(replied).collect()
    }

    pub(crate) fn count(&self) -> PostNumber {
        GENERATED_POSTS + u32::try_from(self.written.len()).unwrap_or(0)
    }

    pub(crate) fn post(&self, number: PostNumber) -> Option<Post> {
        let comments = self.comments_of(number).count();
        let comments = u64::try_from(comments).unwrap_or(u64::MAX);
        if let Some(position) = number.checked_sub(GENERATED_POSTS + 1) {
            let written = self.written.get(usize::try_from(position).ok()?)?;
            return Some(Post {
                number,
                at_ms: written.at_ms,
                message: Some(written.message.clone()).filter(|message| !message.is_empty()),
                link: written.link.clone(),
                is_published: written.is_published,
                likes: 0,
                reactions: 0,
                comments,
                shares: 0,
            });
        }
        (number > 0).then(|| self.generated(number, comments))
    }

    fn generated(&self, number: PostNumber, comments: u64) -> Post {
        let draw = self.draw.at(u64::from(number));
        let likes = draw.named("likes").below(400);
        let without_words = draw.named("words").one_in(8);
        Post {
            number,
            at_ms: self.epoch_ms - Millis::from(GENERATED_POSTS - number + 1) * 2 * DAY,
            message: (!without_words).then(|| texts::page_text(draw)),
            link: None,
            is_published: true,
            likes,
            reactions: likes + draw.named("reactions").below(100),
            comments,
            // Most posts are shared by nobody.
            shares: if draw.named("shared").one_in(3) { 1 + draw.named("shares").below(30) } else { 0 },
        }
    }

    pub(crate) fn comment(&self, number: CommentNumber) -> Option<&Comment> {
        self.comments.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    pub(crate) fn comments_of(&self, post: PostNumber) -> impl Iterator<Item = (CommentNumber, &Comment)> {
        (1..).zip(&self.comments).filter(move |(_, comment)| comment.post == post)
    }

    pub(crate) fn comment_count(&self) -> CommentNumber {
        u32::try_from(self.comments.len()).unwrap_or(0)
    }

    /// Whether its writer got the private reply.
    pub(crate) fn is_replied(&self, comment: CommentNumber) -> bool {
        self.replied.contains(&comment)
    }

    /// A comment gets one private reply, within seven days.
    pub(crate) fn can_be_replied(&self, number: CommentNumber, now: Millis) -> bool {
        let is_fresh = self.comment(number).is_some_and(|comment| now - comment.at_ms < REPLY_WINDOW);
        is_fresh && !self.is_replied(number)
    }
}
