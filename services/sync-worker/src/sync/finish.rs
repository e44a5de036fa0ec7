//! The end of a Page's run.

use std::time::Duration;

use pagekeeper_common::domain::sync_run::{RunCursor, RunKind, RunPhase, RunState};
use pagekeeper_contracts::v1::SyncPage;
use pagekeeper_outbox as outbox;
use pagekeeper_store::sync_runs::{self, NewRun, RunEnd, RunProgress};
use pagekeeper_store::{AccountsTx, StoreError, connections};

use super::PageSync;
use crate::runs::{Outcome, RunError, hand_on};

/// The hand that passes a run's cursor to the run that follows it.
const OWNER: &str = "sync-worker";

impl PageSync<'_> {
    /// Ends the run, and makes the one that does what it left out: all of it, or none.
    pub(super) async fn finish(&mut self) -> Result<Outcome, RunError> {
        let unsaved = self.held.unsaved();
        let end = RunEnd { state: RunState::Succeeded, error: None, result: None };
        let (lease, id) = (self.held.lease, self.page.connection_id);
        let (watermark, digest) = (unsaved.cursor.newest, unsaved.cursor.newest_digest);
        let rest = self.takes_first_look().then(|| rest_of(&self.held.run.cursor)).flatten();
        let backfill = NewRun::of_page(self.page.account_id, RunKind::Backfill, id);
        self.parts
            .store
            .accounts_unflushed(&[self.page.account_id], async |tx| {
                connections::mark_synced(tx, id, watermark, digest).await?;
                sync_runs::end(tx, &lease, &end, Some(&unsaved)).await?;
                if let Some(rest) = &rest {
                    hand_over(tx, &backfill, rest).await?;
                }
                hand_on(tx, &lease).await
            })
            .await?;
        self.parts.outbox.ring();
        self.parts.facts.connection_changed(self.page.account_id, id, &self.page.page_id);
        self.held.tell_ended(&end);
        Ok(Outcome::Settled)
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
