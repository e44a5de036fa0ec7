//! Logging in with Facebook, sessions, and access tokens for programs.

pub(crate) mod access_tokens;
pub(crate) mod authenticate;
pub(crate) mod callback;
mod cookies;
mod flow;
mod hs256;
pub(crate) mod login;
mod login_error;
pub(crate) mod logout;
pub(crate) mod me;
mod return_to;
pub(crate) mod secret_token;
pub(crate) mod switch_account;
pub(crate) mod token;

pub(crate) use cookies::SESSION as SESSION_COOKIE;
