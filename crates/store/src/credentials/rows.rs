use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Bool, Nullable, Timestamptz};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, CredentialId, UserId};
use pagekeeper_common::domain::token::AccessToken;

use crate::seal::Place;

/// What Meta says of a token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenFacts {
    /// A code exchange gives a short-lived token; the connect run exchanges it first.
    pub is_long_lived: bool,
    /// None: it never expires, or Meta did not say.
    pub expires_at: Option<DateTime<Utc>>,
    pub data_access_expires_at: Option<DateTime<Utc>>,
    /// The permissions granted.
    pub scopes: Vec<String>,
}

/// A person's token to store.
#[derive(Debug, Clone)]
pub struct NewUserToken {
    pub account_id: AccountId,
    pub user_id: UserId,
    pub token: AccessToken,
    pub facts: TokenFacts,
}

/// A Page's token to store, derived from the grant of `user_id`.
#[derive(Debug, Clone)]
pub struct NewPageToken {
    pub connection_id: ConnectionId,
    pub token: AccessToken,
    pub facts: TokenFacts,
}

/// A token out of its seal.
#[derive(Debug, Clone)]
pub struct OpenedToken {
    pub id: CredentialId,
    pub user_id: UserId,
    pub token: AccessToken,
    pub facts: TokenFacts,
    /// Raised by each write-back.
    pub version: i64,
}

/// What may be known of a person's token without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct UserTokenFacts {
    /// Not refused so far, and not expired.
    #[diesel(sql_type = Bool)]
    pub is_valid: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
}

pub(super) fn place(id: i64, account: AccountId) -> Place {
    Place { table: "credentials", column: "sealed", row: id, account }
}
