//! Facebook Login: the dialog, codes, tokens and what people granted.

pub(crate) mod access_token;
pub(crate) mod callbacks;
pub(crate) mod codes;
pub(crate) mod death;
pub(crate) mod dialog;
pub(crate) mod dialog_page;
pub(crate) mod grants;
pub(crate) mod permissions;
pub(crate) mod proof;
pub(crate) mod system_users;
pub(crate) mod tokens;
