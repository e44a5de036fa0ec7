//! What happens to posts, comments and the Page itself.

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::{CommentId, MediaId};
use pagekeeper_common::webhooks::{
    self, Change, ChangeContent, FeedComment, FeedPost, FeedReaction, InstagramComment, InstagramMention, LabelChange,
    StoryInsights, Verb,
};
use pagekeeper_store::events::{
    Author, CommentTold, ConversationEvent, Observation, PostReaction, PostTold, StoryFigures, WallAct,
};
use serde_json::json;

use super::DecodedEntry;
use crate::message;

impl DecodedEntry {
    pub(super) fn change(&mut self, change: Change) {
        let at = change.at;
        match change.content {
            ChangeContent::Post(post) => self.wall(at, &post.verb.clone(), |act, at| post_told(post, act, at)),
            ChangeContent::Comment(comment) => {
                self.wall(at, &comment.verb.clone(), |act, at| comment_told(comment, act, at));
            }
            ChangeContent::Reaction(reaction) => {
                self.wall(at, &reaction.verb.clone(), |act, at| reaction_told(reaction, act, at));
            }
            ChangeContent::PageLike(verb) => match act_of(&verb) {
                Some(act) => {
                    let detail = json!({ "likes": act != WallAct::Removed });
                    let event = ConversationEvent { psid: None, kind: "page_like", at, detail };
                    self.events.push(Observation::Happened(event));
                }
                None => self.not_understood = true,
            },
            ChangeContent::Label(label) => self.events.push(label_told(label, at)),
            ChangeContent::InstagramComment(comment) => self.events.extend(instagram_comment(comment, at)),
            ChangeContent::InstagramMention(mention) => self.events.extend(mention_told(&mention, at)),
            ChangeContent::StoryInsights(story) => self.events.push(story_told(&story, at)),
            ChangeContent::PageField(_field) => self.events.push(Observation::DetailsChanged { at }),
        }
    }

    fn wall(&mut self, at: DateTime<Utc>, verb: &Verb, told: impl FnOnce(WallAct, DateTime<Utc>) -> Observation) {
        match act_of(verb) {
            Some(act) => self.events.push(told(act, at)),
            None => self.not_understood = true,
        }
    }
}

fn act_of(verb: &Verb) -> Option<WallAct> {
    Some(match verb {
        Verb::Added => WallAct::Added,
        Verb::Edited => WallAct::Edited,
        Verb::Removed => WallAct::Removed,
        Verb::Hidden => WallAct::Hidden,
        Verb::Shown => WallAct::Shown,
        Verb::Other(_) => return None,
    })
}

fn author(told: Option<webhooks::Author>) -> Option<Author> {
    let told = told?;
    Some(Author { id: message::label(&told.id)?, name: told.name.as_deref().and_then(message::label) })
}

fn post_told(post: FeedPost, act: WallAct, at: DateTime<Utc>) -> Observation {
    Observation::Post(PostTold {
        kind: message::label(&post.kind),
        author: author(post.author),
        message: post.message.as_deref().and_then(message::text),
        is_published: post.is_published,
        ..named(post.post_id.into_string(), act, at)
    })
}

fn named(post_id: String, act: WallAct, at: DateTime<Utc>) -> PostTold {
    PostTold {
        post_id,
        act,
        at,
        kind: None,
        author: None,
        message: None,
        is_published: true,
        is_mention: false,
        figures: None,
    }
}

fn comment_told(comment: FeedComment, act: WallAct, at: DateTime<Utc>) -> Observation {
    Observation::Comment(CommentTold {
        comment_id: comment.comment_id.into_string(),
        act,
        at,
        post_id: Some(comment.post_id.into_string()),
        parent_id: comment.parent_id.map(CommentId::into_string),
        author: author(comment.author),
        message: comment.message.as_deref().and_then(message::text),
        is_live: false,
        is_mention: false,
    })
}

fn reaction_told(reaction: FeedReaction, act: WallAct, at: DateTime<Utc>) -> Observation {
    Observation::PostReaction(PostReaction {
        post_id: reaction.post_id.into_string(),
        comment_id: reaction.comment_id.map(CommentId::into_string),
        author: author(reaction.author),
        act,
        kind: reaction.kind.as_deref().and_then(message::label),
        at,
    })
}

fn label_told(label: LabelChange, at: DateTime<Utc>) -> Observation {
    let name = label.name.as_deref().and_then(message::label);
    let mut detail = json!({ "label_id": label.label_id, "is_on": label.is_on });
    if let (Some(members), Some(name)) = (detail.as_object_mut(), name) {
        members.insert("name".to_owned(), name.into());
    }
    Observation::Happened(ConversationEvent { psid: Some(label.psid), kind: "label", at, detail })
}

/// The medium is told along by its kind.
fn instagram_comment(comment: InstagramComment, at: DateTime<Utc>) -> impl Iterator<Item = Observation> {
    let post_id = comment.media_id.map(MediaId::into_string);
    let kind = comment.product_type.as_deref().and_then(message::label);
    let medium = post_id.clone().map(|id| Observation::Post(PostTold { kind, ..named(id, WallAct::Named, at) }));
    let told = Observation::Comment(CommentTold {
        comment_id: comment.comment_id.into_string(),
        act: WallAct::Added,
        at,
        post_id,
        parent_id: comment.parent_id.map(CommentId::into_string),
        author: author(comment.author),
        message: comment.text.as_deref().and_then(message::text),
        is_live: comment.is_live,
        is_mention: false,
    });
    medium.into_iter().chain([told])
}

/// In a comment, or in what somebody else wrote below a medium of theirs.
fn mention_told(mention: &InstagramMention, at: DateTime<Utc>) -> impl Iterator<Item = Observation> + use<> {
    let post_id = mention.media_id.as_str().to_owned();
    let is_mention = mention.comment_id.is_none();
    let medium = Observation::Post(PostTold { is_mention, ..named(post_id.clone(), WallAct::Named, at) });
    let comment = mention.comment_id.as_ref().map(|comment_id| {
        Observation::Comment(CommentTold {
            comment_id: comment_id.as_str().to_owned(),
            act: WallAct::Named,
            at,
            post_id: Some(post_id),
            parent_id: None,
            author: None,
            message: None,
            is_live: false,
            is_mention: true,
        })
    });
    [medium].into_iter().chain(comment)
}

fn story_told(story: &StoryInsights, at: DateTime<Utc>) -> Observation {
    let figures = StoryFigures {
        reach: story.reach,
        replies: story.replies,
        exits: story.exits,
        taps_forward: story.taps_forward,
        taps_back: story.taps_back,
        impressions: story.impressions,
    };
    let kind = Some("STORY".to_owned());
    let post_id = story.media_id.as_str().to_owned();
    Observation::Post(PostTold { kind, figures: Some(figures), ..named(post_id, WallAct::Named, at) })
}
