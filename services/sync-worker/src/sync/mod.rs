//! A Page's sync run: its details, its conversations with their newest messages, then older messages.
//!
//! Each page of data is stored together with the place where the run goes on, so a run that is killed anywhere goes on
//! from there. Meta's cursors move while conversations do: one that is refused starts the listing anew, which costs
//! calls and changes nothing.

mod details;
mod finish;
mod listing;
pub mod plan;

use std::sync::Arc;

use pagekeeper_common::domain::connection::{ConnectionReason, ConnectionState};
use pagekeeper_common::domain::sync_run::{RunKind, RunState};
use pagekeeper_common::graph::GraphAuth;
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::connections::Connection;
use pagekeeper_store::credentials::OpenedToken;
use pagekeeper_store::sync_runs::RunEnd;
use pagekeeper_store::{StoreError, connections, credentials};
use tokio::sync::Semaphore;

use crate::parts::Parts;
use crate::runs::{Failure, HeldRun, Outcome, RunError};
use crate::trouble::{CalledPage, mark_trouble};
use plan::{ListingBounds, SyncedPage};

/// A Page's run at work.
struct PageSync<'a> {
    parts: &'a Parts,
    /// Full pages of conversations that may be in memory at once.
    pages: &'a Arc<Semaphore>,
    held: &'a mut HeldRun,
    page: SyncedPage,
    token: OpenedToken,
    auth: GraphAuth,
    bounds: ListingBounds,
}

/// Carries out a run of one Page, or goes on with it.
pub async fn sync_page(parts: &Parts, pages: &Arc<Semaphore>, held: &mut HeldRun) -> Result<Outcome, RunError> {
    let (connection, token) = match load(parts, held).await? {
        Ok(loaded) => loaded,
        Err(reason) => return Ok(Outcome::Ended(failed(reason))),
    };
    let bounds = bounds(parts, held.run.kind, &connection);
    let page = SyncedPage {
        account_id: connection.account_id,
        connection_id: connection.id,
        page_id: connection.page_id.clone(),
    };
    let auth = parts.graph.auth(&token.token);
    let mut sync = PageSync { parts, pages, held, page, token, auth, bounds };
    match sync.run(&connection).await? {
        Ok(()) => sync.finish().await,
        Err(Failure::Throttled(wait)) => Ok(Outcome::PutOff(wait)),
        Err(Failure::Graph(error)) => {
            tracing::warn!(area = sync.held.area(), error = %Chain(&error), "Facebook refused");
            mark_trouble(parts, sync.called_page(), error.decision).await?;
            Ok(Outcome::Ended(failed(error.decision.connection_reason())))
        }
    }
}

impl PageSync<'_> {
    async fn run(&mut self, connection: &Connection) -> Result<Result<(), Failure>, RunError> {
        if self.takes_first_look()
            && self.held.run.cursor.after.is_none()
            && let Err(failure) = self.fetch_details(connection).await?
        {
            return Ok(Err(failure));
        }
        loop {
            let older = self.held.run.cursor.older.first().filter(|_| !self.takes_first_look()).cloned();
            let fetched = match older {
                Some(older) => self.fetch_older_messages(&older).await?,
                None if !self.held.run.cursor.listed => self.fetch_conversations().await?,
                None => return Ok(Ok(())),
            };
            if let Err(failure) = fetched {
                return Ok(Err(failure));
            }
        }
    }

    fn called_page(&self) -> CalledPage<'_> {
        CalledPage {
            account_id: self.page.account_id,
            connection_id: self.page.connection_id,
            page_id: &self.page.page_id,
            token_id: self.token.id,
        }
    }

    /// A first look at a Page ends early; a backfill run does the rest.
    fn takes_first_look(&self) -> bool {
        self.bounds.most_conversations.is_some()
    }
}

async fn load(
    parts: &Parts,
    held: &HeldRun,
) -> Result<Result<(Connection, OpenedToken), ConnectionReason>, StoreError> {
    let account_id = held.run.account_id;
    let Some(connection_id) = held.run.connection_id else { return Ok(Err(ConnectionReason::PageGone)) };
    let keys = parts.keys.as_ref();
    let (connection, token) = parts
        .store
        .accounts(&[account_id], async |tx| {
            let connection = connections::find(tx, connection_id).await?;
            let token = credentials::find_page_token(tx, keys, account_id, connection_id).await?;
            Ok::<_, StoreError>((connection, token))
        })
        .await?;
    Ok(match (connection, token) {
        (Some(connection), Some(token)) if connection.state != ConnectionState::Disconnected => Ok((connection, token)),
        (Some(connection), _) => Err(connection.reason.unwrap_or(ConnectionReason::NoToken)),
        (None, _) => Err(ConnectionReason::PageGone),
    })
}

fn bounds(parts: &Parts, kind: RunKind, connection: &Connection) -> ListingBounds {
    match (kind, connection.sync_watermark) {
        (RunKind::Backfill, _) => ListingBounds { takes_read_state: true, ..ListingBounds::default() },
        (RunKind::Incremental, Some(watermark)) => {
            ListingBounds { watermark: Some(watermark), ..ListingBounds::default() }
        }
        _ => ListingBounds {
            watermark: None,
            most_conversations: Some(parts.config.sync.first_conversations.get()),
            takes_read_state: true,
        },
    }
}

fn failed(reason: ConnectionReason) -> RunEnd {
    RunEnd { state: RunState::Failed, error: Some(reason.as_str().to_owned()), result: None }
}
