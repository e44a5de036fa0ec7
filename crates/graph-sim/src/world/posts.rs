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
pub(crate) type PhotoNumber = u32;

#[derive(Debug)]
pub(crate) struct Posts {
    draw: Draw,
    epoch_ms: Millis,
    written: Vec<WrittenPost>,
    photos: Vec<Photo>,
    comments: Vec<Comment>,
    /// Comments whose writer got the one private reply.
    replied: BTreeSet<CommentNumber>,
    /// Seen by their writers and the Page alone.
    hidden: BTreeSet<CommentNumber>,
    removed: BTreeSet<CommentNumber>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WrittenPost {
    pub(crate) at_ms: Millis,
    pub(crate) message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<String>,
    pub(crate) is_published: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) photos: Vec<PhotoNumber>,
}

/// An uploaded picture: of a post, or waiting to be put into one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Photo {
    pub(crate) at_ms: Millis,
    pub(crate) url: String,
}

/// Under a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Comment {
    pub(crate) post: PostNumber,
    /// The comment that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<CommentNumber>,
    /// One of the Page's customers; none where the Page wrote it.
    pub(crate) customer: Option<u32>,
    pub(crate) at_ms: Millis,
    pub(crate) message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum PostChange {
    Photo { photo: Photo },
    Written { post: WrittenPost },
    Commented { comment: Comment },
    RepliedPrivately { comment: CommentNumber },
    Hidden { comment: CommentNumber, hidden: bool },
    CommentRemoved { comment: CommentNumber },
}

/// A post as Graph shows it.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) number: PostNumber,
    pub(crate) at_ms: Millis,
    /// `None` for a picture without words.
    pub(crate) message: Option<String>,
    pub(crate) link: Option<String>,
    /// Address of its first picture, where it was uploaded.
    pub(crate) picture: Option<String>,
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
            photos: Vec::new(),
            comments: Vec::new(),
            replied: BTreeSet::new(),
            hidden: BTreeSet::new(),
            removed: BTreeSet::new(),
        }
    }

    pub(crate) fn apply(&mut self, change: PostChange) {
        match change {
            PostChange::Photo { photo } => self.photos.push(photo),
            PostChange::Written { post } => self.written.push(post),
            PostChange::Commented { comment } => self.comments.push(comment),
            PostChange::RepliedPrivately { comment } => {
                self.replied.insert(comment);
            }
            PostChange::Hidden { comment, hidden: true } => {
                self.hidden.insert(comment);
            }
            PostChange::Hidden { comment, hidden: false } => {
                self.hidden.remove(&comment);
            }
            PostChange::CommentRemoved { comment } => {
                self.removed.insert(comment);
            }
        }
    }

    /// All of it, for the journal.
    pub(crate) fn changes(&self) -> Vec<PostChange> {
        let photos = self.photos.iter().map(|photo| PostChange::Photo { photo: photo.clone() });
        let written = self.written.iter().map(|post| PostChange::Written { post: post.clone() });
        let comments = self.comments.iter().map(|comment| PostChange::Commented { comment: comment.clone() });
        let replied = self.replied.iter().map(|comment| PostChange::RepliedPrivately { comment: *comment });
        let hidden = self.hidden.iter().map(|comment| PostChange::Hidden { comment: *comment, hidden: true });
        let removed = self.removed.iter().map(|comment| PostChange::CommentRemoved { comment: *comment });
        photos.chain(written).chain(comments).chain(replied).chain(hidden).chain(removed).collect()
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
                picture: written.photos.first().and_then(|photo| Some(self.photo(*photo)?.url.clone())),
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
            picture: None,
            is_published: true,
            likes,
            reactions: likes + draw.named("reactions").below(100),
            comments,
            // Most posts are shared by nobody.
            shares: if draw.named("shared").one_in(3) { 1 + draw.named("shares").below(30) } else { 0 },
        }
    }

    /// None that was removed, or whose parent was.
    pub(crate) fn comment(&self, number: CommentNumber) -> Option<&Comment> {
        let comment = self.comments.get(usize::try_from(number.checked_sub(1)?).ok()?)?;
        let is_removed = self.removed.contains(&number) || comment.parent.is_some_and(|p| self.removed.contains(&p));
        (!is_removed).then_some(comment)
    }

    pub(crate) fn is_hidden(&self, comment: CommentNumber) -> bool {
        self.hidden.contains(&comment)
    }

    pub(crate) fn comments_of(&self, post: PostNumber) -> impl Iterator<Item = (CommentNumber, &Comment)> {
        (1..=self.comment_count())
            .filter_map(|number| self.comment(number).map(|comment| (number, comment)))
            .filter(move |(_, comment)| comment.post == post)
    }

    pub(crate) fn photo(&self, number: PhotoNumber) -> Option<&Photo> {
        self.photos.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    pub(crate) fn photo_count(&self) -> PhotoNumber {
        u32::try_from(self.photos.len()).unwrap_or(0)
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
        let is_fresh = self
            .comment(number)
            .is_some_and(|comment| comment.customer.is_some() && now - comment.at_ms < REPLY_WINDOW);
        is_fresh && !self.is_replied(number)
    }
}
