//! The older messages of a conversation, page by page.

use pagekeeper_common::domain::sync_run::{OlderMessages, RunKind, RunPhase};
use pagekeeper_common::graph::{Cursor, Decision};

use super::PageSync;
use super::conversation::conversation_gone;
use super::lists::circle;
use super::memory::{counted_if_large, room_for_answer};
use super::plan::plan_older_messages;
use crate::runs::{Failure, RunError, outcome_of};
use pagekeeper_limits::{CallError, CallKind};

impl PageSync<'_> {
    /// Fetches the next page of one conversation's older messages and stores it.
    pub(super) async fn fetch_older_messages(
        &mut self,
        older: &OlderMessages,
    ) -> Result<Result<(), Failure>, RunError> {
        let after = Cursor::new(older.after.as_str());
        let lane = self.held.run.lane();
        let mut limit = self.parts.config.sync.messages_per_call.get();
        let asked_at = self.parts.clock.now();
        let (messages, _room) = loop {
            let (graph, auth, page_id, pages) = (&self.parts.graph, &self.auth, &self.page.page_id, self.pages);
            let (after, platform) = (after.as_ref(), self.page.platform);
            let call = self.parts.limits.call(
                CallKind::Conversations(page_id),
                lane,
                1,
                &mut self.held.meter,
                || async move {
                    let (thread, room) = (&older.thread_id, room_for_answer(pages));
                    let answer = graph.conversation_messages_into(auth, platform, thread, limit, after, room).await?;
                    Ok(counted_if_large(answer))
                },
            );
            match call.await {
                Ok(messages) => break messages,
                Err(CallError::Graph(error)) if error.decision == Decision::HalveLimit && limit > 1 => limit /= 2,
                Err(CallError::Graph(error)) if is_about_this_thread(error.decision) => {
                    // Deleted meanwhile, or not to be had: the run goes on with the next conversation.
                    if self.held.run.kind != RunKind::Messages {
                        break Default::default();
                    }
                    return Ok(Err(conversation_gone()));
                }
                Err(error) => return outcome_of(error).map(Err),
            }
        };
        let watermark = self.bounds.watermark;
        let plan = plan_older_messages(&self.page, &self.held.run.cursor, older, &messages, watermark, asked_at);
        self.held.store_page(RunPhase::FetchingOlderMessages, &plan.conversations, plan.cursor, None).await?;
        Ok(circle(plan.is_circle))
    }
}

pub(super) fn is_about_this_thread(decision: Decision) -> bool {
    matches!(decision, Decision::BadRequest | Decision::Gone | Decision::Unknown)
}
