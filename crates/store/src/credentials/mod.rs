//! Tokens, sealed. In the clear they exist only in memory; the gateway's role may write them but not read them.

mod queries;
mod rows;
mod upserts;

pub use queries::{find_page_token, find_page_tokens, find_user_token, find_user_token_facts};
pub use rows::{NewPageToken, NewUserToken, OpenedToken, TokenFacts, UserTokenFacts};
pub use upserts::{mark_invalid, store_page_tokens, store_user_token, wipe_page_tokens};
