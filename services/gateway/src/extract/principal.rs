//! Who is asking, in which account, and by what right.

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::account::{Action, Role};
use pagekeeper_common::domain::ids::{AccountId, SessionId, UserId};
use pagekeeper_store::SecretHash;

/// A person in one account, known by a session, a token or a key.
#[derive(Clone)]
pub(crate) struct Principal {
    pub account: AccountId,
    pub user: UserId,
    /// As it is now, not as it was when the credential was made.
    pub role: Role,
    pub credential: Credential,
}

/// What the caller showed.
#[derive(Clone)]
pub(crate) enum Credential {
    Session { id: SessionId, token_hash: SecretHash },
    Token { expires_at: DateTime<Utc> },
    ApiKey { key_hash: SecretHash, scopes: Vec<Action> },
}

/// Why a principal may not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotAllowed {
    #[error("your role in this account does not allow it")]
    Role,
    #[error("the API key lacks the scope {}", .0.scope())]
    Scope(Action),
}

impl Principal {
    /// A key can do no more than the person that it acts as.
    pub(crate) fn may(&self, action: Action) -> Result<(), NotAllowed> {
        if !self.role.allows(action) {
            return Err(NotAllowed::Role);
        }
        match &self.credential {
            Credential::ApiKey { scopes, .. } if !scopes.contains(&action) => Err(NotAllowed::Scope(action)),
            _ => Ok(()),
        }
    }

    /// How `/api/me` names the credential.
    pub(crate) fn signed_in_with(&self) -> &'static str {
        match self.credential {
            Credential::Session { .. } => "session",
            Credential::Token { .. } => "token",
            Credential::ApiKey { .. } => "api_key",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(role: Role, credential: Credential) -> Principal {
        Principal { account: AccountId::new(1), user: UserId::new(2), role, credential }
    }

    #[test]
    fn a_key_needs_both_the_scope_and_the_persons_role() {
        let key = || Credential::ApiKey {
            key_hash: SecretHash::of(b"key"),
            scopes: vec![Action::ReadInbox, Action::ManageSettings],
        };
        let owner = principal(Role::Owner, key());
        assert_eq!(owner.may(Action::ReadInbox), Ok(()));
        assert_eq!(owner.may(Action::ReadConnections), Err(NotAllowed::Scope(Action::ReadConnections)));
        assert_eq!(principal(Role::Agent, key()).may(Action::ManageSettings), Err(NotAllowed::Role));
    }

    #[test]
    fn a_session_does_what_the_role_allows() {
        let agent = principal(
            Role::Agent,
            Credential::Session { id: SessionId::new(1), token_hash: SecretHash::of(b"cookie") },
        );
        assert_eq!(agent.may(Action::ReadInbox), Ok(()));
        assert_eq!(agent.may(Action::ManageConnections), Err(NotAllowed::Role));
    }
}
