//! Calls to the gateway.

use std::env;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, Response, StatusCode, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::command_line::Gateway;
use crate::failure::Failure;

const TOKEN: &str = "PAGEKEEPER_TOKEN";
/// A look at thousands of parked messages takes seconds.
const TIMEOUT: Duration = Duration::from_mins(2);
const BUSY_SECONDS: u64 = 5;

/// The gateway, as one caller.
pub(crate) struct Api {
    client: Client,
    base: Url,
    pub(crate) is_operator: bool,
}

/// RFC 9457, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
struct Problem {
    detail: String,
    field: Option<String>,
}

impl Api {
    pub(crate) fn new(gateway: &Gateway) -> Result<Self, Failure> {
        let url = gateway.url.as_deref().filter(|url| !url.is_empty()).ok_or(Failure::NoUrl)?;
        let base = base_of(url).ok_or(Failure::InvalidUrl)?;
        // Not an option: what stands on a command line is seen by everybody on the machine.
        let token = env::var(TOKEN).ok().filter(|token| !token.is_empty()).ok_or(Failure::NoToken)?;
        let token = SecretString::from(token);
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
            .map_err(|_unprintable| Failure::InvalidToken)?;
        value.set_sensitive(true);
        let client = Client::builder()
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, value)]))
            .user_agent(concat!("pagekeeper/", env!("CARGO_PKG_VERSION")))
            // A redirect could carry the token elsewhere.
            .redirect(redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| Failure::Unreachable(base.to_string(), cause(&error)))?;
        Ok(Self { client, base, is_operator: gateway.operator })
    }

    /// `id`: what a 404 is about.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        id: &str,
    ) -> Result<T, Failure> {
        let request = self.client.get(self.address(path)).query(query);
        self.send(request, id).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: Option<&impl Serialize>,
        id: &str,
    ) -> Result<T, Failure> {
        let request = self.client.request(Method::POST, self.address(path));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        self.send(request, id).await
    }

    /// Each part of the path is one segment, whatever it holds.
    fn address(&self, path: &[&str]) -> Url {
        let mut address = self.base.clone();
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        address
    }

    async fn send<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder, id: &str) -> Result<T, Failure> {
        let unreachable = |error: &reqwest::Error| Failure::Unreachable(self.base.to_string(), cause(error));
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        if !response.status().is_success() {
            return Err(self.refusal(response, id).await);
        }
        let body = response.bytes().await.map_err(|error| unreachable(&error))?;
        serde_json::from_slice(&body).map_err(|error| Failure::NotAGateway(error.to_string()))
    }

    async fn refusal(&self, response: Response, id: &str) -> Failure {
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = response.bytes().await.unwrap_or_default();
        let Ok(problem) = serde_json::from_slice::<Problem>(&body) else {
            return Failure::NotAGateway(status.to_string());
        };
        match status {
            StatusCode::UNAUTHORIZED if self.is_operator => Failure::UnauthorisedOperator,
            StatusCode::UNAUTHORIZED => Failure::Unauthorised,
            StatusCode::FORBIDDEN => Failure::Forbidden(problem.detail),
            StatusCode::NOT_FOUND => Failure::NotFound(id.to_owned()),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Failure::Busy { detail: problem.detail, seconds: retry_after.unwrap_or(BUSY_SECONDS) }
            }
            _ => Failure::Refused(problem.text()),
        }
    }
}

impl Problem {
    fn text(self) -> String {
        match self.field {
            Some(field) if !self.detail.starts_with(&field) => format!("{field} {}", self.detail),
            _ => self.detail,
        }
    }
}

fn base_of(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && is_plain).then_some(url)
}

/// The innermost cause says most: "connection refused".
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it did not answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_that_of_a_gateway_and_holds_no_secret() {
        for text in ["http://localhost:8080", "https://pages.example/", "https://pages.example/below"] {
            assert!(base_of(text).is_some(), "{text}");
        }
        for text in ["localhost:8080", "ftp://pages.example", "https://", "", "https://me:secret@pages.example", "/api"]
        {
            assert!(base_of(text).is_none(), "{text}");
        }
    }
}
