//! The migrations in the repository's folder `migrations`, carried in this crate.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use diesel::QueryableByName;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::error::StoreError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Several services may start with an empty database at once: the first migrates, the others find nothing to do.
const LOCK: i64 = 7_246_001;

/// The roles that the services log in with, and their passwords.
pub struct RolePasswords {
    pub gateway: SecretString,
    pub webhook_ingest: SecretString,
    pub sync_worker: SecretString,
}

/// The names of the services' roles.
pub mod roles {
    pub const GATEWAY: &str = "pagekeeper_gateway";
    pub const WEBHOOK_INGEST: &str = "pagekeeper_webhook_ingest";
    pub const SYNC_WORKER: &str = "pagekeeper_sync_worker";
}

/// What [`migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// The versions that were applied now, in order.
    pub applied: Vec<String>,
}

/// How the database's schema compares with the one that this version was built with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// All migrations are there; newer ones may be too, since a migration only adds what the version before ignores.
    Current,
    /// So many are missing: somebody must run `gateway migrate`.
    Outdated { missing: usize },
}

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("the administrator's database URL cannot be used")]
    Connect(#[source] diesel::ConnectionError),
    #[error("a migration failed")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the roles' passwords could not be set")]
    Passwords(#[source] diesel::result::Error),
    #[error("the task that migrates was aborted")]
    Aborted(#[source] tokio::task::JoinError),
}

/// Applies what is missing, with an administrator's URL, and gives the services' roles their passwords.
pub async fn migrate(admin_url: &str, passwords: &RolePasswords) -> Result<MigrationReport, MigrateError> {
    let mut lock = AsyncPgConnection::establish(admin_url).await.map_err(MigrateError::Connect)?;
    // Held by this session until it is dropped, whatever happens in between.
    lock.batch_execute(&format!("set statement_timeout = 0; select pg_advisory_lock({LOCK})"))
        .await
        .map_err(|error| MigrateError::Migration(Box::new(error)))?;
    let connection = AsyncPgConnection::establish(admin_url).await.map_err(MigrateError::Connect)?;
    let report =
        tokio::task::spawn_blocking(move || run_pending(connection)).await.map_err(MigrateError::Aborted)??;
    set_passwords(&mut lock, passwords).await.map_err(MigrateError::Passwords)?;
    Ok(report)
}

/// The same server and database, logged in as another role.
pub fn url_for_role(admin_url: &str, role: &str, password: &SecretString) -> Result<SecretString, InvalidDatabaseUrl> {
    let mut url = Url::parse(admin_url).map_err(|_error| InvalidDatabaseUrl)?;
    url.set_username(role).map_err(|()| InvalidDatabaseUrl)?;
    url.set_password(Some(password.expose_secret())).map_err(|()| InvalidDatabaseUrl)?;
    Ok(SecretString::from(String::from(url)))
}

/// The URL itself is not repeated: it holds a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a URL like postgres://role:password@host:port/database")]
pub struct InvalidDatabaseUrl;

fn run_pending(connection: AsyncPgConnection) -> Result<MigrationReport, MigrateError> {
    let mut harness = AsyncMigrationHarness::new(connection);
    let applied = harness.run_pending_migrations(MIGRATIONS).map_err(MigrateError::Migration)?;
    Ok(MigrationReport { applied: applied.iter().map(ToString::to_string).collect() })
}

async fn set_passwords(connection: &mut AsyncPgConnection, passwords: &RolePasswords) -> diesel::QueryResult<()> {
    let roles = [
        (roles::GATEWAY, &passwords.gateway),
        (roles::WEBHOOK_INGEST, &passwords.webhook_ingest),
        (roles::SYNC_WORKER, &passwords.sync_worker),
    ];
    let mut statements = String::from("begin; select pg_advisory_xact_lock(7246002);");
    for (role, password) in roles {
        let literal = password.expose_secret().replace('\'', "''");
        // Writing to a String cannot fail.
        let _ = write!(statements, "alter role {role} password E'{}';", literal.replace('\\', "\\\\"));
    }
    statements.push_str("commit");
    // Roles belong to the whole server, and advisory locks to one database: two databases that are migrated at once meet
    // in the same row of pg_authid, and the second is refused instead of waiting.
    let mut tries = 1;
    loop {
        match connection.batch_execute(&statements).await {
            Err(error) if tries < PASSWORD_TRIES && error.to_string().contains("concurrently updated") => {
                tries += 1;
                connection.batch_execute("rollback").await?;
                tokio::time::sleep(PASSWORD_PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

const PASSWORD_TRIES: u32 = 20;
const PASSWORD_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

pub(crate) async fn schema_state(connection: &mut AsyncPgConnection) -> Result<SchemaState, StoreError> {
    let applied: Result<Vec<Applied>, _> =
        diesel::sql_query("select version from __diesel_schema_migrations").load(connection).await;
    let applied: BTreeSet<String> = match applied.map_err(StoreError::from) {
        Ok(rows) => rows.into_iter().map(|row| row.version).collect(),
        Err(StoreError::SchemaOutdated(_) | StoreError::Forbidden(_)) => BTreeSet::new(),
        Err(error) => return Err(error),
    };
    let missing = versions().iter().filter(|version| !applied.contains(*version)).count();
    Ok(if missing == 0 { SchemaState::Current } else { SchemaState::Outdated { missing } })
}

fn versions() -> Vec<String> {
    let migrations: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().unwrap_or_default();
    migrations.iter().map(|migration| migration.name().version().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roles_url_keeps_server_and_database() {
        let url =
            url_for_role("postgres://admin:a@localhost:5433/pk?x=1", roles::GATEWAY, &"p@ss/word".into()).unwrap();
        assert_eq!(url.expose_secret(), "postgres://pagekeeper_gateway:p%40ss%2Fword@localhost:5433/pk?x=1");
    }

    #[test]
    fn the_migrations_are_embedded() {
        assert!(!versions().is_empty());
    }
}
