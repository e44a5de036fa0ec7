//! Fresh addresses of what came with a message, for somebody who wants to see it now.

use std::time::Duration;

use pagekeeper_common::domain::connection::ConnectionState;
use pagekeeper_common::domain::ids::{AccountId, MessageRowId};
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_common::graph::Decision;
use pagekeeper_contracts::v1::media_refreshed::Outcome;
use pagekeeper_limits::{CallError, CallKind, Meter};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::connections::Connection;
use pagekeeper_store::credentials::OpenedToken;
use pagekeeper_store::messages::AskedMedia;
use pagekeeper_store::{StoreError, connections, credentials, messages};
use tokio::time::timeout;

use crate::parts::Parts;
use crate::sync::plan::media_of;
use crate::trouble::{CalledPage, mark_trouble};

/// Whoever asked waits no longer than about this.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks Facebook, stores what it tells, and tells whoever waits.
pub async fn refresh_media(parts: &Parts, account_id: AccountId, message_id: MessageRowId) {
    let outcome = match timeout(PATIENCE, refresh(parts, account_id, message_id, Lane::Interactive)).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => {
            tracing::warn!(area = "sync", error = %Chain(&error), "a message's media could not be refreshed");
            Outcome::Refused
        }
        Err(_elapsed) => Outcome::Refused,
    };
    metrics::counter!("pagekeeper_media_refreshed_total", "outcome" => outcome.as_str_name()).increment(1);
    parts.facts.media_refreshed(account_id, message_id, outcome);
}

/// The message, its Page, and the token to ask with.
struct Asked {
    message: AskedMedia,
    connection: Connection,
    token: OpenedToken,
}

/// Asks Facebook, and stores what it tells.
pub(super) async fn refresh(
    parts: &Parts,
    account_id: AccountId,
    message_id: MessageRowId,
    lane: Lane,
) -> Result<Outcome, StoreError> {
    let asked = match load(parts, account_id, message_id).await? {
        Ok(asked) => asked,
        Err(outcome) => return Ok(outcome),
    };
    let (graph, auth) = (&parts.graph, parts.graph.auth(&asked.token.token));
    let (page_id, mid) = (&asked.connection.page_id, &asked.message.mid);
    let mut meter = Meter::default();
    let call = parts
        .limits
        .call(CallKind::Conversations(page_id), lane, 1, &mut meter, || graph.message_attachments(&auth, mid));
    let error = match call.await {
        Ok(attachments) => {
            let media = media_of(&attachments);
            let keep = async |tx: &mut _| messages::refresh_media(tx, message_id, &media).await;
            parts.store.accounts(&[account_id], keep).await?;
            return Ok(Outcome::Told);
        }
        Err(CallError::Graph(error)) => error,
        Err(CallError::Throttled(_)) => return Ok(Outcome::Refused),
        Err(CallError::Store(error)) => return Err(error),
    };
    tracing::info!(area = "sync", connection.id = %asked.connection.id, error = %Chain(&error), "no media were told");
    // It says something of the message, and nothing of its Page.
    if matches!(error.decision, Decision::Gone) {
        return Ok(Outcome::Gone);
    }
    let page = CalledPage { account_id, connection_id: asked.connection.id, page_id, token_id: asked.token.id };
    mark_trouble(parts, page, error.decision).await?;
    Ok(Outcome::Refused)
}

async fn load(
    parts: &Parts,
    account_id: AccountId,
    message_id: MessageRowId,
) -> Result<Result<Asked, Outcome>, StoreError> {
    let keys = parts.keys.as_ref();
    parts
        .store
        .accounts(&[account_id], async |tx| {
            let Some(message) = messages::find_asked_media(tx, message_id).await?.filter(|message| !message.is_gone)
            else {
                return Ok(Err(Outcome::Gone));
            };
            let connection = connections::find(tx, message.connection_id).await?;
            let token = credentials::find_page_token(tx, keys, account_id, message.connection_id).await?;
            let connection = connection.filter(|connection| connection.state != ConnectionState::Disconnected);
            let asked = connection.zip(token).map(|(connection, token)| Asked { message, connection, token });
            Ok::<_, StoreError>(asked.ok_or(Outcome::Refused))
        })
        .await
}
