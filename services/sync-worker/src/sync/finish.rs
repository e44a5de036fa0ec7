//! The end of a Page's run.

use std::time::Duration;

use pagekeeper_common::domain::sync_run::{RunCursor, RunKind, RunPhase};
use pagekeeper_contracts::v1::SyncPage;
use pagekeeper_outbox as outbox;
use pagekeeper_store::connections::Synced;
use pagekeeper_store::sync_runs::{self, NewRun, RunProgress};
use pagekeeper_store::{AccountsTx, StoreError};

use super::PageSync;
use crate::runs::{Ending, Outcome, RunError, SUCCEEDED, end_all};

/// The hand that passes a run's cursor to the run that follows it.
const OWNER: &str = "sync-worker";

impl PageSync<'_> {
    /// Ends the run, and makes the one that does what it left out: all of it, or none.
    pub(super) async fn finish(&mut self) -> Result<Outcome, RunError> {
        let id = self.page.connection_id;
        let last = self.held.unsaved();
        let synced = Synced { connection_id: id, watermark: last.cursor.newest, digest: last.cursor.newest_digest };
        let ending = Ending { lease: self.held.lease, last, synced };
        let rest = self.takes_first_look().then(|| rest_of(&self.held.run.cursor)).flatten();
        if rest.is_some() || !self.parts.endings.store(ending.clone()).await {
            self.finish_alone(&ending, rest.as_ref()).await?;
        }
        self.parts.outbox.ring();
        self.parts.facts.connection_changed(self.page.account_id, id, &self.page.page_id);
        self.held.tell_ended(&SUCCEEDED);
        Ok(Outcome::Settled)
    }

    async fn finish_alone(&self, ending: &Ending, rest: Option<&RunCursor>) -> Result<(), StoreError> {
        let backfill = NewRun::of_page(self.page.account_id, RunKind::Backfill, self.page.connection_id);
        let finish = async |tx: &mut AccountsTx| {
            end_all(tx, std::slice::from_ref(ending)).await?;
            match rest {
                Some(rest) => hand_over(tx, &backfill, rest).await,
                None => Ok(()),
            }
        };
        self.parts.store.accounts_unflushed(&[self.page.account_id], finish).await
    }
}

/// Where a backfill goes on; none if nothing was left out.
fn rest_of(cursor: &RunCursor) -> Option<RunCursor> {
    let rest = RunCursor {
        after: cursor.after.clone(),
        listed: cursor.after.is_none(),
        conversations: 0,
        newest: None,
        older: cursor.older.clone(),
        ..RunCursor::default()
    };
    (!rest.listed || !rest.older.is_empty()).then_some(rest)
}

async fn hand_over(tx: &mut AccountsTx, backfill: &NewRun, rest: &RunCursor) -> Result<(), StoreError> {
    let run_id = sync_runs::create(tx, backfill).await?.id();
    let lease = sync_runs::claim(tx, run_id, OWNER, Duration::from_secs(1)).await?;
    if let Some((_run, lease)) = lease {
        let progress = RunProgress {
            phase: RunPhase::Waiting,
            cursor: rest.clone(),
            expected_conversations: None,
            conversations: 0,
            calls: 0,
            throttled_ms: 0,
            bytes: 0,
            errors: 0,
            rows_known: 0,
        };
        sync_runs::save(tx, &lease, &progress).await?;
        sync_runs::release(tx, &lease, Duration::from_mins(1)).await?;
    }
    let (account_id, run_id) = (backfill.account_id.get(), run_id.get());
    let command = SyncPage { account_id, run_id, interactive: false };
    outbox::enqueue(tx, &command).await
}

#[cfg(test)]
mod tests {
    use pagekeeper_common::domain::ids::ThreadId;
    use pagekeeper_common::domain::sync_run::{CircleGuard, OlderMessages};

    use super::*;

    #[test]
    fn a_backfill_follows_only_where_something_was_left_out() {
        let done = RunCursor { listed: true, conversations: 3, ..RunCursor::default() };
        assert_eq!(rest_of(&done), None);

        let capped = RunCursor { after: Some("next".to_owned()), ..done.clone() };
        let rest = rest_of(&capped).unwrap();
        assert_eq!((rest.listed, rest.conversations, rest.after.as_deref()), (false, 0, Some("next")));

        let older = OlderMessages {
            thread_id: ThreadId::parse("t_1").unwrap(),
            psid: "7".to_owned(),
            after: "a".to_owned(),
            circle: CircleGuard::default(),
        };
        let long = RunCursor { older: vec![older.clone()], ..done };
        let rest = rest_of(&long).unwrap();
        assert_eq!((rest.listed, rest.older), (true, vec![older]));
    }
}
