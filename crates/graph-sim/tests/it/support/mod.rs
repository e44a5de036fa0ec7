//! A simulator per test and the few calls that all tests make.

pub(crate) mod receiver;

use std::time::Duration;

use pagekeeper_graph_sim::{GraphSim, RunningSim, SimConfig, WorldConfig};
use serde_json::{Value, json};

pub(crate) struct TestSim {
    pub(crate) running: RunningSim,
    pub(crate) http: reqwest::Client,
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Code and subcode of Graph's error body.
    pub(crate) fn error(&self) -> (i64, Option<i64>) {
        let body = self.json();
        let error = &body["error"];
        assert!(error["message"].is_string() && error["type"].is_string() && error["fbtrace_id"].is_string(), "{body}");
        (error["code"].as_i64().unwrap(), error["error_subcode"].as_i64())
    }
}

pub(crate) async fn demo() -> TestSim {
    start(SimConfig::default()).await
}

/// One person with Pages of exact sizes, and no limits.
pub(crate) async fn simple(pages: u16, conversations: u32, messages: u32) -> TestSim {
    let world = WorldConfig::simple(pages, conversations, messages);
    start(SimConfig { world, enforce_limits: false, ..SimConfig::default() }).await
}

pub(crate) async fn start(config: SimConfig) -> TestSim {
    let running = GraphSim::start(config).await.unwrap();
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap();
    TestSim { running, http }
}

impl TestSim {
    pub(crate) fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.running.base_url()) }
    }

    pub(crate) fn app_token(&self) -> String {
        format!("{}|{}", self.running.app_id(), self.running.app_secret())
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Reply {
        let mut request = self.http.get(self.url(path));
        if !query.is_empty() {
            request = request.query(query);
        }
        self.send(request).await
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        self.send(self.http.post(self.url(path)).form(form)).await
    }

    pub(crate) async fn delete(&self, path: &str, query: &[(&str, &str)]) -> Reply {
        self.send(self.http.delete(self.url(path)).query(query)).await
    }

    /// A control call that must succeed.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let reply = self.send(self.http.request(method, self.url(&format!("/_sim{path}"))).json(&body)).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.json()
    }

    pub(crate) async fn user_token(&self, person: &str) -> String {
        text(&self.control("POST", "/tokens", json!({ "person": person })).await["access_token"])
    }

    /// Id and token of the person's first Page.
    pub(crate) async fn first_page(&self, person: &str) -> (String, String) {
        let token = self.user_token(person).await;
        let page = self.get("/v25.0/me/accounts", &[("access_token", &token)]).await.json()["data"][0].clone();
        (text(&page["id"]), text(&page["access_token"]))
    }

    /// Ends of pages are found by the absence of `next` alone.
    pub(crate) async fn follow(&self, path: &str, query: &[(&str, &str)]) -> Vec<Value> {
        let mut reply = self.get(path, query).await;
        let mut all = Vec::new();
        loop {
            assert_eq!(reply.status, 200, "{}", reply.text);
            let body = reply.json();
            all.extend(body["data"].as_array().unwrap().clone());
            match body["paging"]["next"].as_str() {
                Some(next) => reply = self.get(next, &[]).await,
                None => return all,
            }
        }
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no string: {value}")).to_owned()
}

pub(crate) fn texts(values: &Value, key: &str) -> Vec<String> {
    values.as_array().unwrap().iter().map(|value| text(&value[key])).collect()
}
