//! The client against the simulated Facebook: a login, all Pages, a whole sync, and what can go wrong. (A1, A2, G1)

mod answering;
mod login;
mod publishing;
mod syncing;

use crate::fake::config;
use pagekeeper_common::domain::ids::PageId;
use pagekeeper_common::domain::token::AccessToken;
use pagekeeper_common::graph::{GraphAuth, GraphClient, ManagedPage};
use pagekeeper_graph_sim::{GraphSim, RunningSim, SimConfig};
use secrecy::SecretString;
use serde_json::{Value, json};

const REDIRECT_URI: &str = "http://localhost:8080/social/facebook/callback";

/// One simulated Facebook, and a client of its app.
struct Facebook {
    sim: RunningSim,
    client: GraphClient,
    http: reqwest::Client,
}

impl Facebook {
    async fn start() -> Self {
        let sim =
            GraphSim::start(SimConfig { require_appsecret_proof: true, enforce_limits: false, ..SimConfig::default() })
                .await
                .unwrap();
        let mut config = config(sim.base_url());
        sim.app_id().clone_into(&mut config.app_id);
        config.app_secret = SecretString::from(sim.app_secret());
        config.timeout_ms = 20_000;
        let http = reqwest::Client::builder().build().unwrap();
        Self { client: GraphClient::new(&config).unwrap(), http, sim }
    }

    async fn control(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let url = format!("{}/_sim/{path}", self.sim.base_url());
        let response = self.http.request(method, url).json(&body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// What the browser comes back with.
    async fn approve(&self, person: &str, decline: &[&str]) -> String {
        let scopes: Vec<String> = [
            "public_profile",
            "email",
            "pages_show_list",
            "pages_read_engagement",
            "pages_messaging",
            "pages_manage_metadata",
            "business_management",
            "instagram_basic",
            "instagram_content_publish",
            "instagram_manage_insights",
            "instagram_manage_messages",
            "pages_manage_posts",
            "pages_manage_engagement",
            "pages_read_user_content",
        ]
        .into_iter()
        .map(str::to_owned)
        .collect();
        let dialog = pagekeeper_common::graph::LoginDialog {
            redirect_uri: REDIRECT_URI,
            state: "the-state",
            scopes: &scopes,
            rerequest: true,
        };
        let body = json!({ "login_url": self.client.login_url(&dialog), "person": person, "decline": decline });
        let answer = self.control(reqwest::Method::POST, "oauth/approve", body).await;
        let url = url::Url::parse(answer.get("redirect_url").and_then(Value::as_str).unwrap()).unwrap();
        let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert_eq!(value("state").as_deref(), Some("the-state"));
        value("code").unwrap()
    }

    async fn log_in(&self, person: &str, decline: &[&str]) -> GraphAuth {
        let code = self.approve(person, decline).await;
        let short = self.client.exchange_code(&code, REDIRECT_URI).await.unwrap().value;
        let long = self.client.exchange_for_long_lived(&short.token).await.unwrap().value;
        self.client.auth(&long.token)
    }

    async fn pages_of(&self, person: &str, decline: &[&str]) -> Vec<ManagedPage> {
        let auth = self.log_in(person, decline).await;
        self.client.managed_pages(&auth, false).await.unwrap().value.pages
    }

    /// The Page with the most conversations among Linh's, with its token.
    async fn busy_page(&self) -> (PageId, GraphAuth, AccessToken) {
        let page = self.pages_of("Linh Trần", &[]).await.into_iter().next().unwrap();
        let token = page.token.unwrap();
        (page.id, self.client.auth(&token), token)
    }

    async fn fault(&self, path: &str, effect: Value) {
        self.control(reqwest::Method::POST, "faults", json!({ "path": path, "times": 1, "effect": effect })).await;
    }
}
