//! Observations folded to rows, each key once: the same law as in the database, so that any batching ends alike.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId};
use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::Value;

use super::observation::{
    Author, CommentTold, ConversationEvent, Emotion, Observation, PostReaction, PostTold, StoryFigures, WallAct,
};
use crate::text::{json_without_nul, without_nul};

/// What one transaction stores beside messages.
#[derive(Debug, Clone, Default)]
pub struct EventBatch {
    pub(super) connections: BTreeSet<Owner>,
    pub(super) changes: BTreeMap<(Owner, String), Change>,
    pub(super) reactions: BTreeMap<(Owner, String, bool), Reaction>,
    pub(super) marks: BTreeMap<(Owner, String), Marks>,
    pub(super) events: BTreeMap<(Owner, String), Event>,
    pub(super) posts: BTreeMap<(Owner, String), Post>,
    pub(super) comments: BTreeMap<(Owner, String), Comment>,
    pub(super) post_reactions: BTreeMap<(Owner, String, String, String), WallReaction>,
    pub(super) details: BTreeMap<ConnectionId, DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Owner {
    pub(super) account_id: AccountId,
    pub(super) connection_id: ConnectionId,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Change {
    text: Option<String>,
    text_at: Option<DateTime<Utc>>,
    edits: u32,
    deleted_at: Option<DateTime<Utc>>,
}

/// In the order that decides between two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Reaction {
    at: DateTime<Utc>,
    emoji: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Marks {
    delivered_up_to: Option<DateTime<Utc>>,
    seen_up_to: Option<DateTime<Utc>>,
    handled_at: Option<DateTime<Utc>>,
    handled_by_app: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Event {
    psid: Option<String>,
    kind: &'static str,
    at: DateTime<Utc>,
    detail: Value,
}

/// What posts and comments have in common.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Wall {
    author_id: Option<String>,
    author_name: Option<String>,
    content_at: Option<DateTime<Utc>>,
    message: Option<String>,
    is_published: bool,
    posted_at: DateTime<Utc>,
    edited_at: Option<DateTime<Utc>>,
    removed_at: Option<DateTime<Utc>>,
    hidden_at: Option<DateTime<Utc>>,
    shown_at: Option<DateTime<Utc>>,
    is_mention: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Post {
    #[serde(flatten)]
    wall: Wall,
    kind: Option<String>,
    insights_at: Option<DateTime<Utc>>,
    insights: Option<StoryFigures>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Comment {
    #[serde(flatten)]
    wall: Wall,
    post_id: Option<String>,
    parent_id: Option<String>,
    is_live: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct WallReaction {
    author_name: Option<String>,
    is_on: bool,
    kind: Option<String>,
    at: DateTime<Utc>,
}

impl EventBatch {
    /// The connection's webhooks arrive.
    pub fn push_connection(&mut self, account_id: AccountId, connection_id: ConnectionId) {
        self.connections.insert(Owner { account_id, connection_id });
    }

    pub fn push(&mut self, account_id: AccountId, connection_id: ConnectionId, told: &Observation) {
        let owner = Owner { account_id, connection_id };
        match told {
            Observation::Edited { mid, text, edits, at } => {
                let row = self.changes.entry((owner, mid.as_str().to_owned())).or_default();
                row.edit(&clean(text), *edits, microseconds(*at));
            }
            Observation::Deleted { mid, at } => {
                self.changes.entry((owner, mid.as_str().to_owned())).or_default().delete(microseconds(*at));
            }
            Observation::Reacted { mid, from_page, emotion, at } => {
                let row = Reaction::of(emotion.as_ref(), microseconds(*at));
                let known = self.reactions.entry((owner, mid.as_str().to_owned(), *from_page));
                known.and_modify(|known| *known = (*known).clone().max(row.clone())).or_insert(row);
            }
            Observation::Delivered { psid, up_to } => {
                let row = self.marks.entry((owner, psid.as_str().to_owned())).or_default();
                row.delivered_up_to = row.delivered_up_to.max(Some(microseconds(*up_to)));
            }
            Observation::Seen { psid, up_to } => {
                let row = self.marks.entry((owner, psid.as_str().to_owned())).or_default();
                row.seen_up_to = row.seen_up_to.max(Some(microseconds(*up_to)));
            }
            Observation::Handled { psid, app_id, at } => {
                let row = self.marks.entry((owner, psid.as_str().to_owned())).or_default();
                let told = (Some(microseconds(*at)), app_id.as_deref().map(clean));
                let newest = told.max((row.handled_at, row.handled_by_app.take()));
                (row.handled_at, row.handled_by_app) = newest;
            }
            Observation::Happened(event) => {
                let row = Event::of(event);
                self.events.insert((owner, row.key()), row);
            }
            Observation::Post(told) => self.push_post(owner, clean(&told.post_id), Post::of(told)),
            Observation::Comment(told) => self.push_comment(owner, told),
            Observation::PostReaction(told) => self.push_reaction(owner, told),
            Observation::DetailsChanged { at } => {
                let known = self.details.entry(connection_id).or_insert(*at);
                *known = microseconds(*at).max(*known);
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.reactions.is_empty()
            && self.marks.is_empty()
            && self.events.is_empty()
            && self.posts.is_empty()
            && self.comments.is_empty()
            && self.post_reactions.is_empty()
            && self.details.is_empty()
    }

    fn push_post(&mut self, owner: Owner, post_id: String, row: Post) {
        match self.posts.get_mut(&(owner, post_id.clone())) {
            Some(known) => known.merge(row),
            None => drop(self.posts.insert((owner, post_id), row)),
        }
    }

    /// A comment also names its post, which may be older than the connection.
    fn push_comment(&mut self, owner: Owner, told: &CommentTold) {
        let row = Comment::of(told);
        if let Some(post_id) = &row.post_id {
            let named = Post { wall: Wall::named(row.wall.posted_at), kind: None, insights_at: None, insights: None };
            self.push_post(owner, post_id.clone(), named);
        }
        let comment_id = clean(&told.comment_id);
        match self.comments.get_mut(&(owner, comment_id.clone())) {
            Some(known) => known.merge(row),
            None => drop(self.comments.insert((owner, comment_id), row)),
        }
    }

    fn push_reaction(&mut self, owner: Owner, told: &PostReaction) {
        let author = told.author.as_ref();
        let row = WallReaction {
            author_name: author.and_then(|author| author.name.as_deref()).map(clean),
            is_on: told.act != WallAct::Removed,
            kind: told.kind.as_deref().filter(|_| told.act != WallAct::Removed).map(clean),
            at: rank(told.act, told.at),
        };
        let comment_id = told.comment_id.as_deref().map(clean).unwrap_or_default();
        let author_id = author.map(|author| clean(&author.id)).unwrap_or_default();
        let known = self.post_reactions.entry((owner, clean(&told.post_id), comment_id, author_id));
        known.and_modify(|known| known.merge(row.clone())).or_insert(row);
    }
}

impl Change {
    fn edit(&mut self, text: &str, edits: u32, at: DateTime<Utc>) {
        if (Some(at), Some(text)) > (self.text_at, self.text.as_deref()) {
            self.text = Some(text.to_owned());
        }
        self.text_at = self.text_at.max(Some(at));
        self.edits = self.edits.max(edits);
    }

    fn delete(&mut self, at: DateTime<Utc>) {
        self.deleted_at = self.deleted_at.map_or(Some(at), |known| Some(known.min(at)));
    }
}

impl Reaction {
    fn of(emotion: Option<&Emotion>, at: DateTime<Utc>) -> Self {
        let name = emotion.and_then(|emotion| emotion.name.as_deref()).map(clean);
        let emoji = emotion.and_then(|emotion| emotion.emoji.as_deref()).map(clean);
        // One that Meta does not name is one all the same.
        let unnamed = || emotion.filter(|_| emoji.is_none()).map(|_| "other".to_owned());
        Self { at, name: name.or_else(unnamed), emoji }
    }
}

impl Event {
    fn of(event: &ConversationEvent) -> Self {
        Self {
            psid: event.psid.as_ref().map(|psid| psid.as_str().to_owned()),
            kind: event.kind,
            at: microseconds(event.at),
            detail: json_without_nul(event.detail.clone()),
        }
    }

    /// The same for the same event, whoever tells it again.
    fn key(&self) -> String {
        let psid = self.psid.as_deref().unwrap_or_default();
        let whole = format!("{}\n{}\n{psid}\n{}", self.kind, self.at.timestamp_micros(), self.detail);
        hex::encode(digest(&SHA256, whole.as_bytes()))
    }
}

impl Wall {
    fn named(at: DateTime<Utc>) -> Self {
        Self {
            author_id: None,
            author_name: None,
            content_at: None,
            message: None,
            is_published: true,
            posted_at: at,
            edited_at: None,
            removed_at: None,
            hidden_at: None,
            shown_at: None,
            is_mention: false,
        }
    }

    fn of(act: WallAct, at: DateTime<Utc>, author: Option<&Author>, message: Option<&str>) -> Self {
        let at = microseconds(at);
        let when = |is_it: bool| is_it.then_some(at);
        let tells_content = match act {
            WallAct::Added | WallAct::Edited => true,
            // Some tell the message along.
            WallAct::Hidden | WallAct::Shown => message.is_some(),
            WallAct::Removed | WallAct::Named => false,
        };
        Self {
            author_id: author.map(|author| clean(&author.id)),
            author_name: author.and_then(|author| author.name.as_deref()).map(clean),
            content_at: tells_content.then(|| rank(act, at)),
            message: message.filter(|_| tells_content).map(clean),
            edited_at: when(act == WallAct::Edited),
            removed_at: when(act == WallAct::Removed),
            hidden_at: when(act == WallAct::Hidden),
            shown_at: when(act == WallAct::Shown),
            ..Self::named(at)
        }
    }

    fn merge(&mut self, other: Self) {
        raise(&mut self.author_id, other.author_id);
        raise(&mut self.author_name, other.author_name);
        if (other.content_at, &other.message, other.is_published) > (self.content_at, &self.message, self.is_published)
        {
            (self.message, self.is_published) = (other.message, other.is_published);
        }
        raise(&mut self.content_at, other.content_at);
        self.posted_at = self.posted_at.min(other.posted_at);
        raise(&mut self.edited_at, other.edited_at);
        raise(&mut self.removed_at, other.removed_at);
        raise(&mut self.hidden_at, other.hidden_at);
        raise(&mut self.shown_at, other.shown_at);
        self.is_mention |= other.is_mention;
    }
}

impl Post {
    fn of(told: &PostTold) -> Self {
        let mut wall = Wall::of(told.act, told.at, told.author.as_ref(), told.message.as_deref());
        wall.is_published = told.is_published || wall.content_at.is_none();
        wall.is_mention = told.is_mention;
        let insights_at = told.figures.map(|_| microseconds(told.at));
        Self { wall, kind: told.kind.as_deref().map(clean), insights_at, insights: told.figures }
    }

    fn merge(&mut self, other: Self) {
        self.wall.merge(other.wall);
        raise(&mut self.kind, other.kind);
        let newest = (other.insights_at, other.insights).max((self.insights_at, self.insights));
        (self.insights_at, self.insights) = newest;
    }
}

impl Comment {
    fn of(told: &CommentTold) -> Self {
        let mut wall = Wall::of(told.act, told.at, told.author.as_ref(), told.message.as_deref());
        wall.is_mention = told.is_mention;
        Self {
            wall,
            post_id: told.post_id.as_deref().map(clean),
            parent_id: told.parent_id.as_deref().map(clean),
            is_live: told.is_live,
        }
    }

    fn merge(&mut self, other: Self) {
        self.wall.merge(other.wall);
        raise(&mut self.post_id, other.post_id);
        raise(&mut self.parent_id, other.parent_id);
        self.is_live |= other.is_live;
    }
}

impl WallReaction {
    fn merge(&mut self, other: Self) {
        raise(&mut self.author_name, other.author_name);
        let newest = (other.at, other.is_on, other.kind).max((self.at, self.is_on, self.kind.take()));
        (self.at, self.is_on, self.kind) = newest;
    }
}

/// Times of the wall are whole seconds: within one, an edit comes after what it changes, and a removal after both.
fn rank(act: WallAct, at: DateTime<Utc>) -> DateTime<Utc> {
    let place = match act {
        WallAct::Edited => 1,
        WallAct::Removed => 2,
        WallAct::Added | WallAct::Hidden | WallAct::Shown | WallAct::Named => 0,
    };
    microseconds(at) + TimeDelta::microseconds(place)
}

fn raise<T: Ord>(known: &mut Option<T>, told: Option<T>) {
    if told > *known {
        *known = told;
    }
}

/// PostgreSQL keeps microseconds; more would compare as newer for ever.
fn microseconds(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}

fn clean(text: &str) -> String {
    without_nul(text).into_owned()
}
