//! A run that this worker holds: whatever is written, is written under its lease.

use std::sync::Arc;
use std::time::Duration;

use pagekeeper_bus::topology::BACKGROUND_COMMANDS;
use pagekeeper_common::domain::backoff::Backoff;
use pagekeeper_common::domain::ids::{AccountId, RunId};
use pagekeeper_common::domain::sync_run::{RunCursor, RunKind, RunPhase, RunState};
use pagekeeper_contracts::v1::SyncPage;
use pagekeeper_outbox as outbox;
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::AccountsTx;
use pagekeeper_store::StoreError;
use pagekeeper_store::connections::Connection;
use pagekeeper_store::credentials::OpenedToken;
use pagekeeper_store::messages::StoredBatch;
use pagekeeper_store::seal::SealError;
use pagekeeper_store::sync_runs::{self, Run, RunEnd, RunLease, RunProgress, Saved};
use tokio::time::{Instant, sleep};

use super::Interruption;
use crate::parts::Parts;
use crate::sync::plan::{PlannedConversation, batch_of};
use pagekeeper_limits::Meter;

/// A screen needs no more than a few of these in a second.
const TELL_EVERY: Duration = Duration::from_millis(300);

/// Tries to store a page of data beside the first, and their waits.
const STORE_TRIES: u32 = 3;
const STORE_AGAIN: Backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(1) };

/// What a Page's calls are made with, as it was when the run was claimed.
#[derive(Debug)]
pub struct PageAccess {
    pub connection: Connection,
    /// None where nobody who granted one has a valid one.
    pub token: Option<Result<OpenedToken, SealError>>,
}

/// What a run went by without a look at the database.
#[derive(Debug, Clone, Copy, Default)]
struct Passed {
    conversations: u32,
    rows: u64,
}

pub struct HeldRun {
    pub run: Run,
    pub lease: RunLease,
    /// None where it is not about a Page, or the Page is gone.
    pub access: Option<Arc<PageAccess>>,
    /// Not saved yet.
    pub meter: Meter,
    /// What was known already. Not saved yet either.
    passed: Passed,
    parts: Parts,
    told_at: Option<Instant>,
    /// What the last save answered.
    heard: Saved,
}

impl HeldRun {
    pub fn new(parts: Parts, run: Run, lease: RunLease, access: Option<Arc<PageAccess>>) -> Self {
        let is_canceled = run.cancel_requested_at.is_some();
        let heard = Saved { is_canceled, must_yield: false };
        Self { run, lease, access, meter: Meter::default(), passed: Passed::default(), parts, told_at: None, heard }
    }

    /// Saves the phase, and prolongs the lease.
    pub async fn enter(&mut self, phase: RunPhase) -> Result<(), StoreError> {
        let progress = self.progress(phase, self.run.cursor.clone(), 0, None);
        let lease = self.lease;
        let save = async |tx: &mut AccountsTx| sync_runs::save(tx, &lease, &progress).await;
        let saved = self.parts.store.accounts_unflushed(&[lease.account_id], save).await?;
        self.saved(progress, saved);
        Ok(())
    }

    /// Whether the run leaves off here.
    pub(crate) fn interruption(&self) -> Option<Interruption> {
        match self.heard {
            Saved { is_canceled: true, .. } => Some(Interruption::Canceled),
            Saved { must_yield: true, .. } => Some(Interruption::Yielded),
            Saved { .. } => None,
        }
    }

    /// Prolongs the lease, and saves what was spent.
    pub async fn keep(&mut self) -> Result<(), StoreError> {
        self.enter(self.run.phase).await
    }

    /// Stores a page of data, and where the run goes on after it: both or neither.
    pub async fn store_page(
        &mut self,
        phase: RunPhase,
        conversations: &[PlannedConversation],
        cursor: RunCursor,
        expected: Option<u32>,
    ) -> Result<(), StoreError> {
        let listed = cursor.conversations.saturating_sub(self.run.cursor.conversations);
        let progress = self.progress(phase, cursor, listed, expected);
        let saved = match self.try_to_store(conversations, &progress).await {
            Ok((stored, saved)) => {
                self.tell_stored(&stored);
                saved
            }
            Err(error) if error.is_about_the_data() => self.store_one_by_one(conversations, &progress).await?,
            Err(error) => return Err(error),
        };
        self.saved(progress, saved);
        Ok(())
    }

    /// Goes by conversations that are known as they are, to be saved with what comes next: whoever takes the run over
    /// before that asks for them again.
    pub fn pass_by(&mut self, conversations: &[PlannedConversation], cursor: RunCursor) {
        let messages: usize = conversations.iter().map(|conversation| conversation.messages.len()).sum();
        self.passed.rows += (conversations.len() + messages) as u64;
        self.passed.conversations += cursor.conversations.saturating_sub(self.run.cursor.conversations);
        self.run.cursor = cursor;
    }

    /// Ends the run.
    pub async fn end(&mut self, end: &RunEnd) -> Result<(), StoreError> {
        let unsaved = self.unsaved();
        self.end_with(end, Some(&unsaved)).await
    }

    /// The same without saving what was spent last.
    pub async fn end_unsaved(&self, end: &RunEnd) -> Result<(), StoreError> {
        self.end_with(end, None).await
    }

    async fn end_with(&self, end: &RunEnd, last: Option<&RunProgress>) -> Result<(), StoreError> {
        let (lease, attempts) = (self.lease, self.run.attempts);
        let end_in_tx = async |tx: &mut AccountsTx| end_in(tx, &lease, end, last, attempts).await;
        self.parts.store.accounts_unflushed(&[lease.account_id], end_in_tx).await?;
        self.parts.outbox.ring();
        self.tell_ended(end);
        Ok(())
    }

    /// Gives the run back, to be taken up again by any worker once `resume_in` is over.
    pub async fn put_off(&mut self, resume_in: Duration) -> Result<(), StoreError> {
        self.meter.throttled += resume_in;
        let unsaved = self.unsaved();
        self.give_back(Some(&unsaved), resume_in, None).await
    }

    /// The same after a failure that may pass.
    pub async fn try_again(&mut self, resume_in: Duration, error: &'static str) -> Result<(), StoreError> {
        let unsaved = self.unsaved();
        tracing::info!(
            area = self.area(),
            error,
            attempts = self.run.attempts + 1,
            wait_ms = resume_in.as_millis(),
            "a run is tried again later"
        );
        self.give_back(Some(&unsaved), resume_in, Some(error)).await
    }

    /// Gives it back without saving: for a worker that stops.
    pub async fn release(&self, resume_in: Duration) -> Result<(), StoreError> {
        self.give_back(None, resume_in, None).await
    }

    async fn give_back(
        &self,
        unsaved: Option<&RunProgress>,
        resume_in: Duration,
        error: Option<&'static str>,
    ) -> Result<(), StoreError> {
        let lease = self.lease;
        let give_back = async |tx: &mut AccountsTx| {
            if let Some(unsaved) = unsaved {
                sync_runs::save(tx, &lease, unsaved).await?;
            }
            match error {
                Some(error) => sync_runs::put_off(tx, &lease, resume_in, error).await?,
                None => sync_runs::release(tx, &lease, resume_in).await?,
            }
            hand_on(tx, &[lease]).await
        };
        self.parts.store.accounts_unflushed(&[lease.account_id], give_back).await?;
        self.parts.outbox.ring();
        Ok(())
    }

    /// What was spent since it was saved last, to be saved with its end.
    pub(crate) fn unsaved(&mut self) -> RunProgress {
        let progress = self.progress(self.run.phase, self.run.cursor.clone(), 0, None);
        (self.meter, self.passed) = Default::default();
        progress
    }

    /// Tells that the run ended, once that is committed.
    pub fn tell_ended(&self, end: &RunEnd) {
        self.parts.facts.run_progressed(self.run.account_id, self.run.id, self.run.parent_id, true);
        metrics::counter!("pagekeeper_sync_runs_ended_total", "kind" => self.run.kind.as_str(), "state" => end.state.as_str())
            .increment(1);
        let took = self.run.started_at.map(|started| (self.parts.clock.now() - started).num_milliseconds());
        if matches!(end.state, RunState::Failed | RunState::Parked) {
            tracing::warn!(area = self.area(), duration_ms = took, error = end.error, "run failed");
        } else {
            tracing::info!(area = self.area(), duration_ms = took, "run ended");
        }
    }

    /// The `area` of this run's log lines.
    pub fn area(&self) -> &'static str {
        match self.run.kind {
            RunKind::Connect | RunKind::First => "auto_connect",
            _ => "sync",
        }
    }

    /// A deadlock, or a connection that just broke, is gone at the next try. Storing twice changes nothing.
    async fn try_to_store(
        &self,
        conversations: &[PlannedConversation],
        progress: &RunProgress,
    ) -> Result<(StoredBatch, Saved), StoreError> {
        let batch = batch_of(conversations);
        let mut failures = 0;
        loop {
            match self.parts.store.store_sync_page(&self.lease, &batch, progress).await {
                Err(error) if error.is_transient() && failures < STORE_TRIES => {
                    failures += 1;
                    sleep(STORE_AGAIN.wait(failures, 0.0)).await;
                }
                stored => return stored,
            }
        }
    }

    fn tell_stored(&mut self, stored: &StoredBatch) {
        let changed = stored.changed.iter().map(|changed| (changed.account_id, changed.conversation_id));
        self.parts.facts.conversations_changed(changed, self.parts.clock.now());
        metrics::counter!("pagekeeper_messages_stored_total", "source" => "sync").increment(stored.new_messages);
        metrics::counter!("pagekeeper_contacts_added_total", "source" => "sync")
            .increment(stored.new_contacts.len() as u64);
    }

    /// A page with something in it that the database refuses: all others of it are stored, and the run goes on.
    async fn store_one_by_one(
        &mut self,
        conversations: &[PlannedConversation],
        progress: &RunProgress,
    ) -> Result<Saved, StoreError> {
        for conversation in conversations {
            match self.parts.store.store_messages(&batch_of(std::slice::from_ref(conversation))).await {
                Ok(stored) => self.tell_stored(&stored),
                Err(error) if error.is_about_the_data() => {
                    metrics::counter!("pagekeeper_sync_conversations_refused_total").increment(1);
                    tracing::error!(area = self.area(), error = %Chain(&error), "a conversation could not be stored");
                }
                Err(error) => return Err(error),
            }
        }
        let lease = self.lease;
        self.parts
            .store
            .accounts_unflushed(&[lease.account_id], async |tx| sync_runs::save(tx, &lease, progress).await)
            .await
    }

    fn progress(&self, phase: RunPhase, cursor: RunCursor, conversations: u32, expected: Option<u32>) -> RunProgress {
        RunProgress {
            phase,
            cursor,
            expected_conversations: expected,
            conversations: conversations + self.passed.conversations,
            calls: self.meter.calls,
            throttled_ms: u64::try_from(self.meter.throttled.as_millis()).unwrap_or(u64::MAX),
            bytes: self.meter.bytes,
            errors: self.meter.errors,
            rows_known: self.passed.rows,
        }
    }

    fn saved(&mut self, progress: RunProgress, heard: Saved) {
        self.heard = heard;
        (self.meter, self.passed) = Default::default();
        self.run.phase = progress.phase;
        self.run.cursor = progress.cursor;
        if self.told_at.is_none_or(|told_at| told_at.elapsed() >= TELL_EVERY) {
            self.told_at = Some(Instant::now());
            self.parts.facts.run_progressed(self.run.account_id, self.run.id, self.run.parent_id, false);
        }
    }
}

async fn end_in(
    tx: &mut AccountsTx,
    lease: &RunLease,
    end: &RunEnd,
    last: Option<&RunProgress>,
    attempts: u32,
) -> Result<(), StoreError> {
    sync_runs::end(tx, lease, end, last).await?;
    if end.state == RunState::Parked {
        let reason = end.error.clone().unwrap_or_default();
        let failure = outbox::Failure { reason, attempts: attempts + 1 };
        outbox::park(tx, BACKGROUND_COMMANDS, &command(lease.account_id, lease.run_id), failure).await?;
    }
    hand_on(tx, &[*lease]).await
}

/// For each of these runs the one that waits longest for its Page gets its turn.
pub(super) async fn hand_on(tx: &mut AccountsTx, leases: &[RunLease]) -> Result<(), StoreError> {
    let next = sync_runs::claim_next_of_pages(tx, leases).await?;
    let commands: Vec<SyncPage> = next.into_iter().map(|(account_id, run_id)| command(account_id, run_id)).collect();
    if commands.is_empty() {
        return Ok(());
    }
    outbox::enqueue_all(tx, commands.iter().map(|command| (command, Duration::ZERO))).await
}

fn command(account_id: AccountId, run_id: RunId) -> SyncPage {
    SyncPage { account_id: account_id.get(), run_id: run_id.get(), interactive: false }
}
