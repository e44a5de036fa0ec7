//! Accounts, the people in them, and what they may do.

use serde::{Deserialize, Serialize};

/// What a person may do in one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Made the account, or had it handed over; there is always one.
    Owner,
    Admin,
    /// Answers customers.
    Agent,
    /// Manages the connections of their own shop.
    ShopManager,
}

impl Role {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Agent => "agent",
            Self::ShopManager => "shop_manager",
        }
    }

    pub fn parse(role: &str) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Agent, Self::ShopManager].into_iter().find(|known| known.as_str() == role)
    }

    pub const fn allows(self, action: Action) -> bool {
        match action {
            Action::ReadInbox | Action::EditContacts => matches!(self, Self::Owner | Self::Admin | Self::Agent),
            Action::ReadConnections => true,
            Action::ManageConnections | Action::ManageSettings => matches!(self, Self::Owner | Self::Admin),
        }
    }
}

/// What a route does, as far as roles and API key scopes care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    ReadInbox,
    /// What people know of a customer: address, tags, notes.
    EditContacts,
    ReadConnections,
    /// Connect, disconnect, sync.
    ManageConnections,
    ManageSettings,
}

impl Action {
    pub const ALL: [Self; 5] =
        [Self::ReadInbox, Self::EditContacts, Self::ReadConnections, Self::ManageConnections, Self::ManageSettings];

    /// The scope that an API key needs for it.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::ReadInbox => "inbox:read",
            Self::EditContacts => "contacts:edit",
            Self::ReadConnections => "connections:read",
            Self::ManageConnections => "connections:manage",
            Self::ManageSettings => "settings:manage",
        }
    }

    pub fn of_scope(scope: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.scope() == scope)
    }
}

/// The languages that Pagekeeper speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "vi")]
    Vietnamese,
    #[serde(rename = "da")]
    Danish,
}

impl Language {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Vietnamese => "vi",
            Self::Danish => "da",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        [Self::English, Self::Vietnamese, Self::Danish].into_iter().find(|known| known.as_str() == code)
    }
}

/// A name that people gave to an account or an API key: trimmed, 1 to 120 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DisplayName(String);

/// The longest [`DisplayName`], in characters.
pub const DISPLAY_NAME_MAX: usize = 120;

impl DisplayName {
    pub fn parse(name: &str) -> Result<Self, InvalidDisplayName> {
        let name = name.trim();
        if name.is_empty() {
            return Err(InvalidDisplayName::Empty);
        }
        if name.chars().count() > DISPLAY_NAME_MAX {
            return Err(InvalidDisplayName::TooLong);
        }
        if name.chars().any(char::is_control) {
            return Err(InvalidDisplayName::ControlCharacters);
        }
        Ok(Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDisplayName {
    #[error("must not be empty")]
    Empty,
    #[error("must have at most {DISPLAY_NAME_MAX} characters")]
    TooLong,
    #[error("must not have control characters")]
    ControlCharacters,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_reads_the_inbox_and_manages_nothing() {
        assert!(Role::Agent.allows(Action::ReadInbox));
        assert!(Role::Agent.allows(Action::EditContacts));
        assert!(!Role::ShopManager.allows(Action::EditContacts));
        assert!(!Role::Agent.allows(Action::ManageConnections));
        assert!(!Role::ShopManager.allows(Action::ReadInbox));
        assert!(Action::ALL.into_iter().all(|action| Role::Owner.allows(action)));
    }

    #[test]
    fn roles_scopes_and_languages_survive_their_names() {
        assert_eq!(Role::parse("shop_manager"), Some(Role::ShopManager));
        assert_eq!(Role::parse("root"), None);
        assert!(Action::ALL.into_iter().all(|action| Action::of_scope(action.scope()) == Some(action)));
        assert_eq!(Language::parse("da"), Some(Language::Danish));
    }

    #[test]
    fn a_display_name_is_trimmed_and_bounded() {
        assert_eq!(DisplayName::parse("  Café Nord ").unwrap().as_str(), "Café Nord");
        assert_eq!(DisplayName::parse("   "), Err(InvalidDisplayName::Empty));
        assert_eq!(DisplayName::parse("a\u{0}b"), Err(InvalidDisplayName::ControlCharacters));
        assert_eq!(DisplayName::parse(&"x".repeat(121)), Err(InvalidDisplayName::TooLong));
    }
}
