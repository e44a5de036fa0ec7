//! A Page's customers alone: the list of its conversations without their messages.

use pagekeeper_common::domain::sync_run::{RunCursor, RunPhase};
use pagekeeper_common::graph::{ConversationsRequest, Cursor};
use pagekeeper_limits::{CallError, CallKind};

use super::PageSync;
use super::lists::{circle, is_refused_cursor};
use super::plan::plan_contacts;
use crate::runs::{Failure, RunError, outcome_of};

/// Without messages a conversation is small. 100 is the most that is known to work.
const AT_ONCE: u32 = 100;

impl PageSync<'_> {
    pub(super) async fn fetch_contacts(&mut self) -> Result<Result<(), Failure>, RunError> {
        while !self.held.run.cursor.listed {
            if let Some(interruption) = self.held.interruption() {
                return Ok(Err(Failure::Interrupted(interruption)));
            }
            let after = self.held.run.cursor.after.clone().and_then(Cursor::new);
            let request = ConversationsRequest {
                platform: self.page.platform,
                limit: AT_ONCE,
                messages: 0,
                after: after.as_ref(),
            };
            let lane = self.held.run.lane();
            let asked_at = self.parts.clock.now();
            let (graph, auth, page_id) = (&self.parts.graph, &self.auth, &self.page.page_id);
            let call = self.parts.limits.call(CallKind::Conversations(page_id), lane, 1, &mut self.held.meter, || {
                graph.conversations(auth, page_id, request)
            });
            let plan = match call.await {
                Ok(listing) => plan_contacts(&self.page, &self.held.run.cursor, &listing, asked_at),
                Err(CallError::Graph(error)) if is_refused_cursor(error.decision, after.is_some()) => {
                    let cursor = RunCursor { after: None, ..self.held.run.cursor.clone() };
                    self.held.store_page(RunPhase::FetchingContacts, &[], cursor, None).await?;
                    continue;
                }
                Err(error) => return outcome_of(error).map(Err),
            };
            self.held.store_page(RunPhase::FetchingContacts, &plan.conversations, plan.cursor, None).await?;
            if let Err(failure) = circle(plan.is_circle) {
                return Ok(Err(failure));
            }
        }
        Ok(Ok(()))
    }
}
