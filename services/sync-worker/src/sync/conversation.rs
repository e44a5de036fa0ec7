//! One conversation: all its messages, or what Facebook says of it.

use pagekeeper_common::domain::ids::{ConversationId, ThreadId};
use pagekeeper_common::domain::sync_run::{CircleGuard, OlderMessages, RunCursor, RunPhase, RunState};
use pagekeeper_limits::{CallError, CallKind};
use pagekeeper_store::conversations::{self, Conversation, FacebookStatus};
use pagekeeper_store::sync_runs::RunEnd;
use serde_json::json;

use super::older_messages::is_about_this_thread;
use super::{Done, PageSync};
use crate::runs::{Failure, RunError, outcome_of};

/// What Facebook knows the conversation by.
struct Thread {
    conversation: Conversation,
    thread_id: ThreadId,
}

impl PageSync<'_> {
    /// From the newest message to the oldest.
    pub(super) async fn fetch_all_messages(&mut self) -> Result<Result<(), Failure>, RunError> {
        if !self.held.run.cursor.prepared {
            let thread = match self.find_thread().await? {
                Ok(thread) => thread,
                Err(failure) => return Ok(Err(failure)),
            };
            let newest = OlderMessages {
                thread_id: thread.thread_id,
                psid: thread.conversation.psid.as_str().to_owned(),
                after: String::new(),
                circle: CircleGuard::default(),
            };
            let cursor = RunCursor { older: vec![newest], prepared: true, ..RunCursor::default() };
            self.held.store_page(RunPhase::FetchingOlderMessages, &[], cursor, None).await?;
        }
        while let Some(older) = self.held.run.cursor.older.first().cloned() {
            if let Some(interruption) = self.held.interruption() {
                return Ok(Err(Failure::Interrupted(interruption)));
            }
            if let Err(failure) = self.fetch_older_messages(&older).await? {
                return Ok(Err(failure));
            }
        }
        Ok(Ok(()))
    }

    /// How much of it is unread, and whether it can be answered.
    pub(super) async fn fetch_status(&mut self) -> Result<Result<Done, Failure>, RunError> {
        let thread = match self.find_thread().await? {
            Ok(thread) => thread,
            Err(failure) => return Ok(Err(failure)),
        };
        let lane = self.held.run.lane();
        let (graph, auth, page_id, thread_id) = (&self.parts.graph, &self.auth, &self.page.page_id, &thread.thread_id);
        let call = self.parts.limits.call(CallKind::Conversations(page_id), lane, 1, &mut self.held.meter, || {
            graph.conversation(auth, thread_id)
        });
        let told = match call.await {
            Ok(told) => told,
            Err(CallError::Graph(error)) if is_about_this_thread(error.decision) => {
                return Ok(Err(conversation_gone()));
            }
            Err(error) => return outcome_of(error).map(Err),
        };
        let status = FacebookStatus {
            unread_count: told.unread_count,
            can_reply: told.can_reply,
            updated_at: told.updated_time,
        };
        let (account_id, id) = (self.page.account_id, thread.conversation.id);
        let store = async |tx: &mut _| conversations::set_facebook_status(tx, id, &status).await;
        self.parts.store.accounts(&[account_id], store).await?;
        self.parts.facts.conversations_changed([(account_id, id)], self.parts.clock.now());
        Ok(Ok(Done::Part(Some(json!({
            "unread_count": told.unread_count,
            "message_count": told.message_count,
            "can_reply": told.can_reply,
            "updated_time": told.updated_time,
        })))))
    }

    /// A conversation that only webhooks told of is looked for on Facebook.
    async fn find_thread(&mut self) -> Result<Result<Thread, Failure>, RunError> {
        let account_id = self.page.account_id;
        let Some(id) = self.held.run.conversation_id else { return Ok(Err(conversation_gone())) };
        let find = async |tx: &mut _| conversations::find(tx, id).await;
        let Some(conversation) = self.parts.store.accounts(&[account_id], find).await? else {
            return Ok(Err(conversation_gone()));
        };
        if let Some(thread_id) = conversation.thread_id.clone() {
            return Ok(Ok(Thread { conversation, thread_id }));
        }
        let lane = self.held.run.lane();
        let (graph, auth, page_id, psid) = (&self.parts.graph, &self.auth, &self.page.page_id, &conversation.psid);
        let platform = self.page.platform;
        let call = self.parts.limits.call(CallKind::Conversations(page_id), lane, 1, &mut self.held.meter, || {
            graph.conversation_with(auth, platform, page_id, psid)
        });
        match call.await {
            Ok(Some(found)) => {
                self.keep_thread(id, &found.id).await?;
                Ok(Ok(Thread { conversation, thread_id: found.id }))
            }
            Ok(None) => Ok(Err(conversation_gone())),
            Err(CallError::Graph(error)) if is_about_this_thread(error.decision) => Ok(Err(conversation_gone())),
            Err(error) => outcome_of(error).map(Err),
        }
    }

    async fn keep_thread(&self, id: ConversationId, thread_id: &ThreadId) -> Result<(), RunError> {
        let keep = async |tx: &mut _| conversations::set_thread(tx, id, thread_id).await;
        Ok(self.parts.store.accounts(&[self.page.account_id], keep).await?)
    }
}

/// Facebook has the conversation no more, which says nothing of its Page.
pub(super) fn conversation_gone() -> Failure {
    Failure::Ended(RunEnd { state: RunState::Failed, error: Some("conversation_gone".to_owned()), result: None })
}
