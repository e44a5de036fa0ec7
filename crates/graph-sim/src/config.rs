//! The simulator's settings; every one has a default.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::clock::ClockMode;
use crate::json::JsonStyle;
use crate::limits::LimitsConfig;
use crate::oauth::callbacks::CallbackUrls;
use crate::world::config::WorldConfig;

#[derive(Debug, Clone)]
pub struct SimConfig {
    /// Port 0: any free one.
    pub listen: SocketAddr,
    /// What the addresses in answers start with (`paging.next`, pictures); the request's own host where not given.
    pub public_url: Option<String>,
    /// Threads that answer calls.
    pub workers: usize,
    pub app: AppConfig,
    pub world: WorldConfig,
    pub clock: ClockMode,
    /// Where tokens, subscriptions, sent messages and the clock outlive the process.
    pub journal: Option<PathBuf>,
    pub enforce_limits: bool,
    pub limits: LimitsConfig,
    pub latency: Latency,
    pub json_style: JsonStyle,
    /// The dashboard's switch "Require App Secret".
    pub require_appsecret_proof: bool,
    pub redirect_uris: RedirectUris,
    pub callbacks: CallbackUrls,
    /// Id or name of the person whom the dialog lets pass at once, with everything asked for.
    pub auto_approve: Option<String>,
    pub tokens: TokenLifetimes,
}

/// The one Meta app that exists here.
#[derive(Debug, Clone)]
pub struct AppConfig {
    pub id: String,
    pub name: String,
    pub secret: String,
}

/// Time that each Graph call takes, in real milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Latency {
    pub ms: u64,
    /// Up to so much more.
    pub jitter_ms: u64,
}

/// The dashboard's "Valid OAuth Redirect URIs".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedirectUris {
    /// Any `http` address of this machine.
    AnyLocal,
    Listed(Vec<String>),
}

/// In seconds of simulated time.
#[derive(Debug, Clone, Copy)]
pub struct TokenLifetimes {
    /// A user token as the login gives it: Meta says "about one to two hours".
    pub short_s: i64,
    /// After `fb_exchange_token`: about 60 days.
    pub long_s: i64,
    /// Data access after the person's last login: 90 days.
    pub data_access_s: i64,
    /// An authorization code.
    pub code_s: i64,
}

/// What `fb_exchange_token` does with a token that is long-lived already, which Meta does not say in one voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenExchange {
    /// The new token lasts as long as a fresh one; else it ends with the old one.
    pub extends: bool,
    /// Within a day the same token comes back.
    pub once_a_day: bool,
    /// Leaves `expires_in` out of the answer.
    pub omit_expires_in: bool,
}

impl Default for TokenExchange {
    fn default() -> Self {
        Self { extends: true, once_a_day: true, omit_expires_in: false }
    }
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            public_url: None,
            workers: 1,
            app: AppConfig::default(),
            world: WorldConfig::default(),
            clock: ClockMode::default(),
            journal: None,
            enforce_limits: true,
            limits: LimitsConfig::default(),
            latency: Latency::default(),
            json_style: JsonStyle::default(),
            require_appsecret_proof: false,
            redirect_uris: RedirectUris::AnyLocal,
            callbacks: CallbackUrls::default(),
            auto_approve: None,
            tokens: TokenLifetimes::default(),
        }
    }
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            id: "1517776481860111".to_owned(),
            name: "Pagekeeper (simulated)".to_owned(),
            secret: "sim-app-secret".to_owned(),
        }
    }
}

impl Default for TokenLifetimes {
    fn default() -> Self {
        Self { short_s: 5_400, long_s: 5_183_944, data_access_s: 90 * 86_400, code_s: 600 }
    }
}

impl RedirectUris {
    pub(crate) fn allow(&self, redirect_uri: &str) -> bool {
        match self {
            Self::AnyLocal => url::Url::parse(redirect_uri).is_ok_and(|url| {
                matches!(url.scheme(), "http" | "https")
                    && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
            }),
            Self::Listed(listed) => listed.iter().any(|allowed| allowed == redirect_uri),
        }
    }
}
