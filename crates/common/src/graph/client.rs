//! The client: where Graph is, which version is spoken, for which app.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::redirect;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::auth::GraphAuth;
use crate::domain::token::AccessToken;

/// The version that all calls name. Released 2026-02-18, works until 2028-07-29 (Graph API changelog); an expired one
/// is not refused but served by the next, so the answer's `facebook-api-version` would tell.
pub const API_VERSION: &str = "v25.0";

/// The section `graph`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GraphConfig {
    /// Where calls go; the simulator's address in the dev stack.
    pub base_url: Url,
    /// Where people log in.
    pub dialog_url: Url,
    /// Where the bytes of files go.
    pub upload_url: Url,
    pub app_id: String,
    pub app_secret: SecretString,
    /// Milliseconds to a connection.
    pub connect_timeout_ms: u64,
    /// Milliseconds to the last byte of an answer. A page of conversations with their messages takes Meta seconds.
    pub timeout_ms: u64,
}

impl Default for GraphConfig {
    fn default() -> Self {
        Self {
            base_url: constant_url("https://graph.facebook.com"),
            dialog_url: constant_url("https://www.facebook.com"),
            upload_url: constant_url("https://rupload.facebook.com"),
            app_id: String::new(),
            app_secret: SecretString::default(),
            connect_timeout_ms: 5_000,
            timeout_ms: 30_000,
        }
    }
}

#[expect(clippy::expect_used, reason = "only called with the addresses above")]
fn constant_url(address: &str) -> Url {
    Url::parse(address).expect("a constant address is valid")
}

impl GraphConfig {
    /// The key at fault and what is wrong with it.
    pub fn validate(&self) -> Result<(), (&'static str, String)> {
        if self.app_id.is_empty() {
            return Err(("graph.app_id", "the id of the Meta app is missing".to_owned()));
        }
        if self.app_secret.expose_secret().is_empty() {
            return Err(("graph.app_secret", "the secret of the Meta app is missing".to_owned()));
        }
        let addresses = [
            ("graph.base_url", &self.base_url),
            ("graph.dialog_url", &self.dialog_url),
            ("graph.upload_url", &self.upload_url),
        ];
        for (key, url) in addresses {
            if url.cannot_be_a_base() || !matches!(url.scheme(), "https" | "http") {
                return Err((key, "must be an address with https (or http, for a simulator)".to_owned()));
            }
        }
        if self.connect_timeout_ms == 0 || self.timeout_ms == 0 {
            return Err(("graph.timeout_ms", "a time limit of zero lets no call succeed".to_owned()));
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the client for the Graph API could not be made")]
pub struct GraphClientError(#[from] reqwest::Error);

/// Calls the Graph API for one app. Clones share the connections.
#[derive(Clone)]
pub struct GraphClient(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    base_url: Url,
    dialog_url: Url,
    upload_url: Url,
    app_id: String,
    app_secret: SecretString,
    proof_key: hmac::Key,
    told_version: AtomicBool,
}

impl GraphClient {
    /// Needs rustls' provider installed, once per process.
    pub fn new(config: &GraphConfig) -> Result<Self, GraphClientError> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_millis(config.connect_timeout_ms))
            .timeout(Duration::from_millis(config.timeout_ms))
            // A redirect would carry the token to an address that nobody configured.
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .tcp_nodelay(true)
            .user_agent(concat!("Pagekeeper/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(reqwest::Error::without_url)?;
        let proof_key = hmac::Key::new(hmac::HMAC_SHA256, config.app_secret.expose_secret().as_bytes());
        Ok(Self(Arc::new(Inner {
            http,
            base_url: config.base_url.clone(),
            dialog_url: config.dialog_url.clone(),
            upload_url: config.upload_url.clone(),
            app_id: config.app_id.clone(),
            app_secret: config.app_secret.clone(),
            proof_key,
            told_version: AtomicBool::new(false),
        })))
    }

    pub fn app_id(&self) -> &str {
        &self.0.app_id
    }

    /// Prepares a token for calls.
    pub fn auth(&self, token: &AccessToken) -> GraphAuth {
        GraphAuth::new(token.clone(), &self.0.proof_key)
    }

    /// The app's own token, which may be written as id and secret (Facebook Login, "Access tokens").
    pub(super) fn app_auth(&self) -> GraphAuth {
        let token = format!("{}|{}", self.0.app_id, self.0.app_secret.expose_secret());
        self.auth(&AccessToken::new(token))
    }

    pub(super) fn app_secret(&self) -> &str {
        self.0.app_secret.expose_secret()
    }

    /// Another version than ours answered: the changes of its changelog apply now. Told once, counted always.
    pub(super) fn note_other_version(&self, served: &str) {
        metrics::counter!("pagekeeper_graph_other_version_total").increment(1);
        if !self.0.told_version.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                area = "graph",
                asked = API_VERSION,
                served,
                "Facebook serves another version of the Graph API"
            );
        }
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    pub(super) fn base_url(&self) -> &Url {
        &self.0.base_url
    }

    pub(super) fn upload_host(&self) -> &Url {
        &self.0.upload_url
    }

    pub(super) fn dialog_url(&self) -> &Url {
        &self.0.dialog_url
    }
}

impl fmt::Debug for GraphClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphClient").field("app_id", &self.0.app_id).finish_non_exhaustive()
    }
}
