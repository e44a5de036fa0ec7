//! The configuration of webhook-ingest. Defaults and their reasons are in `defaults.toml`.

use std::time::Duration;

use pagekeeper_bus::BusConfig;
use pagekeeper_runtime::config::ConfigError;
use pagekeeper_runtime::http::HttpConfig;
use pagekeeper_runtime::secret::{ExposeSecret, SecretString};
use pagekeeper_runtime::service::ServiceConfig;
use pagekeeper_store::StoreConfig;
use serde::Deserialize;

use crate::bundle::BundleLimits;
use crate::dispatch::DispatchLimits;

/// Every answer is given within this time of the request's arrival; Meta waits five seconds.
const ANSWER_LIMIT_MS: u64 = 4_000;

/// What the broker keeps of its time after the slowest body.
const LEAST_BROKER_TIME_MS: u64 = 500;

/// The one in use, and the one that it replaces.
const MOST_APP_SECRETS: usize = 2;

/// One statement to the spool carries about this much; PostgreSQL writes it in well under a second.
const SPOOL_STATEMENT_BYTES: usize = 8 * 1024 * 1024;

#[derive(Debug, Clone, Deserialize)]
pub struct IngestConfig {
    pub http: HttpConfig,
    pub webhook: WebhookConfig,
    pub durability: DurabilityConfig,
    pub bus: BusConfig,
    pub database: StoreConfig,
}

/// The section `webhook`: what was agreed with Meta in the app's dashboard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// What Meta shows in the handshake.
    #[serde(default)]
    pub verify_token: SecretString,
    /// The Meta app's secret, which signs each webhook; while it is being replaced, the new one and then the old one.
    #[serde(default)]
    pub app_secrets: Vec<SecretString>,
}

/// The section `durability`: how long each place has to keep an entry, and how much may wait meanwhile.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DurabilityConfig {
    /// Milliseconds from a POST's arrival to the broker's confirm.
    pub broker_limit_ms: u64,
    /// Milliseconds for one statement to the spool.
    pub spool_limit_ms: u64,
    /// Flights of messages in the air at once, of each publisher.
    pub flights: usize,
    /// Entries joined into one message, at most.
    pub bundle_entries: u32,
    /// Bytes joined into one message, at most; a single larger entry travels alone.
    pub bundle_bytes: usize,
    /// Milliseconds between two tries whether the broker is back.
    pub canary_interval_ms: u64,
    /// Milliseconds between two looks into the spool.
    pub drain_interval_ms: u64,
    /// Bytes of bodies and entries that may wait at once.
    pub waiting_bytes: usize,
}

impl ServiceConfig for IngestConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        self.webhook.validate()?;
        self.durability.validate()?;
        if self.http.accept_traceparent {
            return Err(ConfigError::value("http.accept_traceparent", "must be false: every webhook begins a trace"));
        }
        if self.http.body_timeout_ms + LEAST_BROKER_TIME_MS > self.durability.broker_limit_ms {
            let problem = format!("must be {LEAST_BROKER_TIME_MS} less than durability.broker_limit_ms, or lower");
            return Err(ConfigError::value("http.body_timeout_ms", problem));
        }
        if self.durability.waiting_bytes < 2 * self.http.body_limit {
            return Err(ConfigError::value("durability.waiting_bytes", "must be at least twice http.body_limit"));
        }
        self.bus.validate().map_err(|problem| ConfigError::value("bus", problem.to_string()))?;
        self.database.validate().map_err(|problem| ConfigError::value("database", problem.to_string()))
    }
}

impl WebhookConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        if self.verify_token.expose_secret().is_empty() {
            return Err(ConfigError::value("webhook.verify_token", "must be given"));
        }
        // With an empty key, anybody could sign.
        let are_given = self.app_secrets.iter().all(|secret| !secret.expose_secret().is_empty());
        if !are_given || !(1..=MOST_APP_SECRETS).contains(&self.app_secrets.len()) {
            return Err(ConfigError::value(
                "webhook.app_secrets",
                "must be the app's secret, or the new and the old one",
            ));
        }
        Ok(())
    }
}

impl DurabilityConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        if self.broker_limit_ms + self.spool_limit_ms >= ANSWER_LIMIT_MS {
            let problem = format!("must be less than {ANSWER_LIMIT_MS} together with durability.broker_limit_ms");
            return Err(ConfigError::value("durability.spool_limit_ms", problem));
        }
        let positive = [
            ("durability.broker_limit_ms", self.broker_limit_ms > 0),
            ("durability.spool_limit_ms", self.spool_limit_ms > 0),
            ("durability.flights", self.flights > 0),
            ("durability.bundle_entries", self.bundle_entries > 0),
            ("durability.bundle_bytes", self.bundle_bytes > 0),
            ("durability.canary_interval_ms", self.canary_interval_ms > 0),
            ("durability.drain_interval_ms", self.drain_interval_ms > 0),
        ];
        match positive.into_iter().find(|(_, is_positive)| !is_positive) {
            Some((key, _)) => Err(ConfigError::value(key, "must be more than 0")),
            None => Ok(()),
        }
    }

    pub(crate) fn dispatch_limits(&self) -> DispatchLimits {
        DispatchLimits {
            bundle: self.bundle_limits(),
            flights: self.flights,
            broker: Duration::from_millis(self.broker_limit_ms),
            spool_bytes: SPOOL_STATEMENT_BYTES,
            canary_interval: Duration::from_millis(self.canary_interval_ms),
        }
    }

    pub(crate) fn bundle_limits(&self) -> BundleLimits {
        BundleLimits { entries: self.bundle_entries, bytes: self.bundle_bytes }
    }

    pub(crate) fn spool_limit(&self) -> Duration {
        Duration::from_millis(self.spool_limit_ms)
    }

    pub(crate) fn drain_interval(&self) -> Duration {
        Duration::from_millis(self.drain_interval_ms)
    }

    /// From a request's arrival to its answer, whatever happens.
    pub(crate) fn answer_limit(&self) -> Duration {
        Duration::from_millis(self.broker_limit_ms + self.spool_limit_ms)
    }
}
