//! The connections to PostgreSQL.
//!
//! No default of a library notices a server that stopped answering, so each wait here has a limit of our own, and a
//! connection whose answer was given up is closed: the query may still run on it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::sql_types::Bool;
use diesel::{ConnectionError, ConnectionResult, QueryableByName};
use diesel_async::pooled_connection::bb8::{Pool, PooledConnection, RunError};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::FutureExt;
use secrecy::ExposeSecret;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::config::StoreConfig;
use crate::error::StoreError;
use crate::migrations::{self, SchemaState};

pub(crate) type Connection = PooledConnection<'static, AsyncPgConnection>;

/// The database as one service sees it. Clones share the pool.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    pool: Pool<AsyncPgConnection>,
    connect_timeout: Duration,
    query_timeout: Duration,
    last_connect_error: LastConnectError,
    role_is_harmless: OnceCell<()>,
}

/// Why the newest try to connect failed: the pool itself only says that no connection came.
#[derive(Clone, Default)]
struct LastConnectError(Arc<Mutex<Option<String>>>);

impl Store {
    /// Makes the pool. Connections are opened when they are needed, so this works while the database is away.
    pub fn connect(config: &StoreConfig) -> Self {
        let last_connect_error = LastConnectError::default();
        let setup = Setup {
            limit: config.connect_timeout(),
            session: session_settings(config.query_timeout()),
            last_connect_error: last_connect_error.clone(),
        };
        let mut manager = ManagerConfig::default();
        manager.recycling_method = RecyclingMethod::Fast;
        manager.custom_setup = Box::new(move |url| setup.clone().establish(url.to_owned()).boxed());
        let manager = AsyncDieselConnectionManager::new_with_config(config.url.expose_secret().to_owned(), manager);
        let pool = Pool::builder()
            .max_size(config.pool_size)
            .connection_timeout(config.connect_timeout())
            .test_on_check_out(true)
            .build_unchecked(manager);
        Self {
            shared: Arc::new(Shared {
                pool,
                connect_timeout: config.connect_timeout(),
                query_timeout: config.query_timeout(),
                last_connect_error,
                role_is_harmless: OnceCell::new(),
            }),
        }
    }

    /// Whether the database answers, within `limit`.
    pub async fn ping(&self, limit: Duration) -> Result<(), StoreError> {
        let answer = async {
            let mut connection = self.checkout().await?;
            connection.batch_execute("select 1").await.map_err(StoreError::from)
        };
        timeout(limit, answer).await.map_err(|_elapsed| StoreError::TimedOut)?
    }

    /// Whether the database has the migrations that this version was built with.
    pub async fn schema_is_current(&self) -> Result<SchemaState, StoreError> {
        let state = async {
            let mut connection = self.checkout().await?;
            migrations::schema_state(&mut connection).await
        };
        timeout(self.query_timeout(), state).await.map_err(|_elapsed| StoreError::TimedOut)?
    }

    pub(crate) fn query_timeout(&self) -> Duration {
        self.shared.query_timeout
    }

    pub(crate) async fn checkout(&self) -> Result<Connection, StoreError> {
        // The pool's own limit does not hold while it tests a connection of a frozen server.
        let limit = self.shared.connect_timeout + Duration::from_millis(500);
        let connection = match timeout(limit, self.shared.pool.get_owned()).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(RunError::User(error))) => return Err(StoreError::unavailable(error)),
            Ok(Err(RunError::TimedOut)) | Err(_) => return Err(self.why_no_connection()),
        };
        self.shared.last_connect_error.clear();
        self.refuse_privileged_role(connection).await
    }

    /// A role that sees every row would make all policies worthless without anybody noticing.
    async fn refuse_privileged_role(&self, mut connection: Connection) -> Result<Connection, StoreError> {
        self.shared.role_is_harmless.get_or_try_init(|| check_role(&mut connection)).await?;
        Ok(connection)
    }

    fn why_no_connection(&self) -> StoreError {
        match self.shared.last_connect_error.take() {
            Some(reason) => StoreError::Unavailable(Some(reason.into())),
            None => StoreError::PoolExhausted,
        }
    }
}

#[derive(QueryableByName)]
struct RoleCheck {
    #[diesel(sql_type = Bool)]
    is_privileged: bool,
}

async fn check_role(connection: &mut AsyncPgConnection) -> Result<(), StoreError> {
    let role: RoleCheck = diesel::sql_query(
        "select r.rolsuper or r.rolbypassrls
             or exists (select from pg_class c where c.relowner = r.oid and c.relkind in ('r', 'p')) as is_privileged
         from pg_roles r where r.rolname = current_user",
    )
    .get_result(connection)
    .await?;
    if role.is_privileged { Err(StoreError::PrivilegedRole) } else { Ok(()) }
}

/// The server gives up a little before we do, so that its error arrives and the connection stays usable. Our queries
/// are short: a parallel plan costs more to start than it saves.
fn session_settings(query_timeout: Duration) -> String {
    let statement = query_timeout.saturating_sub(Duration::from_millis(200)).as_millis().max(50);
    format!(
        "set statement_timeout = {statement}; set lock_timeout = {lock}; \
         set idle_in_transaction_session_timeout = {idle}; set max_parallel_workers_per_gather = 0",
        lock = (statement / 3).max(50),
        idle = query_timeout.as_millis() + 5_000,
    )
}

#[derive(Clone)]
struct Setup {
    limit: Duration,
    session: String,
    last_connect_error: LastConnectError,
}

impl Setup {
    async fn establish(self, url: String) -> ConnectionResult<AsyncPgConnection> {
        let connect = async {
            let mut connection = AsyncPgConnection::establish(&url).await?;
            connection.batch_execute(&self.session).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(connection)
        };
        let result = timeout(self.limit, connect)
            .await
            .unwrap_or_else(|_elapsed| Err(ConnectionError::BadConnection("the server did not answer".to_owned())));
        if let Err(error) = &result {
            tracing::debug!(%error, "no connection to the database");
            self.last_connect_error.set(error.to_string());
        }
        result
    }
}

impl LastConnectError {
    fn set(&self, reason: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn clear(&self) {
        self.take();
    }
}
