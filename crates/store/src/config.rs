//! The configuration section `database`.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

/// How a service reaches PostgreSQL.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// `postgres://role:password@host:port/database`, with the service's own role.
    pub url: SecretString,
    /// The most connections that this process opens.
    #[serde(default = "default_pool_size")]
    pub pool_size: u32,
    /// The longest wait for a connection, in milliseconds.
    #[serde(default = "default_connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// The longest that one transaction may take, in milliseconds.
    #[serde(default = "default_query_timeout_ms")]
    pub query_timeout_ms: u64,
}

const fn default_pool_size() -> u32 {
    8
}

const fn default_connect_timeout_ms() -> u64 {
    3_000
}

const fn default_query_timeout_ms() -> u64 {
    10_000
}

/// What is wrong with the section; the texts name the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidStoreConfig {
    #[error("database.url: must be postgres://role:password@host:port/database")]
    Url,
    #[error("database.pool_size: must be 1 to 1000")]
    PoolSize,
    #[error("database.connect_timeout_ms and database.query_timeout_ms: must be 100 to 600000")]
    Timeout,
}

impl StoreConfig {
    /// The defaults with this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: SecretString::from(url.into()),
            pool_size: default_pool_size(),
            connect_timeout_ms: default_connect_timeout_ms(),
            query_timeout_ms: default_query_timeout_ms(),
        }
    }

    pub fn validate(&self) -> Result<(), InvalidStoreConfig> {
        let url = Url::parse(self.url.expose_secret()).map_err(|_error| InvalidStoreConfig::Url)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") || url.username().is_empty() {
            return Err(InvalidStoreConfig::Url);
        }
        if !(1..=1000).contains(&self.pool_size) {
            return Err(InvalidStoreConfig::PoolSize);
        }
        let bounds = 100..=600_000;
        if !bounds.contains(&self.connect_timeout_ms) || !bounds.contains(&self.query_timeout_ms) {
            return Err(InvalidStoreConfig::Timeout);
        }
        Ok(())
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(crate) fn query_timeout(&self) -> Duration {
        Duration::from_millis(self.query_timeout_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_role_is_refused() {
        assert_eq!(StoreConfig::new("postgres://gateway:secret@localhost/pagekeeper").validate(), Ok(()));
        assert_eq!(StoreConfig::new("postgres://localhost/pagekeeper").validate(), Err(InvalidStoreConfig::Url));
        assert_eq!(StoreConfig::new("mysql://a@localhost/b").validate(), Err(InvalidStoreConfig::Url));
    }

    #[test]
    fn limits_outside_their_bounds_are_refused() {
        let config = StoreConfig { pool_size: 0, ..StoreConfig::new("postgres://a@localhost/b") };
        assert_eq!(config.validate(), Err(InvalidStoreConfig::PoolSize));
        let config = StoreConfig { query_timeout_ms: 1, ..StoreConfig::new("postgres://a@localhost/b") };
        assert_eq!(config.validate(), Err(InvalidStoreConfig::Timeout));
    }
}
