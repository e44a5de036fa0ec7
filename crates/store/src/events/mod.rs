//! What webhooks tell beside messages: edits, deletions and reactions, how far a conversation has come, what happened in
//! it, and what happens on a Page's wall.

mod observation;
mod queries;
mod rows;
mod store_events;

pub use observation::{
    Author, CommentTold, ConversationEvent, Emotion, Observation, PostReaction, PostTold, StoryFigures, WallAct,
};
pub use queries::{Happened, Marks, find_marks, list};
pub use rows::EventBatch;
