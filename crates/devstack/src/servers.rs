//! PostgreSQL and RabbitMQ: private ones of the stack, or the ones that the environment names.

use anyhow::{Context as _, Result};
use pagekeeper_testkit::servers::{PostgresOptions, PrivatePostgres, PrivateRabbitMq, RabbitMqOptions};
use url::Url;

use crate::folder::DevFolder;
use crate::install::Need;
use crate::ports::Ports;
use crate::processes::ProcessList;
use crate::stack::ServerAddresses;
use crate::terminal::Terminal;

/// The database of the stack on a private server.
const DATABASE: &str = "pagekeeper";

/// What the person who starts the stack gave by environment variables.
#[derive(Debug, Clone, Default)]
pub(crate) struct GivenServers {
    database: Option<String>,
    amqp: Option<String>,
    management: Option<String>,
}

/// The servers of a running stack. The private ones stop when this is stopped or dropped.
pub(crate) struct Servers {
    pub(crate) addresses: ServerAddresses,
    postgres: Option<PrivatePostgres>,
    rabbitmq: Option<PrivateRabbitMq>,
}

impl GivenServers {
    pub(crate) fn from_environment() -> Self {
        let given = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self { database: given("DATABASE_URL"), amqp: given("AMQP_URL"), management: given("RABBITMQ_MANAGEMENT_URL") }
    }

    /// What a private server must be installed for.
    pub(crate) fn needs(&self) -> Vec<Need> {
        let postgres = self.database.is_none().then_some(Need::PostgreSql);
        let rabbitmq = self.amqp.is_none().then_some(Need::RabbitMq);
        postgres.into_iter().chain(rabbitmq).collect()
    }

    /// Where the management plugin of a given broker answers: port 15672 of its host, unless something else was said.
    fn management_of(&self, amqp_url: &str) -> Result<String> {
        if let Some(url) = &self.management {
            return Ok(url.trim_end_matches('/').to_owned());
        }
        let amqp =
            Url::parse(amqp_url).context("AMQP_URL is not an address such as amqp://user:password@host:5672/%2f")?;
        let host = amqp.host_str().context("AMQP_URL names no host")?;
        Ok(format!("http://{host}:15672"))
    }
}

impl Servers {
    /// Starts what is not given, both at once: RabbitMQ takes some seconds.
    pub(crate) async fn start(
        given: &GivenServers,
        folder: &DevFolder,
        ports: &mut Ports,
        durable: bool,
        processes: &mut ProcessList,
        terminal: Terminal,
    ) -> Result<Self> {
        let postgres_options =
            PostgresOptions { folder: folder.postgres()?, port: ports.port("postgres", 5433)?, durable };
        let rabbitmq_options = RabbitMqOptions {
            folder: folder.join("rabbitmq"),
            port: ports.port("rabbitmq", 5673)?,
            distribution_port: ports.port("rabbitmq.distribution", 25673)?,
            epmd_port: ports.port("rabbitmq.epmd", 4370)?,
            management_port: ports.port("rabbitmq.management", 15673)?,
            prometheus_port: ports.port("rabbitmq.prometheus", 15693)?,
        };
        let postgres = async {
            if given.database.is_some() {
                return anyhow::Ok(None);
            }
            let step = terminal.step("Starting PostgreSQL");
            let postgres = PrivatePostgres::start(postgres_options).await?;
            postgres.create_database(DATABASE).await?;
            step.done();
            Ok(Some(postgres))
        };
        let rabbitmq = async {
            if given.amqp.is_some() {
                return anyhow::Ok(None);
            }
            let step = terminal.step("Starting RabbitMQ");
            let rabbitmq = PrivateRabbitMq::start(rabbitmq_options).await?;
            step.done();
            Ok(Some(rabbitmq))
        };
        let (postgres, rabbitmq) = futures_util::try_join!(postgres, rabbitmq)?;
        for (name, id) in postgres.iter().map(|server| ("PostgreSQL", server.id())) {
            processes.add(name, id)?;
        }
        for id in rabbitmq.iter().flat_map(PrivateRabbitMq::ids) {
            processes.add("RabbitMQ", id)?;
        }
        let amqp = given.amqp.clone().or_else(|| rabbitmq.as_ref().map(PrivateRabbitMq::url)).unwrap_or_default();
        let management = match &rabbitmq {
            Some(rabbitmq) => rabbitmq.management_url(),
            None => given.management_of(&amqp)?,
        };
        let database =
            given.database.clone().or_else(|| postgres.as_ref().map(|server| server.url(DATABASE))).unwrap_or_default();
        Ok(Self { addresses: ServerAddresses { database, amqp, management }, postgres, rabbitmq })
    }

    pub(crate) async fn stop(self) -> Result<()> {
        let postgres = async {
            match self.postgres {
                Some(postgres) => postgres.stop().await,
                None => Ok(()),
            }
        };
        let rabbitmq = async {
            match self.rabbitmq {
                Some(rabbitmq) => rabbitmq.stop().await,
                None => Ok(()),
            }
        };
        futures_util::try_join!(postgres, rabbitmq)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_brokers_management_is_at_its_host_unless_something_else_is_said() {
        let mut given = GivenServers { amqp: Some("amqp://u:p@broker:5672/%2f".to_owned()), ..GivenServers::default() };
        assert_eq!(given.management_of("amqp://u:p@broker:5672/%2f").unwrap(), "http://broker:15672");
        given.management = Some("https://ops.example/".to_owned());
        assert_eq!(given.management_of("amqp://u:p@broker:5672/%2f").unwrap(), "https://ops.example");
        assert_eq!(given.needs(), [Need::PostgreSql]);
    }
}
