//! Conversations, page by page, and the older messages of a conversation.

use std::sync::Arc;

use pagekeeper_common::domain::sync_run::{OlderMessages, RunCursor, RunKind, RunPhase};
use pagekeeper_common::graph::{ConversationsRequest, Cursor, Decision};

use super::PageSync;
use super::conversation::conversation_gone;
use super::plan::{plan_conversations, plan_older_messages};
use crate::runs::{Failure, RunError, outcome_of};
use pagekeeper_limits::{CallError, CallKind};

impl PageSync<'_> {
    /// Fetches the next page of conversations and stores it.
    pub(super) async fn fetch_conversations(&mut self) -> Result<Result<(), Failure>, RunError> {
        let config = &self.parts.config.sync;
        let (mut limit, mut messages) = (config.conversations_per_call.get(), config.messages_per_conversation.get());
        if let Some(most) = self.bounds.most_conversations {
            limit = limit.min(most.saturating_sub(self.held.run.cursor.conversations)).max(1);
        }
        let lane = self.held.run.lane();
        let after = self.held.run.cursor.after.clone().and_then(Cursor::new);
        let asked_at = self.parts.clock.now();
        let (listing, _room) = loop {
            let request = ConversationsRequest { platform: self.page.platform, limit, messages, after: after.as_ref() };
            let (graph, auth, page_id, pages) = (&self.parts.graph, &self.auth, &self.page.page_id, self.pages);
            let call = self.parts.limits.call(
                CallKind::Conversations(page_id),
                lane,
                1,
                &mut self.held.meter,
                || async move {
                    // The page counts as in memory from before it arrives until after it is stored.
                    let room = Arc::clone(pages).acquire_owned().await.ok();
                    let answer = graph.conversations(auth, page_id, request).await?;
                    Ok(answer.map(|listing| (listing, room)))
                },
            );
            match call.await {
                Ok(listing) => break listing,
                Err(CallError::Graph(error)) if error.decision == Decision::HalveLimit && limit * messages > 1 => {
                    (limit, messages) = halved(limit, messages);
                }
                Err(CallError::Graph(error)) if is_refused_cursor(error.decision, after.is_some()) => {
                    return self.list_anew().await;
                }
                Err(error) => return outcome_of(error).map(Err),
            }
        };
        let plan = plan_conversations(&self.page, &self.held.run.cursor, &listing, self.bounds, asked_at);
        let expected =
            if plan.cursor.listed { Some(plan.cursor.conversations) } else { self.bounds.most_conversations };
        self.held.store_page(RunPhase::FetchingConversations, &plan.conversations, plan.cursor, expected).await?;
        Ok(circle(plan.is_circle))
    }

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
                    let room = Arc::clone(pages).acquire_owned().await.ok();
                    let answer = graph.conversation_messages(auth, platform, &older.thread_id, limit, after).await?;
                    Ok(answer.map(|messages| (messages, room)))
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

    async fn list_anew(&mut self) -> Result<Result<(), Failure>, RunError> {
        tracing::info!(area = self.held.area(), "Facebook refused a cursor: listing anew");
        metrics::counter!("pagekeeper_sync_listings_anew_total").increment(1);
        let cursor = RunCursor { after: None, ..self.held.run.cursor.clone() };
        self.held.store_page(RunPhase::FetchingConversations, &[], cursor, None).await?;
        Ok(Ok(()))
    }
}

/// A list that leads back to where it was would never end.
pub(super) fn circle(is_circle: bool) -> Result<(), Failure> {
    if is_circle {
        metrics::counter!("pagekeeper_sync_circles_total").increment(1);
        return Err(Failure::Graph(Decision::Unreadable.into()));
    }
    Ok(())
}

/// Fewer conversations first: a page of one conversation still makes progress.
fn halved(limit: u32, messages: u32) -> (u32, u32) {
    if limit > 1 { (limit / 2, messages) } else { (1, messages / 2) }
}

/// A cursor's end is told as a wrong parameter.
pub(super) fn is_refused_cursor(decision: Decision, had_cursor: bool) -> bool {
    had_cursor && decision == Decision::BadRequest
}

pub(super) fn is_about_this_thread(decision: Decision) -> bool {
    matches!(decision, Decision::BadRequest | Decision::Gone | Decision::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_asked_for_too_much_is_halved_down_to_one_message() {
        let mut steps = vec![(4, 5)];
        while let Some((limit, messages)) = steps.last().copied().filter(|(limit, messages)| limit * messages > 1) {
            steps.push(halved(limit, messages));
        }
        assert_eq!(steps, [(4, 5), (2, 5), (1, 5), (1, 2), (1, 1)]);
    }
}
