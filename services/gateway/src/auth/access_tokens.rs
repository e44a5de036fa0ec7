//! Short-lived access tokens (JWT) for programs, made from a login session.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use pagekeeper_common::domain::ids::{AccountId, UserId};
use serde::{Deserialize, Serialize};

use super::hs256;

const ISSUER: &str = "pagekeeper";
const AUDIENCE: &str = "pagekeeper-api";

/// How far the clocks of two of our machines may differ.
const LEEWAY_SECONDS: u64 = 30;

/// Ours have some 300 characters; a longer one is not decoded.
const LONGEST: usize = 2_048;

/// A shorter key could be guessed.
pub(crate) const SHORTEST_KEY: usize = 32;

/// Whom a token speaks for, and until when. What the person may do is not in it: the role is read at each use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TokenIdentity {
    pub account: AccountId,
    pub user: UserId,
    pub expires_at: DateTime<Utc>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum AccessTokenError {
    #[error("the token has expired")]
    Expired,
    /// Forged, damaged, meant for somebody else, or not a token at all: the caller is not told which.
    #[error("the token is not valid")]
    Invalid(#[source] Option<jsonwebtoken::errors::Error>),
}

/// Makes and checks tokens. Clones share the key.
#[derive(Clone)]
pub(crate) struct AccessTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    lifetime: Duration,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    /// The account that it opens.
    account: i64,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl AccessTokens {
    /// `key` has at least [`SHORTEST_KEY`] bytes.
    pub(crate) fn new(key: &[u8], lifetime: Duration) -> Self {
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        Self { encoding: EncodingKey::from_secret(key), decoding: DecodingKey::from_secret(key), validation, lifetime }
    }

    pub(crate) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    pub(crate) fn issue(
        &self,
        account: AccountId,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<String, AccessTokenError> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user.to_string(),
            account: account.get(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + self.lifetime).timestamp(),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|error| AccessTokenError::Invalid(Some(error)))
    }

    pub(crate) fn verify(&self, token: &str) -> Result<TokenIdentity, AccessTokenError> {
        if token.len() > LONGEST {
            return Err(AccessTokenError::Invalid(None));
        }
        let claims = decode::<Claims>(token, &self.decoding, &self.validation).map_err(refusal)?.claims;
        let user = claims.sub.parse().map_err(|_not_a_number| AccessTokenError::Invalid(None))?;
        let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or(AccessTokenError::Invalid(None))?;
        Ok(TokenIdentity { account: AccountId::new(claims.account), user: UserId::new(user), expires_at })
    }
}

fn refusal(error: jsonwebtoken::errors::Error) -> AccessTokenError {
    match error.kind() {
        jsonwebtoken::errors::ErrorKind::ExpiredSignature => AccessTokenError::Expired,
        _ => AccessTokenError::Invalid(Some(error)),
    }
}

#[cfg(test)]
mod tests;
