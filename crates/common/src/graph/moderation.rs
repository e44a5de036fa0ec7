//! Who may not write any more, and what is spam (Messenger Platform, "Moderate Conversations").
//!
//! Meta has no call that archives, mutes or marks a conversation as read: those are ours alone, see
//! [`labels`](super::labels) for the nearest.

use serde::Serialize;
use serde_json::json;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::request::{Answer, Call};
use crate::domain::ids::{PageId, Psid};

/// Customers of one call, at most.
pub const MODERATED_AT_ONCE: usize = 10;

/// What is done. One call takes two at most, and none with its opposite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModerationAction {
    /// No messages any more; comments stay possible.
    BlockUser,
    UnblockUser,
    /// Nothing on the Page any more.
    BanUser,
    UnbanUser,
    MoveToSpam,
}

impl GraphClient {
    /// Does each action to each customer, of whom at most [`MODERATED_AT_ONCE`]. Meta does all of it or says which call
    /// to repeat one by one.
    pub async fn moderate(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        customers: &[Psid],
        actions: &[ModerationAction],
    ) -> Result<Answer<()>, GraphError> {
        let users: Vec<_> = customers.iter().map(|customer| json!({ "id": customer })).collect();
        let call = Call::post("moderate", &[page.as_str(), "moderate_conversations"])
            .auth(auth)
            .form("user_ids", json!(users).to_string())
            .form("actions", json!(actions).to_string());
        self.send_change(call).await
    }
}
