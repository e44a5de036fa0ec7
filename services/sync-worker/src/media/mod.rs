//! Files that came with messages: fresh addresses of them, and copies where these are wanted.

mod copies;
mod refresh;

pub use copies::{MediaCopies, keep_copies};
pub use refresh::refresh_media;
