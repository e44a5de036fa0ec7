//! Why a token no longer works. Codes and subcodes: "Handling Errors" of the Graph API guides.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Death {
    /// The person removed the app.
    AppRemoved,
    /// The person must first do something at facebook.com.
    Checkpoint,
    PasswordChanged,
    Expired,
    Unconfirmed,
    LoggedOut,
    /// The person no longer has a role on the Page.
    RoleLost,
    /// The string is no token at all any more; no subcode.
    Invalid,
}

impl Death {
    pub(crate) fn subcode(self) -> Option<i64> {
        match self {
            Self::AppRemoved => Some(458),
            Self::Checkpoint => Some(459),
            Self::PasswordChanged => Some(460),
            Self::Expired => Some(463),
            Self::Unconfirmed => Some(464),
            Self::LoggedOut => Some(467),
            Self::RoleLost => Some(492),
            Self::Invalid => None,
        }
    }

    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::AppRemoved => {
                "Error validating access token: The user has not authorized application, or has removed the application."
            }
            Self::Checkpoint => {
                "Error validating access token: You cannot access the app till you log in to www.facebook.com and follow \
                 the instructions given."
            }
            Self::PasswordChanged => {
                "Error validating access token: The session has been invalidated because the user changed their password \
                 or Facebook has changed the session for security reasons."
            }
            Self::Expired => "Error validating access token: Session has expired.",
            Self::Unconfirmed => {
                "Error validating access token: Sessions for the user are not allowed because the user is not a confirmed user."
            }
            Self::LoggedOut => "Error validating access token: The session is invalid because the user logged out.",
            Self::RoleLost => {
                "Error validating access token: The user must be an administrator, editor, or moderator of the page in \
                 order to impersonate it."
            }
            Self::Invalid => "Invalid OAuth access token - Cannot parse access token",
        }
    }
}
