//! Webhooks: the app's callback, and which Pages send to it. Both must be in place for a Page's events to arrive.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::request::{Answer, Call};
use crate::domain::ids::PageId;
use crate::lenient::{self, Decode, List};

/// Where the app's webhooks of one kind of object go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSubscription {
    /// `page`, `instagram`, …
    pub object: String,
    pub callback_url: Option<String>,
    pub active: bool,
    pub fields: Vec<String>,
}

impl GraphClient {
    /// Lets a Page send its events to the app. Replaces the fields of an earlier subscription.
    pub async fn subscribe_page(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        fields: &[&str],
    ) -> Result<Answer<()>, GraphError> {
        let call = Call::post("subscribe_page", &[page.as_str(), "subscribed_apps"])
            .auth(auth)
            .form("subscribed_fields", fields.join(","));
        self.send_change(call).await
    }

    /// The fields that the Page sends to this app; none where it is not subscribed.
    pub async fn page_subscription(
        &self,
        auth: &GraphAuth,
        page: &PageId,
    ) -> Result<Answer<Option<Vec<String>>>, GraphError> {
        let call = Call::get("page_subscription", &[page.as_str(), "subscribed_apps"]).auth(auth).query("limit", "100");
        let answer = self.send_page::<SubscribedApp>(call).await?;
        Ok(answer.map(|apps| apps.data.into_iter().find(|app| app.id == self.app_id()).map(|app| app.fields)))
    }

    /// Ends a Page's subscription to this app.
    pub async fn unsubscribe_page(&self, auth: &GraphAuth, page: &PageId) -> Result<Answer<()>, GraphError> {
        let call = Call::new("unsubscribe_page", Method::DELETE, &[page.as_str(), "subscribed_apps"]).auth(auth);
        self.send_change(call).await
    }

    /// Registers the app's callback for `page` or `instagram`; Meta asks it for the challenge before it answers.
    pub async fn subscribe_app(
        &self,
        object: &str,
        callback_url: &str,
        verify_token: &SecretString,
        fields: &[&str],
    ) -> Result<Answer<()>, GraphError> {
        let auth = self.app_auth();
        let call = Call::post("subscribe_app", &[self.app_id(), "subscriptions"])
            .auth(&auth)
            .form("object", object)
            .form("callback_url", callback_url)
            .form("verify_token", verify_token.expose_secret())
            .form("include_values", "true")
            .form("fields", fields.join(","));
        self.send_change(call).await
    }

    /// The callbacks of this app.
    pub async fn app_subscriptions(&self) -> Result<Answer<Vec<AppSubscription>>, GraphError> {
        let auth = self.app_auth();
        let call = Call::get("app_subscriptions", &[self.app_id(), "subscriptions"]).auth(&auth);
        self.send_page(call).await.map(|answer| answer.map(|page| page.data))
    }
}

struct SubscribedApp {
    id: String,
    fields: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireApp {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::words")]
    subscribed_fields: Vec<String>,
}

impl Decode for SubscribedApp {
    type Wire = WireApp;

    fn decode(wire: WireApp) -> Option<Self> {
        Some(Self { id: wire.id?, fields: wire.subscribed_fields })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireSubscription {
    #[serde(deserialize_with = "lenient::text")]
    object: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    callback_url: Option<String>,
    #[serde(deserialize_with = "lenient::truth")]
    active: Option<bool>,
    fields: List<FieldName>,
}

impl Decode for AppSubscription {
    type Wire = WireSubscription;

    fn decode(wire: WireSubscription) -> Option<Self> {
        Some(Self {
            object: wire.object?,
            callback_url: wire.callback_url,
            active: wire.active.unwrap_or_default(),
            fields: wire.fields.entries.into_iter().map(|FieldName(name)| name).collect(),
        })
    }
}

struct FieldName(String);

#[derive(Deserialize)]
struct WireField {
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
}

impl Decode for FieldName {
    type Wire = WireField;

    fn decode(wire: WireField) -> Option<Self> {
        wire.name.map(Self)
    }
}
