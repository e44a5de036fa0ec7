//! A database per test: copied from a template that has all migrations, dropped at the end.

use std::time::Duration;

use anyhow::{Context as _, Result};
use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::{
    AsyncConnection as _, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use ring::digest;
use url::Url;
use uuid::Uuid;

use crate::shared;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");
/// Databases of tests begin with it; what a killed run left is dropped by a later one.
const PREFIX: &str = "pagekeeper_test_";
/// One process at a time makes the template.
const TEMPLATE_LOCK: i64 = 7_246_900;
/// A database of a test that has not been dropped after so long belongs to a run that was killed.
const LEFT_BEHIND: Duration = Duration::from_hours(3);

/// A database of its own, with the schema of this checkout. Sequences start 10,000 apart, so that an id of one table
/// is never one of another.
#[derive(Debug)]
pub struct TestDatabase {
    server: String,
    name: String,
    is_kept: bool,
}

impl TestDatabase {
    /// # Panics
    ///
    /// When there is no PostgreSQL to be had.
    pub async fn new() -> Self {
        let made = async { Self::make(shared::database_url().await?, true).await };
        made.await.expect("a database for this test")
    }

    /// Without any table.
    pub async fn empty() -> Result<Self> {
        Self::make(shared::database_url().await?, false).await
    }

    /// Without any table, on the server that this administrator's address names.
    pub async fn empty_on(server: &str) -> Result<Self> {
        Self::make(server.to_owned(), false).await
    }

    /// A database that stays, for rows that take long to make: it is found again by its name, and brought to the schema of
    /// this checkout. The server is that of `DATABASE_URL`.
    ///
    /// # Panics
    ///
    /// Where no server is named, or none answers.
    pub async fn kept(name: &str) -> Self {
        let server = shared::given("DATABASE_URL").expect("DATABASE_URL names the server of a database that is kept");
        let made = async {
            crate::init();
            let mut admin = AsyncPgConnection::establish(&server).await?;
            let is_new = !databases(&mut admin).await?.iter().any(|existing| existing == name);
            if is_new {
                admin.batch_execute(&format!("create database \"{name}\"")).await?;
            }
            let database = Self { server, name: name.to_owned(), is_kept: true };
            migrate(&database.admin_url()).await?;
            set_passwords(&mut admin).await?;
            if is_new {
                database.connect().await?.batch_execute(COPY_WHAT_A_TEMPLATE_LACKS).await?;
            }
            anyhow::Ok(database)
        };
        made.await.expect("a database that is kept")
    }

    async fn make(server: String, with_schema: bool) -> Result<Self> {
        crate::init();
        let template = if with_schema { Some(template(&server).await?) } else { None };
        let name = format!("{PREFIX}{}_{}", seconds_now(), Uuid::new_v4().simple());
        let mut admin = AsyncPgConnection::establish(&server).await?;
        let from = template.map(|template| format!(" template \"{template}\"")).unwrap_or_default();
        admin.batch_execute(&format!("create database \"{name}\"{from}")).await.context("cannot make a database")?;
        let database = Self { server, name, is_kept: false };
        if with_schema {
            // Rights on a database are not copied with it, and neither are a role's settings in it.
            database.connect().await?.batch_execute(COPY_WHAT_A_TEMPLATE_LACKS).await?;
        }
        Ok(database)
    }

    /// An administrator's address.
    pub fn admin_url(&self) -> String {
        with(&self.server, |url| url.set_path(&self.name))
    }

    /// The address as one of the services' roles. Works where the server trusts this machine, as the tests' does, or with
    /// the passwords that [`Self::set_passwords`] gave.
    pub fn url_as(&self, role: &str) -> String {
        with(&self.admin_url(), |url| {
            let _ = url.set_username(role);
            let _ = url.set_password(Some(PASSWORD));
        })
    }

    /// A connection as the administrator.
    pub async fn connect(&self) -> Result<AsyncPgConnection> {
        Ok(AsyncPgConnection::establish(&self.admin_url()).await?)
    }

    /// Runs SQL as the administrator, past all policies.
    ///
    /// # Panics
    ///
    /// When the SQL fails.
    pub async fn execute(&self, sql: &str) {
        self.connect().await.expect("a connection").batch_execute(sql).await.expect(sql);
    }

    /// One number that SQL gives, read as the administrator, past all policies.
    ///
    /// # Panics
    ///
    /// When the SQL fails or gives something else.
    pub async fn number(&self, sql: &str) -> i64 {
        number(&mut self.connect().await.expect("a connection"), sql).await
    }

    /// The same of a text; empty for null.
    ///
    /// # Panics
    ///
    /// When the SQL fails or gives something else.
    pub async fn text(&self, sql: &str) -> String {
        #[derive(QueryableByName)]
        struct Words {
            #[diesel(sql_type = diesel::sql_types::Text)]
            text: String,
        }
        let mut connection = self.connect().await.expect("a connection");
        let query = format!("select coalesce(({sql})::text, '') as text");
        diesel::sql_query(&query).get_result::<Words>(&mut connection).await.expect(sql).text
    }
}

/// One number that SQL gives. A benchmark looks hundreds of times through the same connection: to open one takes the server
/// longer than to store a hundred messages.
///
/// # Panics
///
/// When the SQL fails or gives something else.
pub async fn number(connection: &mut AsyncPgConnection, sql: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }
    let query = format!("select ({sql})::bigint as number");
    diesel::sql_query(&query).get_result::<Number>(connection).await.expect(sql).number
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // The test's runtime is ending: a thread with one of its own.
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let mut admin = AsyncPgConnection::establish(&server).await.ok()?;
                admin.batch_execute(&format!("drop database if exists \"{name}\" with (force)")).await.ok()
            })
        });
        let _ = dropping.join();
    }
}

/// The services' roles have this password on servers that ask for one.
const PASSWORD: &str = "pagekeeper-test";

const COPY_WHAT_A_TEMPLATE_LACKS: &str = "
    do $$
    declare
        role_name text;
        sequence regclass;
        start bigint := 0;
    begin
        for role_name in select rolname from pg_roles where rolname in
            ('pagekeeper_gateway', 'pagekeeper_webhook_ingest', 'pagekeeper_sync_worker', 'pagekeeper_lookup')
        loop
            execute format('alter role %I in database %I set max_parallel_workers_per_gather = 0', role_name, current_database());
        end loop;
        for sequence in select oid::regclass from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace order by relname loop
            start := start + 10000;
            perform setval(sequence, start, true);
        end loop;
    end
    $$;
";

/// The database that tests are copied from: made once for each state of `migrations/`.
async fn template(server: &str) -> Result<String> {
    let name = template_name()?;
    let mut admin = AsyncPgConnection::establish(server).await.context("cannot reach PostgreSQL")?;
    admin.batch_execute(&format!("select pg_advisory_lock({TEMPLATE_LOCK})")).await?;
    let existing = databases(&mut admin).await?;
    if !existing.contains(&name) {
        sweep(&mut admin, &existing).await?;
        let making = format!("{name}_making");
        admin.batch_execute(&format!("drop database if exists \"{making}\" with (force)")).await?;
        admin.batch_execute(&format!("create database \"{making}\"")).await?;
        migrate(&with(server, |url| url.set_path(&making))).await?;
        admin.batch_execute(&format!("alter database \"{making}\" rename to \"{name}\"")).await?;
        set_passwords(&mut admin).await?;
    }
    admin.batch_execute(&format!("select pg_advisory_unlock({TEMPLATE_LOCK})")).await?;
    Ok(name)
}

async fn migrate(url: &str) -> Result<()> {
    let connection = AsyncPgConnection::establish(url).await?;
    tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(connection);
        harness.run_pending_migrations(MIGRATIONS).map(|_versions| ()).map_err(|error| anyhow::anyhow!("{error}"))
    })
    .await?
    .context("a migration failed")
}

async fn set_passwords(admin: &mut AsyncPgConnection) -> Result<()> {
    for role in ["pagekeeper_gateway", "pagekeeper_webhook_ingest", "pagekeeper_sync_worker"] {
        admin.batch_execute(&format!("alter role {role} password '{PASSWORD}'")).await?;
    }
    Ok(())
}

/// Drops what killed runs left: databases of tests that are old, and templates of other states of the migrations.
async fn sweep(admin: &mut AsyncPgConnection, existing: &[String]) -> Result<()> {
    let oldest = seconds_now().saturating_sub(LEFT_BEHIND.as_secs());
    for name in existing {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        let made: Option<u64> = rest.split('_').next().and_then(|seconds| seconds.parse().ok());
        if made.is_some_and(|made| made < oldest) {
            admin.batch_execute(&format!("drop database if exists \"{name}\" with (force)")).await?;
        }
    }
    Ok(())
}

async fn databases(admin: &mut AsyncPgConnection) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Database {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let rows: Vec<Database> = diesel::sql_query("select datname::text as name from pg_database").load(admin).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Named after what the migrations say.
fn template_name() -> Result<String> {
    let mut context = digest::Context::new(&digest::SHA256);
    let mut files: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations"))?
        .flatten()
        .map(|entry| entry.path().join("up.sql"))
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    for file in files {
        context.update(file.to_string_lossy().as_bytes());
        context.update(&std::fs::read(&file)?);
    }
    let hash = hex::encode(context.finish());
    Ok(format!("pagekeeper_template_{}", hash.get(..16).unwrap_or(&hash)))
}

fn with(url: &str, change: impl FnOnce(&mut Url)) -> String {
    let mut url = Url::parse(url).expect("DATABASE_URL is an address");
    change(&mut url);
    url.into()
}

fn seconds_now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs()
}
