//! Types and pure decisions. Nothing here does I/O; time and randomness are parameters.

pub mod account;
pub mod backoff;
pub mod clock;
pub mod connection;
pub mod contact_edit;
pub mod cursor;
pub mod deafness;
pub mod entry_owner;
pub mod folding;
pub mod ids;
pub mod lane;
pub mod media;
pub mod page_update;
pub mod signed_request;
pub mod sync_run;
pub mod token;
