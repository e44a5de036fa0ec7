//! Custom labels of customers (Messenger Platform, "Custom Labels"). They are the nearest that Meta has to archiving and
//! muting: people see them in the Page's inbox, and they belong to the customer, not to the conversation.

use reqwest::Method;
use serde::Deserialize;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::paging::{Cursor, Page, continued};
use super::request::{Answer, Call};
use crate::domain::ids::{LabelId, PageId, Psid};
use crate::lenient::{self, Decode};

const FIELDS: &str = "id,page_label_name";
const PAGE_SIZE: &str = "100";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomLabel {
    pub id: LabelId,
    pub name: Option<String>,
}

impl GraphClient {
    /// Makes a label. Where an admin of the Page has yet to accept Meta's terms for contacts, the policy blocks it.
    pub async fn create_label(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        name: &str,
    ) -> Result<Answer<LabelId>, GraphError> {
        let call =
            Call::post("create_label", &[page.as_str(), "custom_labels"]).auth(auth).form("page_label_name", name);
        self.send_and(call, |body| lenient::answer::<WireLabel>(body)?.id).await
    }

    /// One page of a Page's labels.
    pub async fn labels(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        after: Option<&Cursor>,
    ) -> Result<Answer<Page<CustomLabel>>, GraphError> {
        self.list_labels("labels", auth, page.as_str(), after).await
    }

    /// One page of a customer's labels.
    pub async fn labels_of(
        &self,
        auth: &GraphAuth,
        customer: &Psid,
        after: Option<&Cursor>,
    ) -> Result<Answer<Page<CustomLabel>>, GraphError> {
        self.list_labels("labels_of", auth, customer.as_str(), after).await
    }

    async fn list_labels(
        &self,
        name: &'static str,
        auth: &GraphAuth,
        node: &str,
        after: Option<&Cursor>,
    ) -> Result<Answer<Page<CustomLabel>>, GraphError> {
        let call =
            Call::get(name, &[node, "custom_labels"]).auth(auth).query("fields", FIELDS).query("limit", PAGE_SIZE);
        self.send_page(continued(call, after)).await
    }

    /// Deletes a label, and takes it from all customers.
    pub async fn delete_label(&self, auth: &GraphAuth, label: &LabelId) -> Result<Answer<()>, GraphError> {
        self.send_change(Call::new("delete_label", Method::DELETE, &[label.as_str()]).auth(auth)).await
    }

    /// Gives a label to a customer of its Page. Doing so twice is no error.
    pub async fn give_label(
        &self,
        auth: &GraphAuth,
        label: &LabelId,
        customer: &Psid,
    ) -> Result<Answer<()>, GraphError> {
        let call = Call::post("give_label", &[label.as_str(), "label"]).auth(auth).form("user", customer.as_str());
        self.send_change(call).await
    }

    /// Takes a label from a customer.
    pub async fn take_label(
        &self,
        auth: &GraphAuth,
        label: &LabelId,
        customer: &Psid,
    ) -> Result<Answer<()>, GraphError> {
        let call = Call::new("take_label", Method::DELETE, &[label.as_str(), "label"]).auth(auth);
        self.send_change(call.query("user", customer.as_str())).await
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireLabel {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<LabelId>,
    #[serde(deserialize_with = "lenient::text")]
    page_label_name: Option<String>,
}

impl Decode for CustomLabel {
    type Wire = WireLabel;

    fn decode(wire: WireLabel) -> Option<Self> {
        Some(Self { id: wire.id?, name: wire.page_label_name })
    }
}
