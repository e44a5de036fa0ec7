//! `gateway migrate`: brings the database's schema up to date and gives the services' roles their passwords.
//!
//! It is the only thing that uses an administrator's URL. It needs nothing of the service's own configuration.

use std::process::ExitCode;

use pagekeeper_runtime::config::ConfigError;
use pagekeeper_runtime::running::{Chassis, Running};
use pagekeeper_runtime::secret::{ExposeSecret, SecretString};
use pagekeeper_runtime::service::{self, During, Service, ServiceConfig, StartError};
use pagekeeper_store::migrations::{RolePasswords, migrate};
use serde::Deserialize;

/// The section `migrate`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MigrateConfig {
    /// A role that may create roles and tables.
    pub admin_url: SecretString,
    /// What the services' roles log in with; `database.url` of each service has it.
    pub gateway_password: SecretString,
    pub webhook_ingest_password: SecretString,
    pub sync_worker_password: SecretString,
}

/// Reads the section `migrate` alone.
#[derive(Debug, Deserialize)]
struct Migration {
    #[serde(default)]
    migrate: MigrateConfig,
}

impl ServiceConfig for Migration {
    fn validate(&self) -> Result<(), ConfigError> {
        let all = [
            ("migrate.admin_url", &self.migrate.admin_url),
            ("migrate.gateway_password", &self.migrate.gateway_password),
            ("migrate.webhook_ingest_password", &self.migrate.webhook_ingest_password),
            ("migrate.sync_worker_password", &self.migrate.sync_worker_password),
        ];
        match all.into_iter().find(|(_, value)| value.expose_secret().is_empty()) {
            Some((key, _)) => Err(ConfigError::value(key, "must be given")),
            None => Ok(()),
        }
    }
}

impl Service for Migration {
    const NAME: &'static str = "gateway migrate";
    const DEFAULTS: &'static str = crate::Gateway::DEFAULTS;
    const LEGACY: &'static [(&'static str, &'static str)] = &[("DATABASE_URL", "migrate.admin_url")];

    type Config = Self;

    async fn build(_: Self, chassis: Chassis) -> Result<Running, StartError> {
        Ok(Running::new(&chassis))
    }
}

/// Runs the migrations; the whole of the subcommand.
pub fn main() -> ExitCode {
    service::command::<Migration, _>(async |Migration { migrate: config }, _chassis| {
        let passwords = RolePasswords {
            gateway: config.gateway_password,
            webhook_ingest: config.webhook_ingest_password,
            sync_worker: config.sync_worker_password,
        };
        let report = migrate(config.admin_url.expose_secret(), &passwords).await.during("migrating the database")?;
        tracing::info!(area = "migrate", applied = ?report.applied, "the database is up to date");
        Ok(())
    })
}
