//! The demo: one simulated person's account, with an API key, before they ever log in. The first login connects their Pages.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

/// The person of the demo, by name: they have Pages of their own, and one that only a Business gives.
pub const PERSON: &str = "Linh Trần";

/// Told on the sign-in page: whom the simulated dialog lets choose.
pub(crate) const SIGN_IN_HINT: &str = "Linh Trần: three Pages, one only through a Business|Sofia Nguyễn: many Pages|\
    Mia Østergaard: a Page without the right to answer|Omar Haddad: shares a Page with Linh|Noah Pedersen: no Pages";

/// What the simulator knows of a person.
#[derive(Debug, Clone, Deserialize)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub email: Option<String>,
}

/// The simulator's control API, as far as the stack uses it.
#[derive(Debug, Clone)]
pub struct Simulator {
    base_url: String,
    http: reqwest::Client,
}

impl Simulator {
    pub fn new(base_url: impl Into<String>) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(30)).build()?;
        Ok(Self { base_url: base_url.into(), http })
    }

    pub async fn people(&self) -> Result<Vec<Person>> {
        Ok(serde_json::from_value(self.get("/_sim/people").await?)?)
    }

    pub async fn person(&self, name: &str) -> Result<Person> {
        let people = self.people().await?;
        people.into_iter().find(|person| person.name == name).with_context(|| format!("the simulator knows no {name}"))
    }

    /// A long-lived user token of the person with all permissions.
    pub async fn user_token(&self, person: &Person) -> Result<String> {
        let answer = self.post("/_sim/tokens", &json!({ "person": person.id })).await?;
        let token = answer.get("access_token").and_then(Value::as_str);
        Ok(token.context("the simulator gave no token")?.to_owned())
    }

    /// Tells the app where its webhooks go, as its developer would: Graph asks the address for the challenge.
    pub async fn register_callback(
        &self,
        app_id: &str,
        app_secret: &str,
        ingest: &str,
        verify_token: &str,
    ) -> Result<()> {
        let form = json!({
            "object": "page",
            "callback_url": format!("{ingest}/api/webhook"),
            "fields": "messages,message_echoes,messaging_postbacks,message_reads,message_deliveries,message_reactions,message_edits,feed",
            "verify_token": verify_token,
            "access_token": format!("{app_id}|{app_secret}"),
        });
        self.post(&format!("/v25.0/{app_id}/subscriptions"), &form).await?;
        Ok(())
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        Self::answer(path, self.http.get(format!("{}{path}", self.base_url))).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        Self::answer(path, self.http.post(format!("{}{path}", self.base_url)).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Result<Value> {
        Self::answer(path, self.http.put(format!("{}{path}", self.base_url)).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        Self::answer(path, self.http.patch(format!("{}{path}", self.base_url)).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Value> {
        Self::answer(path, self.http.delete(format!("{}{path}", self.base_url))).await
    }

    /// An answer of one JSON document a line.
    pub async fn lines(&self, path: &str) -> Result<Vec<Value>> {
        let text = Self::text(path, self.http.get(format!("{}{path}", self.base_url))).await?;
        text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }

    async fn answer(path: &str, request: reqwest::RequestBuilder) -> Result<Value> {
        let text = Self::text(path, request).await?;
        if text.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(&text)?) }
    }

    async fn text(path: &str, request: reqwest::RequestBuilder) -> Result<String> {
        let response = request.send().await.with_context(|| format!("the simulator does not answer {path}"))?;
        let status = response.status();
        let text = response.text().await?;
        if !status.is_success() {
            bail!("the simulator answered {path} with {status}: {text}");
        }
        Ok(text)
    }
}
