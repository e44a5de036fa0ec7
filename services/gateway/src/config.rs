//! The gateway's configuration. Defaults and their reasons are in `defaults.toml`.

use std::num::NonZeroU32;
use std::time::Duration;

use pagekeeper_bus::BusConfig;
use pagekeeper_common::graph::GraphConfig;
use pagekeeper_media::{MediaStore, MediaStoreError};
use pagekeeper_runtime::config::ConfigError;
use pagekeeper_runtime::http::HttpConfig;
use pagekeeper_runtime::secret::{ExposeSecret, SecretString};
use pagekeeper_runtime::service::ServiceConfig;
use pagekeeper_store::{KeyRing, StoreConfig};
use serde::Deserialize;
use url::Url;

use crate::auth::access_tokens::SHORTEST_KEY;

/// A stolen token works no longer than this.
const LONGEST_TOKEN_LIFE_S: u32 = 600;
const SHORTEST_CRON_SECRET: usize = 16;

/// Everything that the gateway reads.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    pub http: HttpConfig,
    pub public: PublicConfig,
    pub database: StoreConfig,
    pub bus: BusConfig,
    pub sealing: SealingConfig,
    #[serde(default)]
    pub graph: GraphConfig,
    pub login: LoginConfig,
    pub sessions: SessionsConfig,
    pub tokens: TokensConfig,
    pub cron: CronConfig,
    pub schedules: SchedulesConfig,
    pub live: LiveConfig,
    pub health: HealthConfig,
    pub waiting: WaitingConfig,
    pub media: MediaConfig,
    pub doors: DoorsConfig,
    pub console: ConsoleConfig,
}

impl ServiceConfig for Config {
    fn validate(&self) -> Result<(), ConfigError> {
        self.database.validate().map_err(|problem| ConfigError::value("database", problem.to_string()))?;
        self.bus.validate().map_err(|problem| ConfigError::value("bus", problem.to_string()))?;
        self.graph.validate().map_err(|(key, problem)| ConfigError::value(key, problem))?;
        KeyRing::parse(&self.sealing.keys)
            .map_err(|problem| ConfigError::value("sealing.keys", problem.to_string()))?;
        self.public.validate()?;
        self.tokens.validate()?;
        if self.schedules.full_sync_hour > 23 {
            return Err(ConfigError::value("schedules.full_sync_hour", "must be 0 to 23"));
        }
        self.cron.validate()
    }
}

/// The section `public`: how browsers reach this gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicConfig {
    /// Scheme, host and port that browsers use; without it `http://localhost` and the port that is listened on.
    pub url: Option<Url>,
}

/// The section `login`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginConfig {
    /// The permissions that the dialog asks for.
    pub scopes: Vec<String>,
    /// Where Facebook sends the browser back to; without it `/auth/facebook/callback` below `public.url`.
    pub redirect_uri: Option<Url>,
    /// Minutes until a login that was begun can no longer be finished.
    pub attempt_minutes: NonZeroU32,
}

/// The section `sessions`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsConfig {
    /// Hours without a request after which a session ends.
    pub idle_hours: NonZeroU32,
    /// Hours after which a session ends in any case.
    pub absolute_hours: NonZeroU32,
}

/// The section `tokens`: short-lived access tokens for programs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokensConfig {
    /// Signs them; at least 32 bytes. All gateways of one system share it.
    #[serde(default)]
    pub signing_key: SecretString,
    /// Seconds until one expires, at most 600.
    pub lifetime_s: NonZeroU32,
}

/// The section `cron`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CronConfig {
    /// What CronJobs send as `Authorization: Bearer …`; at least 16 bytes.
    #[serde(default)]
    pub secret: SecretString,
}

/// The section `schedules`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchedulesConfig {
    /// Off where CronJobs call the routes instead.
    pub enabled: bool,
    /// Minutes between two syncs of all Pages.
    pub sync_all_minutes: NonZeroU32,
    /// Pages that start in a second, on average, where all of them are synced.
    pub pages_per_second: NonZeroU32,
    /// The hour, by each account's own clock, after which all of its Pages is synced once a day.
    pub full_sync_hour: u32,
}

/// The section `live`: server-sent events.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiveConfig {
    /// Seconds between the comments that keep a stream's connection open.
    pub heartbeat_s: NonZeroU32,
    /// Seconds between two looks at whether the stream's session still lives.
    pub recheck_s: NonZeroU32,
    /// Streams that one person holds open at once.
    pub streams_per_user: usize,
}

/// The section `health`: what `/api/health` warns of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthConfig {
    /// A token that ends within so many days is a warning.
    pub token_warning_days: NonZeroU32,
    /// A Page that was not synced for so many minutes is a warning.
    pub stale_after_minutes: NonZeroU32,
    /// Seconds for which an answer is given again.
    pub cache_s: NonZeroU32,
}

/// The section `waiting`: routes that wait for work on Facebook to end.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitingConfig {
    /// Seconds that a route waits where the caller does not say.
    pub default_s: u32,
    /// The same for connecting all Pages of a person.
    pub auto_connect_s: u32,
}

impl TokensConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        if self.signing_key.expose_secret().len() < SHORTEST_KEY {
            return Err(ConfigError::value(
                "tokens.signing_key",
                format!("must be given, with at least {SHORTEST_KEY} bytes"),
            ));
        }
        if self.lifetime_s.get() > LONGEST_TOKEN_LIFE_S {
            return Err(ConfigError::value("tokens.lifetime_s", format!("must be at most {LONGEST_TOKEN_LIFE_S}")));
        }
        Ok(())
    }
}

impl CronConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        if self.secret.expose_secret().len() < SHORTEST_CRON_SECRET {
            return Err(ConfigError::value(
                "cron.secret",
                format!("must be given, with at least {SHORTEST_CRON_SECRET} bytes"),
            ));
        }
        Ok(())
    }
}

impl PublicConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        match &self.url {
            Some(url) if url.path() != "/" || url.query().is_some() || !matches!(url.scheme(), "http" | "https") => {
                Err(ConfigError::value("public.url", "must be https://host[:port] without a path"))
            }
            _ => Ok(()),
        }
    }
}

impl LoginConfig {
    pub fn attempt_lifetime(&self) -> Duration {
        Duration::from_mins(self.attempt_minutes.get().into())
    }
}

impl SessionsConfig {
    pub fn idle(&self) -> Duration {
        Duration::from_hours(self.idle_hours.get().into())
    }

    pub fn absolute(&self) -> Duration {
        Duration::from_hours(self.absolute_hours.get().into())
    }
}

impl WaitingConfig {
    pub fn default_wait(&self) -> Duration {
        Duration::from_secs(self.default_s.into())
    }

    pub fn auto_connect_wait(&self) -> Duration {
        Duration::from_secs(self.auto_connect_s.into())
    }
}

/// The section `media`: files that came with messages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaConfig {
    /// Hosts that files are fetched from, over TLS, with their sub-domains. One with a port, `host:port`, also without TLS.
    pub hosts: Vec<String>,
    /// Mebibytes; a larger file is not passed on.
    pub longest_mb: NonZeroU32,
    /// Seconds that a request waits for a fresh address of its file.
    pub wait_s: NonZeroU32,
    /// Whether copies are read from `store`.
    pub copy: bool,
    /// `file:///folder` or `s3://bucket/prefix`, the same as sync-worker's.
    pub store: String,
}

impl MediaConfig {
    /// None where copies are not wanted.
    pub(crate) fn open_store(&self) -> Result<Option<MediaStore>, MediaStoreError> {
        self.copy.then(|| MediaStore::open(&self.store)).transpose()
    }

    pub(crate) fn wait(&self) -> Duration {
        Duration::from_secs(self.wait_s.get().into())
    }
}

/// The section `doors`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoorsConfig {
    /// Login starts and returns from Facebook per minute and address.
    pub login_per_minute: NonZeroU32,
    /// Health questions per minute and address.
    pub health_per_minute: NonZeroU32,
    /// Calls with wrong credentials, or without any, per minute and address.
    pub refused_per_minute: NonZeroU32,
    /// How many proxies in front of us append to `X-Forwarded-For`. 0: the peer's own address counts, the header is
    /// not read, since anybody could write it.
    pub trusted_proxies: usize,
}

/// The section `sealing`: what tokens are sealed with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealingConfig {
    /// `number:base64` of 32 bytes each, separated by commas; the first one seals, all of them open.
    #[serde(default)]
    pub keys: SecretString,
}

/// The section `console`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleConfig {
    /// Told on the sign-in page of a demo, one person per `|`; empty elsewhere.
    pub demo_people: String,
}
