//! Customers: their names and pictures, which Facebook tells, and what people write of them.

mod edits;
mod names;
mod pictures;
mod queries;
mod rows;
mod search;

pub use edits::{ContactEdit, EditOutcome, edit, list_edits};
pub use names::{ChangedName, ContactToAskFor, FetchedName, claim_to_ask_for, postpone, store_names};
pub(crate) use pictures::WANTS_PICTURE;
pub use pictures::{FetchedPicture, find_picture, store_pictures, want_pictures};
pub use queries::find;
pub use rows::{Contact, ContactLine};
pub use search::{ContactSearch, search};
