//! What Meta's webhooks say: one element of `entry` → typed [`Event`]s. PURE.
//!
//! Tolerant, since Meta's own pages disagree with each other and with what is seen: each event is read by itself, so
//! that one of an unknown shape keeps nothing else back; ids and times come as text or number, in seconds or
//! milliseconds; a field that says nothing to us may have any shape. What is not understood is told, never dropped.

mod changes;
mod entry;
mod instagram;
mod message;
mod messaging;
mod time;

pub use changes::{Author, Change, ChangeContent, FeedComment, FeedPost, FeedReaction, LabelChange, Verb};
pub use entry::{Entry, Event, Unparseable, decode_entry};
pub use instagram::{InstagramComment, InstagramMention, StoryInsights};
pub use message::{Attachment, Message, Referral, ReplyTo, StoryReference};
pub use messaging::{Emotion, MessagingContent, MessagingEvent, OptIn, ThreadControl};
