//! Files that came with messages: read from our own copy, or fetched from where Meta keeps them, for whoever may read the
//! message. Facebook's answer of where that is grows old; sync-worker asks anew.

pub(crate) mod attachment;
mod copies;
mod fresh;
mod present;
pub(crate) mod refreshes;
