//! Messages: the thread that people read, and the batches that webhooks and syncs store.

mod batch;
mod listings;
mod media;
mod media_copies;
mod queries;
mod rows;
mod search;
mod store_batch;

pub use batch::{ConversationUpsert, ListedReaction, MessageUpsert, StoreBatch, ThreadListing, ToldMedia, ToldName};
pub use media::{AskedMedia, KeptMedia, MediaCopy, find_asked_media, find_media, refresh_media};
pub use media_copies::{
    CopyToMake, CopyToRemove, claim_copies, claim_removals, forget_removals, give_copy_up, note_copy,
};
pub use queries::list;
pub(crate) use queries::{CHANGES, TEXT_NOW};
pub use rows::{Attachment, Message, Reaction};
pub use search::{FoundMessage, MessageSearch, search};
pub use store_batch::{ChangedConversation, RowCounts, StoredBatch};

#[cfg(feature = "testing")]
pub(crate) use batch::Rows;
pub(crate) use batch::SNIPPET_LENGTH;
pub(crate) use store_batch::store_in;
