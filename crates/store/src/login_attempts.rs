//! Logins on their way through Facebook. A `state` works once, for a short time, and only in the browser that began.

use std::time::Duration;

use diesel::sql_types::{BigInt, Binary, Bool, Double, Nullable, Text};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::SessionId;

use crate::columns::OptionalColumn;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{SystemTx, Transaction};
use crate::secret_hash::SecretHash;

/// What to remember while the person is at Facebook.
#[derive(Clone)]
pub struct NewLoginAttempt<'a> {
    pub state: SecretHash,
    pub browser: SecretHash,
    /// Where to go afterwards: a path of ours.
    pub return_to: &'a str,
    /// The session that asked to connect more Pages; none for a login.
    pub session_id: Option<SessionId>,
    pub lifetime: Duration,
}

/// What was remembered.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct LoginAttempt {
    #[diesel(sql_type = Text)]
    pub return_to: String,
    #[diesel(sql_type = Nullable<BigInt>, deserialize_as = OptionalColumn<SessionId>)]
    pub session_id: Option<SessionId>,
}

/// Why a `state` that came back is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedState {
    Unknown,
    OtherBrowser,
    AlreadyUsed,
    Expired,
}

/// Remembers a login, and forgets those that ended a day ago.
pub async fn start(tx: &mut SystemTx, attempt: NewLoginAttempt<'_>) -> Result<(), StoreError> {
    let statement = sql_query(
        "with forgotten as (delete from login_attempts where expires_at < now() - interval '1 day')
         insert into login_attempts (state_hash, browser_hash, return_to, session_id, expires_at)
         values ($1, $2, $3, $4, now() + make_interval(secs => $5))",
    )
    .bind::<Binary, _>(attempt.state.as_bytes())
    .bind::<Binary, _>(attempt.browser.as_bytes())
    .bind::<Text, _>(attempt.return_to)
    .bind::<Nullable<BigInt>, _>(attempt.session_id.map(SessionId::get))
    .bind::<Double, _>(attempt.lifetime.as_secs_f64());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Uses a `state` up. Of many at once with the same one, exactly one gets the attempt.
pub async fn use_once(
    tx: &mut SystemTx,
    state: &SecretHash,
    browser: &SecretHash,
) -> Result<Result<LoginAttempt, RefusedState>, StoreError> {
    let statement = sql_query(
        "update login_attempts set used_at = now()
         where state_hash = $1 and browser_hash = $2 and used_at is null and expires_at > now()
         returning return_to, session_id",
    )
    .bind::<Binary, _>(state.as_bytes())
    .bind::<Binary, _>(browser.as_bytes());
    let attempt: Option<LoginAttempt> = Prepared(statement).get_result(tx.connection()).await.optional()?;
    match attempt {
        Some(attempt) => Ok(Ok(attempt)),
        None => Ok(Err(why_refused(tx, state, browser).await?)),
    }
}

async fn why_refused(tx: &mut SystemTx, state: &SecretHash, browser: &SecretHash) -> Result<RefusedState, StoreError> {
    #[derive(QueryableByName)]
    struct Known {
        #[diesel(sql_type = Bool)]
        is_same_browser: bool,
        #[diesel(sql_type = Bool)]
        is_used: bool,
    }
    let statement = sql_query(
        "select browser_hash = $2 as is_same_browser, used_at is not null as is_used
         from login_attempts where state_hash = $1",
    )
    .bind::<Binary, _>(state.as_bytes())
    .bind::<Binary, _>(browser.as_bytes());
    let known: Option<Known> = Prepared(statement).get_result(tx.connection()).await.optional()?;
    Ok(match known {
        None => RefusedState::Unknown,
        Some(known) if !known.is_same_browser => RefusedState::OtherBrowser,
        Some(known) if known.is_used => RefusedState::AlreadyUsed,
        Some(_) => RefusedState::Expired,
    })
}
