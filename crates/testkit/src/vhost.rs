//! A RabbitMQ vhost per test, deleted at the end.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::shared::{self, Broker};

/// A vhost of its own on the shared broker.
#[derive(Debug)]
pub struct TestVhost {
    broker: Broker,
    name: String,
}

impl TestVhost {
    /// # Panics
    ///
    /// When there is no RabbitMQ to be had.
    pub async fn new() -> Self {
        let made = async { Self::make(shared::broker().await?).await };
        made.await.expect("a vhost for this test")
    }

    /// On the broker with these addresses: of any vhost of it, and of its management API.
    pub async fn on(amqp: &str, management: &str) -> Result<Self> {
        Self::make(Broker { amqp: amqp.to_owned(), management: management.to_owned() }).await
    }

    async fn make(broker: Broker) -> Result<Self> {
        crate::init();
        let vhost = Self { broker, name: format!("test-{}", Uuid::new_v4().simple()) };
        vhost.put("vhosts", &json!({})).await?;
        vhost.put_permissions().await?;
        Ok(vhost)
    }

    /// Its AMQP address.
    pub fn url(&self) -> String {
        let mut url = Url::parse(&self.broker.amqp).expect("AMQP_URL is an address");
        url.set_path(&self.name);
        url.into()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The management API of its broker, without a slash at the end.
    pub fn management_url(&self) -> &str {
        &self.broker.management
    }

    /// Messages of a queue that are ready or unacknowledged. The broker's figures are up to five seconds old.
    pub async fn messages(&self, queue: &str) -> Result<u64> {
        let path = format!("queues/{}/{queue}", self.name);
        let answer: Value = self.request(reqwest::Method::GET, &path).send().await?.json().await?;
        Ok(answer.get("messages").and_then(Value::as_u64).unwrap_or_default())
    }

    /// Imports definitions that name no virtual host.
    pub async fn import(&self, definitions: &Value) -> Result<()> {
        let path = format!("definitions/{}", self.name);
        let answer = self.request(reqwest::Method::POST, &path).json(definitions).send().await?;
        let status = answer.status();
        ensure!(status.is_success(), "RabbitMQ refused the definitions: {status} {}", answer.text().await?);
        Ok(())
    }

    async fn put(&self, kind: &str, body: &Value) -> Result<()> {
        let answer = self.request(reqwest::Method::PUT, &format!("{kind}/{}", self.name)).json(body).send().await?;
        ensure!(answer.status().is_success(), "RabbitMQ refused to make a vhost: {}", answer.status());
        Ok(())
    }

    async fn put_permissions(&self) -> Result<()> {
        let (user, _) = self.credentials();
        let all = json!({ "configure": ".*", "write": ".*", "read": ".*" });
        let path = format!("permissions/{}/{user}", self.name);
        let answer = self.request(reqwest::Method::PUT, &path).json(&all).send().await?;
        ensure!(answer.status().is_success(), "RabbitMQ refused permissions: {}", answer.status());
        Ok(())
    }

    fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let (user, password) = self.credentials();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().expect("an HTTP client");
        client.request(method, format!("{}/api/{path}", self.broker.management)).basic_auth(user, Some(password))
    }

    fn credentials(&self) -> (String, String) {
        let url = Url::parse(&self.broker.amqp).expect("AMQP_URL is an address");
        let or_guest = |text: &str| if text.is_empty() { "guest".to_owned() } else { text.to_owned() };
        (or_guest(url.username()), or_guest(url.password().unwrap_or_default()))
    }

    async fn delete(&self) -> Result<()> {
        let path = format!("vhosts/{}", self.name);
        self.request(reqwest::Method::DELETE, &path).send().await.context("cannot delete the vhost")?;
        Ok(())
    }
}

impl Drop for TestVhost {
    fn drop(&mut self) {
        // The test's runtime is ending: a thread with one of its own.
        let vhost = Self { broker: self.broker.clone(), name: std::mem::take(&mut self.name) };
        if vhost.name.is_empty() {
            return;
        }
        let deleting = std::thread::spawn(move || {
            let vhost = std::mem::ManuallyDrop::new(vhost);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(vhost.delete()).ok()
        });
        let _ = deleting.join();
    }
}
