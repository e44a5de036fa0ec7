//! A Page's sync run: its details, its conversations with their newest messages, then older messages; or one part of it.
//!
//! Each page of data is stored together with the place where the run goes on, so a run that is killed anywhere goes on
//! from there. Meta's cursors move while conversations do: one that is refused starts the listing anew, which costs
//! calls and changes nothing.

mod contacts;
mod conversation;
mod conversation_list;
mod details;
mod digest;
mod finish;
mod lists;
mod memory;
mod older_messages;
pub mod plan;
mod update_page;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use pagekeeper_common::domain::connection::{ConnectionReason, ConnectionState, ConnectionType};
use pagekeeper_common::domain::sync_run::{RunKind, RunState};
use pagekeeper_common::graph::{GraphAuth, Platform};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::StoreError;
use pagekeeper_store::connections::Connection;
use pagekeeper_store::credentials::OpenedToken;
use pagekeeper_store::sync_runs::RunEnd;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::parts::Parts;
use crate::runs::{Failure, HeldRun, Interruption, Next, Outcome, PageAccess, RunError, after_failure};
use crate::trouble::{CalledPage, mark_trouble};
use conversation_list::Asked;
use details::Details;
use plan::{ListingBounds, SyncedPage};

/// Time for the run that goes first to be taken up.
const AFTER_YIELDING: Duration = Duration::from_secs(2);

/// When webhooks were heard last is kept to the minute; another one for clocks.
const HEARD_TO_THE_MINUTE: Duration = Duration::from_mins(2);

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
    /// The next page of the list, once it was asked for.
    ahead: Option<Asked>,
}

/// Carries out a run of one Page, or goes on with it.
pub async fn sync_page(parts: &Parts, pages: &Arc<Semaphore>, held: &mut HeldRun) -> Result<Outcome, RunError> {
    let (connection, token) = match opened(held.access.take().as_deref())? {
        Ok(opened) => opened,
        Err(reason) => return Ok(Outcome::Ended(failed(reason))),
    };
    let bounds = bounds(parts, held.run.kind, &connection);
    let page = SyncedPage {
        account_id: connection.account_id,
        connection_id: connection.id,
        page_id: connection.page_id.clone(),
        platform: platform(connection.connection_type),
        own_id: own_id(&connection),
    };
    let auth = parts.graph.auth(&token.token);
    let mut sync = PageSync { parts, pages, held, page, token, auth, bounds, ahead: None };
    match sync.work(&connection).await? {
        Ok(done) => sync.end(done).await,
        Err(failure) => sync.fail(failure).await,
    }
}

/// What a run came to.
enum Done {
    /// All conversations were gone through.
    Listed,
    /// One part, with what there is to tell of it.
    Part(Option<serde_json::Value>),
}

impl PageSync<'_> {
    async fn work(&mut self, connection: &Connection) -> Result<Result<Done, Failure>, RunError> {
        if let Some(interruption) = self.held.interruption() {
            return Ok(Err(Failure::Interrupted(interruption)));
        }
        let part = |done: Result<(), Failure>| done.map(|()| Done::Part(None));
        match self.held.run.kind {
            RunKind::Details => self.fetch_details(connection, Details::Asked).await.map(part),
            RunKind::Contacts => self.fetch_contacts().await.map(part),
            RunKind::Messages => Ok(self
                .fetch_all_messages()
                .await?
                .map(|()| Done::Part(Some(serde_json::json!({ "messages": self.held.run.cursor.messages }))))),
            RunKind::Status => self.fetch_status().await,
            RunKind::UpdatePage => self.update_page(connection).await,
            _ => {
                let fetched = self.fetch_page(connection).await?;
                if fetched.is_ok() {
                    self.listen_again(connection).await?;
                }
                Ok(fetched.map(|()| Done::Listed))
            }
        }
    }

    async fn end(&mut self, done: Done) -> Result<Outcome, RunError> {
        match done {
            Done::Listed => self.finish().await,
            Done::Part(result) => Ok(Outcome::Ended(RunEnd { state: RunState::Succeeded, error: None, result })),
        }
    }

    async fn fail(&mut self, failure: Failure) -> Result<Outcome, RunError> {
        let error = match failure {
            Failure::Throttled(wait) => return Ok(Outcome::PutOff(wait)),
            Failure::Ended(end) => return Ok(Outcome::Ended(end)),
            Failure::Interrupted(Interruption::Canceled) => {
                return Ok(Outcome::Ended(RunEnd { state: RunState::Canceled, error: None, result: None }));
            }
            Failure::Interrupted(Interruption::Yielded) => return Ok(Outcome::PutOff(AFTER_YIELDING)),
            Failure::Graph(error) => error,
        };
        let reason = error.decision.connection_reason();
        let waits = self.parts.config.sync.retry_waits();
        let next = after_failure(error.decision, self.held.run.attempts, self.held.run.lane(), &waits);
        tracing::warn!(area = self.held.area(), error = %Chain(&error), ?next, "Facebook refused");
        let end = |state| Outcome::Ended(RunEnd { state, ..failed(reason) });
        match next {
            Next::Again(wait) => Ok(Outcome::TryAgain(wait, reason.as_str())),
            Next::Park => Ok(end(RunState::Parked)),
            Next::Fail => {
                mark_trouble(self.parts, self.called_page(), error.decision).await?;
                Ok(end(RunState::Failed))
            }
        }
    }

    /// All of the Page that the run's kind asks for.
    async fn fetch_page(&mut self, connection: &Connection) -> Result<Result<(), Failure>, RunError> {
        let has_changed = connection.details_changed_at.is_some_and(|at| Some(at) > connection.last_synced_at);
        let wants_details = self.takes_first_look() || self.held.run.kind == RunKind::Full || has_changed;
        if wants_details
            && self.held.run.cursor.after.is_none()
            && let Err(failure) = self.fetch_details(connection, Details::Beside).await?
        {
            return Ok(Err(failure));
        }
        loop {
            if let Some(interruption) = self.held.interruption() {
                return Ok(Err(Failure::Interrupted(interruption)));
            }
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

/// The Page and its token, or why there is nothing to do with them.
fn opened(access: Option<&PageAccess>) -> Result<Result<(Connection, OpenedToken), ConnectionReason>, StoreError> {
    let Some(PageAccess { connection, token }) = access else { return Ok(Err(ConnectionReason::PageGone)) };
    Ok(match token {
        Some(token) if connection.state != ConnectionState::Disconnected => {
            Ok((connection.clone(), token.clone().map_err(StoreError::from)?))
        }
        _ => Err(connection.reason.unwrap_or(ConnectionReason::NoToken)),
    })
}

fn bounds(parts: &Parts, kind: RunKind, connection: &Connection) -> ListingBounds {
    match (kind, connection.sync_watermark) {
        (RunKind::Backfill, _) => ListingBounds { takes_read_state: true, ..ListingBounds::default() },
        (RunKind::First, _) | (RunKind::Incremental, None) => ListingBounds {
            most_conversations: Some(parts.config.sync.first_conversations.get()),
            takes_read_state: true,
            ..ListingBounds::default()
        },
        (RunKind::Incremental, Some(watermark)) => {
            ListingBounds { watermark: Some(watermark), known: known_digest(connection), ..ListingBounds::default() }
        }
        _ => ListingBounds::default(),
    }
}

/// What the last sync was told. Not where a webhook may have told more since: that may be gone by now, and the listing
/// is again what it was.
fn known_digest(connection: &Connection) -> Option<Uuid> {
    let heard_since = connection.last_webhook_at.is_some_and(|heard_at| {
        connection.last_synced_at.is_none_or(|synced_at| heard_at + HEARD_TO_THE_MINUTE > synced_at)
    });
    connection.sync_digest.filter(|_| !heard_since)
}

pub(crate) fn platform(connection_type: ConnectionType) -> Platform {
    match connection_type {
        ConnectionType::Facebook => Platform::Messenger,
        ConnectionType::Instagram => Platform::Instagram,
    }
}

fn own_id(connection: &Connection) -> String {
    let instagram =
        connection.instagram_account_id.as_ref().filter(|_| connection.connection_type == ConnectionType::Instagram);
    instagram.map_or_else(|| connection.page_id.as_str().to_owned(), |id| id.as_str().to_owned())
}

fn failed(reason: ConnectionReason) -> RunEnd {
    RunEnd { state: RunState::Failed, error: Some(reason.as_str().to_owned()), result: None }
}
