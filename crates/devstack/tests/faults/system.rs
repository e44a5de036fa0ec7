//! A system on servers of its own.

use std::time::Duration;

use diesel::pg::Pg;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _};
use pagekeeper_devstack::api::Api;
use pagekeeper_devstack::demo::Simulator;
use pagekeeper_devstack::folder::DevFolder;
use pagekeeper_devstack::secrets::Secrets;
use pagekeeper_devstack::stack::{ServerAddresses, Stack, StackOptions};
use pagekeeper_testkit::servers::{PrivatePostgres, PrivateRabbitMq};
use pagekeeper_testkit::{Poll, wait_for};
use tempfile::TempDir;

pub(crate) const LIMIT: Duration = Duration::from_mins(5);
const DATABASE: &str = "pagekeeper";

pub(crate) struct FaultySystem {
    pub(crate) stack: Stack,
    pub(crate) simulator: Simulator,
    pub(crate) postgres: PrivatePostgres,
    pub(crate) rabbitmq: PrivateRabbitMq,
    _folder: TempDir,
}

impl FaultySystem {
    /// Without any account.
    pub(crate) async fn start_with(change: impl FnOnce(&mut StackOptions)) -> Self {
        pagekeeper_testkit::init();
        let (postgres, rabbitmq) = tokio::join!(PrivatePostgres::temporary_and_durable(), PrivateRabbitMq::temporary());
        let (postgres, rabbitmq) = (postgres.unwrap(), rabbitmq.unwrap());
        postgres.create_database(DATABASE).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let servers = ServerAddresses {
            database: postgres.url(DATABASE),
            amqp: rabbitmq.url(),
            management: rabbitmq.management_url(),
        };
        let dev_folder = DevFolder::at(folder.path().to_path_buf()).unwrap();
        let binary = env!("CARGO_BIN_EXE_pagekeeper-devstack").into();
        let mut options =
            StackOptions::quiet(binary, dev_folder, servers, Secrets::make().unwrap()).with_fixed_ports().unwrap();
        change(&mut options);
        let stack = Stack::start(options).await.unwrap();
        let simulator = stack.simulator().unwrap();
        Self { stack, simulator, postgres, rabbitmq, _folder: folder }
    }

    /// A browser in which `person` has logged in, once the Pages are connected and synced.
    pub(crate) async fn logged_in(&self, person: &str) -> Api {
        let mut browser = Api::browser(&self.stack.gateway().unwrap()).unwrap();
        let next = browser.log_in(&self.simulator, person).await.unwrap();
        let run = next.rsplit('/').next().unwrap().to_owned();
        wait_for("the Pages to be connected", LIMIT, async || {
            let run = browser.get_ok(&format!("/api/sync-runs/{run}")).await.unwrap();
            Poll::when((!run["ended_at"].is_null()).then_some(()), run.to_string())
        })
        .await;
        browser
    }

    /// An administrator's address of its database.
    pub(crate) fn database_url(&self) -> String {
        self.postgres.url(DATABASE)
    }

    /// One number of the database, read as the administrator.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Number {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        self.row::<Number>(format!("select ({sql})::bigint as number")).await.number
    }

    /// One text of the database.
    pub(crate) async fn text(&self, sql: &str) -> String {
        #[derive(diesel::QueryableByName)]
        struct Text {
            #[diesel(sql_type = diesel::sql_types::Text)]
            text: String,
        }
        self.row::<Text>(format!("select coalesce(({sql})::text, '') as text")).await.text
    }

    async fn row<R: diesel::QueryableByName<Pg> + Send + 'static>(&self, query: String) -> R {
        let mut connection = AsyncPgConnection::establish(&self.database_url()).await.unwrap();
        diesel::sql_query(query).get_result(&mut connection).await.unwrap()
    }
}
