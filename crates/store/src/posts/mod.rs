//! A Page's posts and an Instagram account's media, with their comments.

mod queries;
mod rows;

pub use queries::{exists, list, list_comments};
pub use rows::{COUNT_CAP, Comment, Post, PostsPage};
