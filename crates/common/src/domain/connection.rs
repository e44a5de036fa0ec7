//! The life of a connection, and what keeps a Page from being connected.

use serde::{Deserialize, Serialize};

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Stored, but not yet subscribed to webhooks.
    Connecting,
    Connected,
    /// Its token fails; somebody must log in again.
    ReauthorizationRequired,
    /// Switched off by a person; history stays.
    Disconnected,
}

impl ConnectionState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::ReauthorizationRequired => "reauthorization_required",
            Self::Disconnected => "disconnected",
        }
    }

    pub fn parse(state: &str) -> Option<Self> {
        [Self::Connecting, Self::Connected, Self::ReauthorizationRequired, Self::Disconnected]
            .into_iter()
            .find(|known| known.as_str() == state)
    }
}

/// Why a Page is not connected, or no longer. The console has a sentence and an action for each.
/// What is connected: a Facebook Page, or the Instagram professional account that is linked to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionType {
    Facebook,
    Instagram,
}

impl ConnectionType {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Facebook => "facebook",
            Self::Instagram => "instagram",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::Facebook, Self::Instagram].into_iter().find(|known| known.as_str() == name)
    }

    /// Where its conversations are held.
    pub const fn platform(self) -> &'static str {
        match self {
            Self::Facebook => "messenger",
            Self::Instagram => "instagram",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionReason {
    /// The person may see the Page, but has no role that lets them read its messages.
    TaskMissing,
    /// A permission that the connection needs was declined.
    PermissionMissing,
    /// Another account has this Page; that account must disconnect first.
    ConnectedElsewhere,
    /// Facebook gave no token for this Page.
    NoToken,
    /// Facebook refused to send this Page's webhooks to the app.
    SubscriptionRefused,
    TokenExpired,
    PasswordChanged,
    /// The person removed the app.
    AppRemoved,
    /// The person no longer has a role on the Page.
    RoleLost,
    /// Facebook wants the person to log in there first.
    Checkpoint,
    TokenInvalid,
    /// The Page was deleted or unpublished.
    PageGone,
    /// Facebook answered with an error that was not understood, or not at all.
    FacebookUnavailable,
}

impl ConnectionReason {
    pub const ALL: [Self; 13] = [
        Self::TaskMissing,
        Self::PermissionMissing,
        Self::ConnectedElsewhere,
        Self::NoToken,
        Self::SubscriptionRefused,
        Self::TokenExpired,
        Self::PasswordChanged,
        Self::AppRemoved,
        Self::RoleLost,
        Self::Checkpoint,
        Self::TokenInvalid,
        Self::PageGone,
        Self::FacebookUnavailable,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TaskMissing => "task_missing",
            Self::PermissionMissing => "permission_missing",
            Self::ConnectedElsewhere => "connected_elsewhere",
            Self::NoToken => "no_token",
            Self::SubscriptionRefused => "subscription_refused",
            Self::TokenExpired => "token_expired",
            Self::PasswordChanged => "password_changed",
            Self::AppRemoved => "app_removed",
            Self::RoleLost => "role_lost",
            Self::Checkpoint => "checkpoint",
            Self::TokenInvalid => "token_invalid",
            Self::PageGone => "page_gone",
            Self::FacebookUnavailable => "facebook_unavailable",
        }
    }

    pub fn parse(reason: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == reason)
    }
}

/// The tasks that let a person read and answer a Page's messages. Pages of the New Pages Experience name them with a
/// prefix (Pages API, "tasks").
const MESSAGING_TASKS: [&str; 6] =
    ["MESSAGING", "MODERATE", "MANAGE", "PROFILE_PLUS_MESSAGING", "PROFILE_PLUS_MODERATE", "PROFILE_PLUS_FULL_CONTROL"];

/// Whether a Page from `/me/accounts` can be connected, and if not, why.
pub fn decide_connectable(tasks: &[String], has_token: bool) -> Result<(), ConnectionReason> {
    if !tasks.iter().any(|task| MESSAGING_TASKS.contains(&task.as_str())) {
        return Err(ConnectionReason::TaskMissing);
    }
    if !has_token {
        return Err(ConnectionReason::NoToken);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_a_messaging_task_is_not_connected_and_says_why() {
        let tasks = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(decide_connectable(&tasks(&["ANALYZE", "ADVERTISE"]), true), Err(ConnectionReason::TaskMissing));
        assert_eq!(decide_connectable(&tasks(&["MESSAGING"]), false), Err(ConnectionReason::NoToken));
        assert_eq!(decide_connectable(&tasks(&["ANALYZE", "PROFILE_PLUS_MESSAGING"]), true), Ok(()));
    }

    #[test]
    fn states_and_reasons_survive_their_names() {
        assert!(
            ConnectionReason::ALL.into_iter().all(|reason| ConnectionReason::parse(reason.as_str()) == Some(reason))
        );
        assert_eq!(ConnectionState::parse("connected"), Some(ConnectionState::Connected));
        assert_eq!(ConnectionState::parse(""), None);
    }
}
