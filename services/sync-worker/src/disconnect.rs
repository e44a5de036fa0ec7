//! What remains to be done at Meta, and with the tokens, after a person switched a connection off.

use pagekeeper_common::domain::connection::ConnectionState;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::connections::Connection;
use pagekeeper_store::credentials::OpenedToken;
use pagekeeper_store::{StoreError, connections, credentials};

use crate::parts::Parts;
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_limits::{CallError, CallKind, Meter};

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disconnected {
    Done,
    /// To be tried again: the tokens are still there for it.
    FacebookAway,
}

/// Unsubscribes the Page at Meta, unless its Instagram account is still heard through it (or the other way round), and wipes
/// its tokens. A connection that was revived meanwhile is left alone.
pub async fn disconnect_page(
    parts: &Parts,
    account_id: AccountId,
    connection_id: ConnectionId,
) -> Result<Disconnected, StoreError> {
    let keys = parts.keys.as_ref();
    let (connection, token) = parts
        .store
        .accounts(&[account_id], async |tx| {
            let connection = connections::find(tx, connection_id).await?;
            let token = credentials::find_page_token(tx, keys, account_id, connection_id).await?;
            Ok::<_, StoreError>((connection, token))
        })
        .await?;
    let Some(connection) = connection.filter(|connection| connection.state == ConnectionState::Disconnected) else {
        return Ok(Disconnected::Done);
    };
    let is_shared = parts
        .store
        .accounts(&[account_id], async |tx| connections::is_subscription_shared(tx, connection_id).await)
        .await?;
    if let Some(token) = token
        && !is_shared
        && !unsubscribe(parts, &connection, &token).await?
    {
        return Ok(Disconnected::FacebookAway);
    }
    parts.store.accounts(&[account_id], async |tx| credentials::wipe_page_tokens(tx, connection_id).await).await?;
    parts.facts.connection_changed(account_id, connection_id, &connection.page_id);
    tracing::info!(area = "token", account.id = %account_id, connection.id = %connection_id, "Page disconnected, tokens wiped");
    Ok(Disconnected::Done)
}

/// Whether there is nothing more to do at Meta: a token that no longer works cannot unsubscribe, and need not.
async fn unsubscribe(parts: &Parts, connection: &Connection, token: &OpenedToken) -> Result<bool, StoreError> {
    let auth = parts.graph.auth(&token.token);
    let mut meter = Meter::default();
    let page_id = &connection.page_id;
    let unsubscribed = parts
        .limits
        .call(CallKind::Page(page_id), Lane::Interactive, 1, &mut meter, || {
            parts.graph.unsubscribe_page(&auth, page_id)
        })
        .await;
    match unsubscribed {
        Ok(()) => Ok(true),
        Err(CallError::Graph(error)) if !error.decision.is_worth_retrying() => {
            tracing::info!(area = "token", connection.id = %connection.id, error = %Chain(&error), "Facebook refused to unsubscribe the Page");
            Ok(true)
        }
        Err(CallError::Graph(_) | CallError::Throttled(_)) => Ok(false),
        Err(CallError::Store(error)) => Err(error),
    }
}
