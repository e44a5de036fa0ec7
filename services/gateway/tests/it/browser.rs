//! A browser, as far as the gateway can tell: cookies, an origin, the header that our own pages send.

use std::collections::BTreeMap;

use pagekeeper_graph_sim::RunningSim;
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use serde_json::{Value, json};

pub(crate) const CSRF: &str = "x-pagekeeper-csrf";

#[derive(Clone)]
pub(crate) struct Browser {
    pub origin: String,
    pub cookies: BTreeMap<String, String>,
    pub bearer: Option<String>,
    client: Client,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.body))
    }

    pub(crate) fn location(&self) -> &str {
        self.headers.get(LOCATION).unwrap_or_else(|| panic!("no location: {self:?}")).to_str().unwrap()
    }

    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    /// A refusal: its body says the same status, and names what is at fault.
    pub(crate) fn expect_problem(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(problem["request_id"].is_string() && problem["detail"].is_string(), "{problem}");
        problem
    }
}

impl Browser {
    pub(crate) fn new(origin: &str) -> Self {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(std::time::Duration::from_mins(1))
            .build()
            .unwrap();
        Self { origin: origin.to_owned(), cookies: BTreeMap::new(), bearer: None, client }
    }

    /// A program with this token or key, and no cookies.
    pub(crate) fn program(&self, bearer: &str) -> Self {
        Self { bearer: Some(bearer.to_owned()), cookies: BTreeMap::new(), ..self.clone() }
    }

    /// A request as it is, without what our own pages add.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.origin));
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        match &self.bearer {
            Some(bearer) => request.bearer_auth(bearer),
            None => request,
        }
    }

    /// A request as our own pages send it.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).header(CSRF, "1").header("origin", &self.origin).header("sec-fetch-site", "same-origin")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str) -> Answer {
        send(self.request(Method::POST, path)).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch_json(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn put_json(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// Keeps the cookies that an answer sets, and drops those that it removes.
    pub(crate) fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Begins a login; answers the address of Facebook's dialog.
    pub(crate) async fn begin_login(&mut self, return_to: &str) -> String {
        let answer = self.get(&format!("/auth/facebook/login?return_to={return_to}")).await.expect(302);
        self.keep_cookies(&answer);
        answer.location().to_owned()
    }

    /// Decides in Facebook's dialog; answers the path that Facebook sends the browser back to.
    pub(crate) async fn decide(&self, graph: &RunningSim, dialog: &str, person: &str, decision: Value) -> String {
        let mut body = json!({ "login_url": dialog, "person": person });
        body.as_object_mut().unwrap().extend(decision.as_object().unwrap().clone());
        let answer =
            self.client.post(format!("{}/_sim/oauth/approve", graph.base_url())).json(&body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let url = answer["redirect_url"].as_str().unwrap_or_else(|| panic!("{answer}"));
        url.strip_prefix(&self.origin).unwrap_or_else(|| panic!("{url} is not ours")).to_owned()
    }

    /// Comes back from Facebook.
    pub(crate) async fn come_back(&mut self, path: &str) -> Answer {
        let answer = self.get(path.split('#').next().unwrap()).await;
        self.keep_cookies(&answer);
        answer
    }

    /// The whole way: begin, allow everything, come back.
    pub(crate) async fn log_in(&mut self, graph: &RunningSim, person: &str) -> Answer {
        let dialog = self.begin_login("/inbox").await;
        let back = self.decide(graph, &dialog, person, json!({})).await;
        self.come_back(&back).await.expect(302)
    }

    pub(crate) async fn account_id(&self) -> i64 {
        self.get("/api/me").await.expect(200).json()["account"]["id"].as_i64().unwrap()
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, body: response.text().await.unwrap() }
}
