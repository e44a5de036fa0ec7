//! Which app answers a conversation ("Conversation Routing" of the Messenger Platform).

use serde::Deserialize;
use serde_json::json;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::request::{Answer, Call};
use crate::domain::ids::{PageId, Psid};
use crate::lenient::{self, Decode};

impl GraphClient {
    /// Takes a conversation that another app has; without it, answers are refused.
    pub async fn take_thread_control(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        customer: &Psid,
    ) -> Result<Answer<()>, GraphError> {
        let call = Call::post("take_thread_control", &[page.as_str(), "take_thread_control"])
            .auth(auth)
            .form("recipient", json!({ "id": customer }).to_string());
        self.send_change(call).await
    }

    /// Gives a conversation to another app of the Page, such as Meta's own inbox.
    pub async fn pass_thread_control(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        customer: &Psid,
        app_id: &str,
    ) -> Result<Answer<()>, GraphError> {
        let call = Call::post("pass_thread_control", &[page.as_str(), "pass_thread_control"])
            .auth(auth)
            .form("recipient", json!({ "id": customer }).to_string())
            .form("target_app_id", app_id);
        self.send_change(call).await
    }

    /// The app that has a conversation; none where nobody has it.
    pub async fn thread_owner(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        customer: &Psid,
    ) -> Result<Answer<Option<String>>, GraphError> {
        let call = Call::get("thread_owner", &[page.as_str(), "thread_owner"])
            .auth(auth)
            .query("recipient", customer.as_str());
        let answer = self.send_page::<ThreadOwner>(call).await?;
        Ok(answer.map(|page| page.data.into_iter().next().map(|ThreadOwner(app_id)| app_id)))
    }
}

struct ThreadOwner(String);

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireEntry {
    #[serde(deserialize_with = "lenient::object")]
    thread_owner: Option<WireOwner>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireOwner {
    #[serde(deserialize_with = "lenient::text")]
    app_id: Option<String>,
}

impl Decode for ThreadOwner {
    type Wire = WireEntry;

    fn decode(wire: WireEntry) -> Option<Self> {
        wire.thread_owner?.app_id.map(Self)
    }
}
