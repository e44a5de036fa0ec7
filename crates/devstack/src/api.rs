//! A client of the gateway's API, for end-to-end tests and benches.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::demo::Simulator;

/// Calls as one person: a browser with its cookies, or a program with a token.
#[derive(Debug, Clone)]
pub struct Api {
    gateway: String,
    http: reqwest::Client,
    credentials: Credentials,
}

#[derive(Debug, Clone)]
enum Credentials {
    Bearer(String),
    Cookies(Vec<(String, String)>),
}

/// Status and body of an answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
    pub location: Option<String>,
}

impl Api {
    /// A program with an API key or a short-lived token.
    pub fn with_token(gateway: &str, token: &str) -> Result<Self> {
        Self::new(gateway, Credentials::Bearer(token.to_owned()))
    }

    /// A browser without any cookie.
    pub fn browser(gateway: &str) -> Result<Self> {
        Self::new(gateway, Credentials::Cookies(Vec::new()))
    }

    fn new(gateway: &str, credentials: Credentials) -> Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_mins(6))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { gateway: gateway.to_owned(), http, credentials })
    }

    /// Logs in through the simulated dialog as `person`, who allows everything. Gives where the console goes next.
    pub async fn log_in(&mut self, simulator: &Simulator, person: &str) -> Result<String> {
        let login_url = self.begin_login().await?;
        let approved = simulator
            .post("/_sim/oauth/approve", &serde_json::json!({ "login_url": login_url, "person": person }))
            .await?;
        let callback = approved.get("redirect_url").and_then(Value::as_str).context("the dialog sent nowhere")?;
        self.visit(callback).await?.location.context("the callback sent nowhere")
    }

    /// Facebook's dialog address, as "Continue with Facebook" leads there.
    pub async fn begin_login(&mut self) -> Result<String> {
        self.visit("/auth/facebook/login").await?.location.context("the login leads nowhere")
    }

    /// Opens an address as a browser does, without following where it sends on to.
    pub async fn visit(&mut self, address: &str) -> Result<Answer> {
        let url = if address.starts_with("http") { address.to_owned() } else { format!("{}{address}", self.gateway) };
        let url = url.split('#').next().unwrap_or_default().to_owned();
        let response = self.http.get(url).headers(self.headers()?).send().await?;
        self.keep_cookies(response.headers());
        answer(response).await
    }

    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        let mut request = self.http.request(method, format!("{}{path}", self.gateway)).headers(self.headers()?);
        if let Some(body) = body {
            request = request.json(body);
        }
        answer(request.send().await?).await
    }

    /// The body of an answer that must be a success.
    pub async fn get_ok(&self, path: &str) -> Result<Value> {
        let answer = self.get(path).await?;
        ensure!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        Ok(answer.body)
    }

    /// A server-sent event stream, or whatever else has no end.
    pub async fn stream(&self, path: &str) -> Result<reqwest::Response> {
        Ok(self.http.get(format!("{}{path}", self.gateway)).headers(self.headers()?).send().await?)
    }

    fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        match &self.credentials {
            Credentials::Bearer(token) => {
                headers.insert(reqwest::header::AUTHORIZATION, format!("Bearer {token}").parse()?);
            }
            Credentials::Cookies(cookies) => {
                headers.insert("x-pagekeeper-csrf", "1".parse()?);
                if !cookies.is_empty() {
                    let all: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                    headers.insert(COOKIE, all.join("; ").parse()?);
                }
            }
        }
        Ok(headers)
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        let Credentials::Cookies(cookies) = &mut self.credentials else { return };
        for set in headers.get_all(SET_COOKIE) {
            let Some((name, value)) = set.to_str().ok().and_then(|set| set.split(';').next()?.split_once('=')) else {
                continue;
            };
            cookies.retain(|(kept, _)| kept != name);
            if !value.is_empty() {
                cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

async fn answer(response: reqwest::Response) -> Result<Answer> {
    let status = response.status();
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let text = response.text().await?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer { status, body, location })
}
