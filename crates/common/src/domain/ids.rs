//! Ids. Ours are 64-bit integers, Meta's are strings; each kind has its own type, so that one cannot be passed for another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Meta's ids are short; a longer one is garbage or an attack.
pub const META_ID_MAX_LENGTH: usize = 512;

macro_rules! our_id {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            pub const fn new(id: i64) -> Self {
                Self(id)
            }

            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

our_id! {
    /// The tenant. Rows never cross it.
    AccountId;
    /// A person who uses the console; may be a member of several accounts.
    UserId;
    /// One connected Facebook Page (or Instagram account).
    ConnectionId;
    /// One sealed token.
    CredentialId;
    /// A customer, as one Page sees them.
    ContactId;
    /// All messages between one Page and one customer.
    ConversationId;
    /// A row of `messages`.
    MessageRowId;
    /// A row of `posts`: a post of a Page, or a medium on Instagram.
    PostRowId;
    /// One piece of work on Facebook with progress and a result.
    RunId;
    /// A browser's session.
    SessionId;
    /// A personal API key.
    ApiKeyId;
}

macro_rules! meta_id {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Refuses what cannot be an id of Meta: empty, longer than [`META_ID_MAX_LENGTH`], or with
            /// characters other than printable ASCII.
            pub fn parse(id: impl Into<String>) -> Result<Self, InvalidMetaId> {
                let id = id.into();
                if id.is_empty() {
                    return Err(InvalidMetaId::Empty);
                }
                if id.len() > META_ID_MAX_LENGTH {
                    return Err(InvalidMetaId::TooLong);
                }
                if !id.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(InvalidMetaId::Characters);
                }
                Ok(Self(id))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }

            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    )+};
}

meta_id! {
    /// A Facebook Page.
    PageId;
    /// An Instagram professional account.
    InstagramAccountId;
    /// A person, as one app sees them (app-scoped id).
    FacebookUserId;
    /// A customer, as one Page sees them (page-scoped id).
    Psid;
    /// A post on Instagram.
    MediaId;
    /// What is to become a post on Instagram; lasts 24 hours.
    ContainerId;
    /// A custom label of a Page.
    LabelId;
    /// A comment under a post.
    CommentId;
    /// A picture of a Page.
    PhotoId;
    /// A reel of a Page.
    VideoId;
    /// A post of a Page, `{page}_{post}`.
    PostId;
    /// A file that was uploaded to be sent, perhaps more than once.
    AttachmentId;
    /// A message, `m_…`; the same in webhooks, echoes and the Conversations API.
    Mid;
    /// A conversation, `t_…`; only the Conversations API knows it.
    ThreadId;
}

/// Why a text is not an id of Meta. The text itself is not repeated: it may be hostile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMetaId {
    #[error("the id is empty")]
    Empty,
    #[error("the id is longer than {META_ID_MAX_LENGTH} characters")]
    TooLong,
    #[error("the id has characters other than printable ASCII")]
    Characters,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_meta_is_short_printable_ascii() {
        assert_eq!(PageId::parse("1122334455").unwrap().as_str(), "1122334455");
        assert_eq!(PageId::parse(""), Err(InvalidMetaId::Empty));
        assert_eq!(PageId::parse("a b"), Err(InvalidMetaId::Characters));
        assert_eq!(PageId::parse("ä"), Err(InvalidMetaId::Characters));
        assert_eq!(PageId::parse("1".repeat(META_ID_MAX_LENGTH + 1)), Err(InvalidMetaId::TooLong));
    }
}
