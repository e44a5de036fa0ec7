//! The configuration of sync-worker. Defaults and their reasons are in `defaults.toml`.

use std::num::{NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize};
use std::time::Duration;

use pagekeeper_bus::BusConfig;
use pagekeeper_common::graph::GraphConfig;
use pagekeeper_runtime::config::ConfigError;
use pagekeeper_runtime::secret::SecretString;
use pagekeeper_runtime::service::ServiceConfig;
use pagekeeper_store::StoreConfig;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
pub struct WorkerConfig {
    pub database: StoreConfig,
    pub bus: BusConfig,
    pub graph: GraphConfig,
    pub sealing: SealingConfig,
    pub webhooks: WebhooksConfig,
    pub connect: ConnectConfig,
    pub sync: SyncConfig,
    pub profiles: ProfilesConfig,
    pub media: MediaConfig,
}

/// The section `sealing`: the keys that tokens are stored under.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealingConfig {
    /// `id:base64,…`; the first one seals, all open.
    #[serde(default)]
    pub keys: SecretString,
}

/// The section `webhooks`: events from Meta.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhooksConfig {
    /// Bundles that are taken from the queue at once, at most.
    pub max_batch: NonZeroU16,
    /// Entries that are stored in one transaction, at most.
    pub max_entries: NonZeroUsize,
    /// Batches, of different queues, that are stored at the same time.
    pub parallel_batches: NonZeroUsize,
    /// Seconds between two signs of life to the other workers, with whom the queues are shared.
    pub share_interval_s: NonZeroU64,
    /// Seconds for which it is remembered whose Page it is.
    pub owner_cache_s: NonZeroU64,
}

/// The section `connect`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectConfig {
    /// The permissions without which a Page cannot be connected.
    pub required_scopes: Vec<String>,
    /// The webhook fields that a Page is subscribed to.
    pub subscribed_fields: Vec<String>,
    /// Pages that are subscribed at the same time.
    pub parallel_pages: NonZeroUsize,
}

/// The section `sync`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncConfig {
    /// Runs at work at the same time in this process.
    pub parallel_runs: NonZeroUsize,
    /// Seconds after which a silent worker's run is taken over.
    pub lease_s: NonZeroU64,
    /// Seconds between two looks for such runs.
    pub takeover_interval_s: NonZeroU64,
    /// Seconds before each new try of a run in the background.
    pub retries_s: Vec<u32>,
    /// Conversations of a Page's first sync, at most.
    pub first_conversations: NonZeroU32,
    pub conversations_per_call: NonZeroU32,
    pub messages_per_conversation: NonZeroU32,
    pub messages_per_call: NonZeroU32,
    /// Full pages of conversations in memory at the same time, over all runs.
    pub pages_in_memory: NonZeroUsize,
    /// Meta's limit of the Conversations API, per second and Page.
    pub conversation_calls_per_second: f64,
}

/// The section `profiles`: the names of customers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfilesConfig {
    /// Contacts that are taken from the work list at once.
    pub claim: NonZeroU32,
    /// Pages whose contacts are asked for at the same time.
    pub parallel_pages: NonZeroUsize,
    /// Seconds between two looks at the work list.
    pub interval_s: NonZeroU64,
}

/// The section `media`: copies of files that came with messages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaConfig {
    /// Whether copies are made.
    pub copy: bool,
    /// `file:///folder` or `s3://bucket/prefix`.
    pub store: String,
    /// Hosts that files are fetched from, as the gateway's.
    pub hosts: Vec<String>,
    /// Mebibytes; a larger file is not copied.
    pub longest_mb: NonZeroU32,
}

impl ServiceConfig for WorkerConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        self.database.validate().map_err(|problem| ConfigError::value("database", problem.to_string()))?;
        self.bus.validate().map_err(|problem| ConfigError::value("bus", problem.to_string()))?;
        self.graph.validate().map_err(|(key, problem)| ConfigError::value(key, problem))?;
        if self.connect.subscribed_fields.is_empty() {
            return Err(ConfigError::value("connect.subscribed_fields", "must name at least one field"));
        }
        if self.webhooks.share_interval_s.get() > 600 {
            return Err(ConfigError::value("webhooks.share_interval_s", "must be at most 600"));
        }
        if self.sync.lease_s.get() < 3 {
            return Err(ConfigError::value("sync.lease_s", "must be at least 3"));
        }
        if !(0.01..=1_000.0).contains(&self.sync.conversation_calls_per_second) {
            return Err(ConfigError::value("sync.conversation_calls_per_second", "must be 0.01 to 1000"));
        }
        Ok(())
    }
}

impl WebhooksConfig {
    pub(crate) fn share_interval(&self) -> Duration {
        Duration::from_secs(self.share_interval_s.get())
    }

    pub(crate) fn owner_cache(&self) -> Duration {
        Duration::from_secs(self.owner_cache_s.get())
    }
}

impl SyncConfig {
    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_s.get())
    }

    pub(crate) fn takeover_interval(&self) -> Duration {
        Duration::from_secs(self.takeover_interval_s.get())
    }

    pub(crate) fn retry_waits(&self) -> Vec<Duration> {
        self.retries_s.iter().map(|wait| Duration::from_secs(u64::from(*wait))).collect()
    }
}

impl ProfilesConfig {
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_secs(self.interval_s.get())
    }
}
