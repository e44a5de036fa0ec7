//! Customers: their names and pictures, which Facebook tells, and what people write of them.

mod edits;
mod names;
mod pictures;
mod queries;
mod rows;
mod search;

pub use edits::{ContactEdit, EditOutcome, edit, list_edits};
pub use names::{ChangedName, FetchedName, NamelessContact, claim_nameless, postpone, store_names};
pub use pictures::{FetchedPicture, find_picture, store_pictures};
pub use queries::find;
pub use rows::{Contact, ContactLine};
pub use search::{ContactSearch, search};
