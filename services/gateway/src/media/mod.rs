//! Files that came with messages: fetched from where Meta keeps them, for whoever may read the message. Facebook's answer
//! of where that is grows old; sync-worker asks anew.

pub(crate) mod attachment;
pub(crate) mod cdn;
mod fresh;
pub(crate) mod hosts;
mod present;
pub(crate) mod refreshes;
