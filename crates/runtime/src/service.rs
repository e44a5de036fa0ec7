//! A service as a process: from its configuration to its exit code.

use std::collections::BTreeMap;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::chain::Chain;
use crate::config::{self, ConfigError};
use crate::metrics::Metrics;
use crate::operations::{OperationsConfig, serve_operations};
use crate::running::{Chassis, Running, ServiceError};
use crate::shutdown::{Shutdown, ShutdownConfig};
use crate::telemetry::{self, TelemetryConfig};

/// The exit code of a wrong configuration (`EX_USAGE` of sysexits.h): a restart does not help.
const EXIT_USAGE: u8 = 64;

/// With this variable at `1`, a process prints its addresses as one line of JSON on stdout once it is up.
const ANNOUNCE: &str = "PAGEKEEPER_ANNOUNCE";

/// A long-running part of the system.
pub trait Service: Sized {
    /// As in the package and the folder: `sync-worker`.
    const NAME: &'static str;
    /// The embedded `defaults.toml`.
    const DEFAULTS: &'static str;
    /// Keys whose values are lists, split at commas.
    const LISTS: &'static [&'static str] = &[];
    /// Environment names of older systems and the keys they mean, as `("FACEBOOK_APP_ID", "graph.app_id")`.
    const LEGACY: &'static [(&'static str, &'static str)] = &[];

    type Config: ServiceConfig;

    /// Connects and binds what it needs, and starts its tasks.
    fn build(config: Self::Config, chassis: Chassis) -> impl Future<Output = Result<Running, StartError>>;
}

/// The sections a service reads. Those of the chassis (`telemetry`, `operations`, `shutdown`) are read beside it.
pub trait ServiceConfig: DeserializeOwned {
    /// Refuses values that fit their types and still cannot work: a missing secret, a time limit of zero.
    fn validate(&self) -> Result<(), ConfigError>;
}

/// The sections that every process has.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ChassisConfig {
    pub telemetry: TelemetryConfig,
    pub operations: OperationsConfig,
    pub shutdown: ShutdownConfig,
}

/// Why a service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("wrong configuration")]
    Configuration(#[from] ConfigError),
    #[error("failed while {step}")]
    Step {
        step: &'static str,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// Asked to stop before it was up.
    #[error("stopped while starting")]
    Stopped,
    #[error("failed at work")]
    AtWork(#[from] ServiceError),
}

/// Names the step of a start that failed, as in `pool.connect().await.during("connecting to PostgreSQL")?`.
pub trait During<T> {
    fn during(self, step: &'static str) -> Result<T, StartError>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> During<T> for Result<T, E> {
    fn during(self, step: &'static str) -> Result<T, StartError> {
        self.map_err(|source| StartError::Step { step, source: source.into() })
    }
}

/// Reads a service's configuration: its own sections from `env` over its defaults, checked.
pub fn configuration<S: Service>(env: impl IntoIterator<Item = (String, String)>) -> Result<S::Config, ConfigError> {
    let config: S::Config = config::load(S::DEFAULTS, env, S::LISTS, S::LEGACY)?;
    config.validate()?;
    Ok(config)
}

/// Runs a service until it is asked to stop: the whole `main` of its program.
pub fn main<S: Service>() -> ExitCode {
    command::<S, _>(async |config, chassis| {
        let metrics = Metrics::install().during("installing the metrics recorder")?;
        let own: ChassisConfig = config::load(S::DEFAULTS, config::environment(), S::LISTS, S::LEGACY)?;
        let stop = chassis.shutdown.hard().child_token();
        let _stop_at_the_end = stop.clone().drop_guard();
        let operations = serve_operations(&own.operations, chassis.health.clone(), metrics, stop)
            .during("opening the operations port")?;

        let soft = chassis.shutdown.soft().clone();
        let running = tokio::select! {
            running = S::build(config, chassis) => running?,
            () = soft.cancelled() => return Err(StartError::Stopped),
        };
        announce(S::NAME, running.addresses(), operations);
        running.until_stopped().await?;
        Ok(())
    })
}

/// Runs something else with a service's configuration, such as its migrations: telemetry, signals and exit code as for
/// the service, without listeners.
pub fn command<S, F>(work: F) -> ExitCode
where
    S: Service,
    F: AsyncFnOnce(S::Config, Chassis) -> Result<(), StartError>,
{
    // A second call in one process finds the provider installed: that is what was wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let tokio = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(tokio) => tokio,
        Err(error) => return fail(S::NAME, &StartError::Step { step: "starting the threads", source: error.into() }),
    };
    match tokio.block_on(configured::<S, F>(work)) {
        Ok(()) | Err(StartError::Stopped) => ExitCode::SUCCESS,
        Err(error) => fail(S::NAME, &error),
    }
}

async fn configured<S, F>(work: F) -> Result<(), StartError>
where
    S: Service,
    F: AsyncFnOnce(S::Config, Chassis) -> Result<(), StartError>,
{
    let own: ChassisConfig = config::load(S::DEFAULTS, config::environment(), S::LISTS, S::LEGACY)?;
    let config = configuration::<S>(config::environment())?;
    let telemetry = telemetry::init(S::NAME, &own.telemetry).during("starting telemetry")?;
    let shutdown = Shutdown::new(own.shutdown);
    shutdown.listen_to_signals().during("listening to signals")?;
    let outcome = Box::pin(work(config, Chassis::new(shutdown))).await;
    telemetry.flush().await;
    outcome
}

#[expect(clippy::print_stdout, reason = "the one line that devstack reads")]
fn announce(service: &str, addresses: &BTreeMap<&'static str, SocketAddr>, operations: SocketAddr) {
    tracing::info!(area = "start", addresses = ?addresses, %operations, "up");
    if std::env::var(ANNOUNCE).is_ok_and(|value| value == "1") {
        let mut all = addresses.clone();
        all.insert("operations", operations);
        println!("{}", serde_json::json!({ "service": service, "addresses": all }));
    }
}

/// One line for the person who started it.
#[expect(clippy::print_stderr, reason = "where telemetry failed to start there is no log to write to")]
fn fail(service: &str, error: &StartError) -> ExitCode {
    eprintln!("{service}: {}", Chain(error));
    match error {
        StartError::Configuration(_) => ExitCode::from(EXIT_USAGE),
        _ => ExitCode::FAILURE,
    }
}
