//! What a person granted: their token, made to last, and what Meta says of it.

use chrono::{DateTime, TimeDelta, Utc};
use pagekeeper_common::domain::connection::ConnectionReason;
use pagekeeper_common::domain::sync_run::RunPhase;
use pagekeeper_common::domain::token::AccessToken;
use pagekeeper_common::graph::{Decision, GrantedToken, TokenExpiry, TokenInfo};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::credentials::{self, NewUserToken, OpenedToken, TokenFacts};

use super::decide::GrantedScopes;
use super::{ConnectRun, failed, refused};
use crate::runs::{Outcome, RunError, outcome_of};
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_limits::{CallError, CallKind};

/// A person's grant.
pub(super) struct Grant {
    pub(super) token: AccessToken,
    pub(super) scopes: GrantedScopes,
    pub(super) data_access_expires_at: Option<DateTime<Utc>>,
}

impl Grant {
    /// Of the permissions asked for, those that were not granted.
    pub(super) fn missing(&self, required: &[String]) -> Vec<String> {
        required.iter().filter(|scope| !self.scopes.has(scope)).cloned().collect()
    }
}

impl ConnectRun<'_> {
    /// The login left a short-lived token: it is exchanged, looked at and stored.
    pub(super) async fn renew_grant(&mut self) -> Result<Result<Grant, Outcome>, RunError> {
        self.held.enter(RunPhase::FetchingPages).await?;
        let (account_id, user_id, keys) = (self.held.run.account_id, self.user_id, self.parts.keys.as_ref());
        let find = async |tx: &mut _| credentials::find_user_token(tx, keys, account_id, user_id).await;
        let Some(known) = self.parts.store.accounts(&[account_id], find).await? else {
            return Ok(Err(failed(ConnectionReason::NoToken)));
        };
        let (token, expires_in) = match self.long_lived(&known).await? {
            Ok(granted) => (granted.token, granted.expires_in),
            Err(outcome) => return Ok(Err(outcome)),
        };
        let info = match self.look_at(&token).await? {
            Ok(info) => info,
            Err(outcome) => return Ok(Err(outcome)),
        };
        let new = NewUserToken {
            account_id,
            user_id,
            token: token.clone(),
            facts: TokenFacts {
                is_long_lived: true,
                expires_at: expires_at(
                    &info,
                    expires_in.and_then(|time| TimeDelta::from_std(time).ok()),
                    self.parts.clock.now(),
                ),
                data_access_expires_at: info.data_access_expires_at,
                scopes: info.scopes.clone(),
            },
        };
        let store = async |tx: &mut _| credentials::store_user_token(tx, keys, &new).await;
        self.parts.store.accounts(&[account_id], store).await?;
        let data_access_expires_at = info.data_access_expires_at;
        Ok(Ok(Grant { token, scopes: GrantedScopes::of(info), data_access_expires_at }))
    }

    /// One exchange for each login: a token that is long-lived already is kept.
    async fn long_lived(&mut self, known: &OpenedToken) -> Result<Result<GrantedToken, Outcome>, RunError> {
        let (graph, token) = (&self.parts.graph, &known.token);
        if known.facts.is_long_lived {
            return Ok(Ok(GrantedToken { token: token.clone(), expires_in: None }));
        }
        let call = self.parts.limits.call(CallKind::Person, Lane::Interactive, 1, &mut self.held.meter, || {
            graph.exchange_for_long_lived(token)
        });
        match call.await {
            Ok(granted) => Ok(Ok(granted)),
            Err(error) => self.token_refused(known, error).await.map(Err),
        }
    }

    async fn look_at(&mut self, token: &AccessToken) -> Result<Result<TokenInfo, Outcome>, RunError> {
        let graph = &self.parts.graph;
        let call = self
            .parts
            .limits
            .call(CallKind::Person, Lane::Interactive, 1, &mut self.held.meter, || graph.debug_token(token));
        match call.await {
            Ok(info) if info.is_valid => Ok(Ok(info)),
            Ok(info) => {
                let reason = info.failure.map_or(ConnectionReason::TokenInvalid, Decision::connection_reason);
                Ok(Err(failed(reason)))
            }
            Err(error) => Ok(Err(refused(outcome_of(error)?))),
        }
    }

    async fn token_refused(&mut self, known: &OpenedToken, error: CallError) -> Result<Outcome, RunError> {
        if let CallError::Graph(error) = &error
            && error.decision.is_token_failure()
        {
            tracing::warn!(area = "token", error = %Chain(error), "the person's token is dead");
            let (account_id, id) = (self.held.run.account_id, known.id);
            self.parts.store.accounts(&[account_id], async |tx| credentials::mark_invalid(tx, id).await).await?;
        }
        Ok(refused(outcome_of(error)?))
    }
}

/// Meta leaves `expires_in` out for tokens that never expire, and sometimes for others; `debug_token` knows.
fn expires_at(info: &TokenInfo, expires_in: Option<TimeDelta>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match info.expires_at {
        TokenExpiry::Never => None,
        TokenExpiry::At(time) => Some(time),
        TokenExpiry::Unknown => expires_in.map(|time| now + time),
    }
}
