//! Files that came with messages: fetched from where Meta keeps them, and copied to a store of our own where that is wanted.

mod cdn;
mod hosts;
mod store;

pub use cdn::{Cdn, CdnError, File, NoFile};
pub use store::{CopyError, MediaKey, MediaStore, MediaStoreError};
