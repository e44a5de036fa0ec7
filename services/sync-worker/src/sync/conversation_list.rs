//! The list of a Page's conversations with their newest messages, page by page: one is fetched while the one before it
//! is stored.

use std::sync::Arc;

use futures_util::future::OptionFuture;
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_common::domain::sync_run::{RunCursor, RunPhase};
use pagekeeper_common::graph::{self, ConversationsRequest, Cursor, Decision, GraphAuth};
use pagekeeper_limits::{CallError, CallKind, Meter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::PageSync;
use super::lists::{circle, is_refused_cursor};
use super::memory::{counted_if_large, room_for_answer};
use super::plan::{ListingBounds, PagePlan, SyncedPage, plan_conversations};
use crate::parts::Parts;
use crate::runs::{Failure, RunError, outcome_of};

/// A page of the list that was asked for, and what came of it.
pub(super) struct Asked {
    at: RunCursor,
    answer: Result<Planned, CallError>,
    spent: Meter,
}

struct Planned {
    plan: PagePlan,
    /// A large page counts as in memory from before it is read until after it is stored.
    room: Option<OwnedSemaphorePermit>,
}

impl PageSync<'_> {
    /// Stores the next page of conversations, and asks for the one after it meanwhile.
    pub(super) async fn fetch_conversations(&mut self) -> Result<Result<(), Failure>, RunError> {
        let list = ConversationList {
            parts: self.parts,
            pages: self.pages,
            page: &self.page,
            auth: &self.auth,
            bounds: self.bounds,
            lane: self.held.run.lane(),
        };
        let asked = match self.ahead.take() {
            Some(asked) if asked.at == self.held.run.cursor => asked,
            _ => list.ask(&self.held.run.cursor).await,
        };
        self.held.meter += asked.spent;
        let Planned { plan, room } = match asked.answer {
            Ok(planned) => planned,
            Err(CallError::Graph(error)) if is_refused_cursor(error.decision, asked.at.after.is_some()) => {
                return self.list_anew().await;
            }
            Err(error) => return outcome_of(error).map(Err),
        };
        if plan.is_known {
            self.held.pass_by(&plan.conversations, plan.cursor);
            return Ok(Ok(()));
        }
        let PagePlan { conversations, cursor, is_circle, is_known: _ } = plan;
        let expected = if cursor.listed { Some(cursor.conversations) } else { self.bounds.most_conversations };
        let is_list_next = cursor.older.is_empty() || self.takes_first_look();
        let next = (!cursor.listed && !is_circle && is_list_next).then(|| cursor.clone());

        let held = &mut *self.held;
        let store = async move {
            let stored = held.store_page(RunPhase::FetchingConversations, &conversations, cursor, expected).await;
            drop(room);
            stored
        };
        let (stored, ahead) = tokio::join!(store, OptionFuture::from(next.as_ref().map(|next| list.ask(next))));
        self.ahead = ahead;
        stored?;
        Ok(circle(is_circle))
    }

    async fn list_anew(&mut self) -> Result<Result<(), Failure>, RunError> {
        tracing::info!(area = self.held.area(), "Facebook refused a cursor: listing anew");
        metrics::counter!("pagekeeper_sync_listings_anew_total").increment(1);
        let cursor = RunCursor { after: None, ..self.held.run.cursor.clone() };
        self.held.store_page(RunPhase::FetchingConversations, &[], cursor, None).await?;
        Ok(Ok(()))
    }
}

/// What is needed to ask for a page of the list.
#[derive(Clone, Copy)]
struct ConversationList<'a> {
    parts: &'a Parts,
    pages: &'a Arc<Semaphore>,
    page: &'a SyncedPage,
    auth: &'a GraphAuth,
    bounds: ListingBounds,
    lane: Lane,
}

impl ConversationList<'_> {
    /// The page at which `cursor` stands, planned.
    async fn ask(&self, cursor: &RunCursor) -> Asked {
        let asked_at = self.parts.clock.now();
        let mut spent = Meter::default();
        let answer = self.call(cursor, &mut spent).await;
        let answer = answer.map(|(listing, room)| {
            let plan = plan_conversations(self.page, cursor, &listing, self.bounds, asked_at);
            Planned { plan, room }
        });
        Asked { at: cursor.clone(), answer, spent }
    }

    async fn call(
        &self,
        cursor: &RunCursor,
        spent: &mut Meter,
    ) -> Result<(graph::Page<graph::Conversation>, Option<OwnedSemaphorePermit>), CallError> {
        let config = &self.parts.config.sync;
        let (mut limit, mut messages) = (config.conversations_per_call.get(), config.messages_per_conversation.get());
        if let Some(most) = self.bounds.most_conversations {
            limit = limit.min(most.saturating_sub(cursor.conversations)).max(1);
        }
        let after = cursor.after.clone().and_then(Cursor::new);
        let (graph, auth, page_id, pages) = (&self.parts.graph, self.auth, &self.page.page_id, self.pages);
        loop {
            let request = ConversationsRequest { platform: self.page.platform, limit, messages, after: after.as_ref() };
            let kind = CallKind::Conversations(page_id);
            let answered = self.parts.limits.call(kind, self.lane, 1, spent, || async move {
                let answer = graph.conversations_into(auth, page_id, request, room_for_answer(pages)).await?;
                Ok(counted_if_large(answer))
            });
            match answered.await {
                Err(CallError::Graph(error)) if error.decision == Decision::HalveLimit && limit * messages > 1 => {
                    (limit, messages) = halved(limit, messages);
                }
                answered => return answered,
            }
        }
    }
}

/// Fewer conversations first: a page of one conversation still makes progress.
fn halved(limit: u32, messages: u32) -> (u32, u32) {
    if limit > 1 { (limit / 2, messages) } else { (1, messages / 2) }
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
