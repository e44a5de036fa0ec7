//! What benches measure on.

use anyhow::Result;
use pagekeeper_store::migrations::{RolePasswords, migrate, roles, url_for_role};
use pagekeeper_testkit::servers::PrivatePostgres;
use secrecy::{ExposeSecret as _, SecretString};

/// A private server, durable as in production.
pub(crate) struct Database {
    pub(crate) admin_url: String,
    pub(crate) worker_url: String,
    _server: PrivatePostgres,
}

impl Database {
    pub(crate) async fn start() -> Result<Self> {
        let server = PrivatePostgres::temporary_and_durable().await?;
        server.create_database("bench").await?;
        let admin_url = server.url("bench");
        let password = || SecretString::from("bench");
        let passwords = RolePasswords { gateway: password(), webhook_ingest: password(), sync_worker: password() };
        migrate(&admin_url, &passwords).await?;
        let worker_url = url_for_role(&admin_url, roles::SYNC_WORKER, &password())?.expose_secret().to_owned();
        Ok(Self { admin_url, worker_url, _server: server })
    }
}
