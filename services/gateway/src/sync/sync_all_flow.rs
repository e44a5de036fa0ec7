//! Syncing every connected Page of every account: for the cron route and for the schedule.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono_tz::Tz;
use futures_util::{StreamExt, stream};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, RunId};
use pagekeeper_common::domain::sync_run::{RunKind, RunState};
use pagekeeper_store::connections::DueConnection;
use pagekeeper_store::sync_runs::Run;
use pagekeeper_store::{AccountTx, SystemTx, connections};
use tokio::time::Instant;

use super::full_sync_hour::passed_at;
use super::stagger::delay;
use super::start::start_by_clock;
use super::wait::wait_for_end;
use crate::extract::api_error::{Answer, ApiError};
use crate::state::State;

/// Pages of one call; the longest waiting come first, the rest with the next call.
const MOST_PAGES: u32 = 10_000;

/// Transactions, and runs that are waited for, at the same time.
const AT_ONCE: usize = 8;

/// A run that was started, or joined because it was active already.
#[derive(Clone, Copy)]
pub(super) struct Started {
    account: AccountId,
    pub(super) run: RunId,
}

/// What became of the runs by the deadline.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) pages: usize,
    pub(super) succeeded: usize,
    pub(super) ended: usize,
    /// Conversations that were new or had changed.
    pub(super) changed: u64,
    /// The first run that goes on.
    pub(super) still_running: Option<Run>,
}

/// Starts a run of this kind at each connected Page, whatever the hour. Two callers at once do the work once: the later one
/// joins the runs of the first.
pub(super) async fn start_all(state: &State, kind: RunKind) -> Answer<Vec<Started>> {
    let now = state.now();
    let due = state
        .store
        .system(async move |tx: &mut SystemTx| connections::list_due(tx, now, MOST_PAGES).await.map_err(ApiError::from))
        .await?;
    start_each(state, kind, due).await
}

/// Starts a full sync of each Page whose account's clock has passed the hour for it.
pub(super) async fn start_due_full(state: &State) -> Answer<Vec<Started>> {
    let (now, hour) = (state.now(), state.config.schedules.full_sync_hour);
    let due = state
        .store
        .system(async move |tx: &mut SystemTx| {
            let zones = connections::list_time_zones(tx).await?;
            let passed: Vec<_> = zones
                .into_iter()
                .map(|name| {
                    let zone = name.parse().unwrap_or(Tz::UTC);
                    (name, passed_at(now, zone, hour))
                })
                .collect();
            connections::list_due_full(tx, &passed, MOST_PAGES).await.map_err(ApiError::from)
        })
        .await?;
    start_each(state, RunKind::Full, due).await
}

/// Looks at each Page that has been silent for longer than it usually is.
pub(super) async fn start_silent(state: &State) -> Answer<Vec<Started>> {
    let silent = state
        .store
        .system(async move |tx: &mut SystemTx| connections::list_silent(tx, MOST_PAGES).await.map_err(ApiError::from))
        .await?;
    start_each(state, RunKind::Incremental, silent).await
}

/// One transaction per account; the Pages start one after the other.
async fn start_each(state: &State, kind: RunKind, pages: Vec<DueConnection>) -> Answer<Vec<Started>> {
    let all = pages.len();
    let mut accounts: BTreeMap<AccountId, Vec<ConnectionId>> = BTreeMap::new();
    for page in pages {
        accounts.entry(page.account_id).or_default().push(page.connection_id);
    }
    let started = stream::iter(accounts)
        .map(|(account, pages)| start_in_account(state, kind, account, pages, all))
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    state.bell.ring();
    let started: Answer<Vec<Vec<Started>>> = started.into_iter().collect();
    Ok(started?.into_iter().flatten().collect())
}

async fn start_in_account(
    state: &State,
    kind: RunKind,
    account: AccountId,
    pages: Vec<ConnectionId>,
    all: usize,
) -> Answer<Vec<Started>> {
    let per_second = state.config.schedules.pages_per_second;
    state
        .store
        .account(account, async move |tx: &mut AccountTx| {
            let staggered: Vec<_> = pages.iter().map(|page| (*page, delay(*page, all, per_second))).collect();
            let runs = start_by_clock(tx, kind, &staggered).await?;
            if kind == RunKind::Full {
                connections::mark_full_sync(tx, &pages).await?;
            }
            Ok::<_, ApiError>(runs.into_iter().map(|run| Started { account, run }).collect())
        })
        .await
}

/// Waits for the runs, all until the same deadline.
pub(super) async fn wait_for_all(state: &State, started: &[Started], wait: Duration) -> Answer<Outcome> {
    let deadline = Instant::now() + wait;
    let runs = stream::iter(started.iter().copied())
        .map(|started| async move {
            let mut hints = state.hub.subscribe(started.account);
            wait_for_end(state, &mut hints, started.account, started.run, deadline).await
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    let mut outcome = Outcome::default();
    for run in runs {
        outcome.add(run?);
    }
    Ok(outcome)
}

impl Outcome {
    fn add(&mut self, run: Run) {
        self.pages += 1;
        self.changed += u64::from(run.conversations_changed);
        self.succeeded += usize::from(run.state == RunState::Succeeded);
        self.ended += usize::from(run.state.has_ended());
        if !run.state.has_ended() && self.still_running.is_none() {
            self.still_running = Some(run);
        }
    }
}
