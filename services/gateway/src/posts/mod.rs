//! Posts of Pages and media of Instagram accounts, with their comments.

pub(crate) mod comments;
pub(crate) mod list;
mod views;
