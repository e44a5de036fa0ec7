//! What each service is told by environment variables, as an operator would tell it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use crate::command_line::ServiceName;
use crate::database::{Role, role_url};
use crate::demo;
use crate::simulator_child::{self, SimulatorSettings};
use crate::stack::StackOptions;

/// The environment of one child.
pub(crate) fn of(
    name: ServiceName,
    options: &StackOptions,
    graph_sim: Option<&str>,
) -> Result<BTreeMap<String, String>> {
    match name {
        ServiceName::GraphSim => simulator(options),
        ServiceName::Gateway => gateway(options, graph_sim),
        ServiceName::WebhookIngest => webhook_ingest(options),
        ServiceName::SyncWorker => sync_worker(options, graph_sim),
    }
}

fn simulator(options: &StackOptions) -> Result<BTreeMap<String, String>> {
    let settings = SimulatorSettings {
        listen: options.listen.address("graph-sim").parse()?,
        app_id: options.secrets.app_id.clone(),
        app_secret: options.secrets.app_secret.clone(),
        journal: Some(options.folder.join("graph-sim.journal")),
        world: options.world,
        latency_ms: options.graph_latency_ms,
        enforce_limits: options.graph_limits,
    };
    Ok(BTreeMap::from([(simulator_child::SETTINGS.to_owned(), serde_json::to_string(&settings)?)]))
}

fn gateway(options: &StackOptions, graph_sim: Option<&str>) -> Result<BTreeMap<String, String>> {
    let secrets = &options.secrets;
    let mut environment = common(options, ServiceName::Gateway, Role::Gateway)?;
    environment.extend(graph(options, graph_sim)?);
    set(&mut environment, "HTTP__LISTEN", options.listen.address("gateway"));
    set(&mut environment, "SEALING__KEYS", &secrets.seal_key);
    set(&mut environment, "TOKENS__SIGNING_KEY", &secrets.signing_key);
    set(&mut environment, "CRON__SECRET", &secrets.cron_secret);
    set(&mut environment, "SCHEDULES__ENABLED", options.schedules);
    set(&mut environment, "CONSOLE__DEMO_PEOPLE", demo::SIGN_IN_HINT);
    Ok(environment)
}

fn webhook_ingest(options: &StackOptions) -> Result<BTreeMap<String, String>> {
    let secrets = &options.secrets;
    let mut environment = common(options, ServiceName::WebhookIngest, Role::WebhookIngest)?;
    set(&mut environment, "HTTP__LISTEN", options.listen.address("webhook-ingest"));
    set(&mut environment, "WEBHOOK__APP_SECRETS", &secrets.app_secret);
    set(&mut environment, "WEBHOOK__VERIFY_TOKEN", &secrets.verify_token);
    Ok(environment)
}

fn sync_worker(options: &StackOptions, graph_sim: Option<&str>) -> Result<BTreeMap<String, String>> {
    let mut environment = common(options, ServiceName::SyncWorker, Role::SyncWorker)?;
    environment.extend(graph(options, graph_sim)?);
    set(&mut environment, "SEALING__KEYS", &options.secrets.seal_key);
    Ok(environment)
}

/// What every service needs: its database role, the broker, its operations port.
fn common(options: &StackOptions, name: ServiceName, role: Role) -> Result<BTreeMap<String, String>> {
    let mut environment = BTreeMap::new();
    set(&mut environment, "DATABASE__URL", role_url(&options.servers, role)?);
    set(&mut environment, "BUS__URL", &options.servers.amqp);
    set(&mut environment, "OPERATIONS__LISTEN", options.listen.address(&format!("{}.operations", name.as_str())));
    Ok(environment)
}

fn graph(options: &StackOptions, graph_sim: Option<&str>) -> Result<BTreeMap<String, String>> {
    let address = graph_sim.context("gateway and sync-worker need the simulated Facebook: start graph-sim too")?;
    let mut environment = BTreeMap::new();
    set(&mut environment, "GRAPH__BASE_URL", address);
    set(&mut environment, "GRAPH__DIALOG_URL", address);
    set(&mut environment, "GRAPH__UPLOAD_URL", address);
    set(&mut environment, "GRAPH__APP_ID", &options.secrets.app_id);
    set(&mut environment, "GRAPH__APP_SECRET", &options.secrets.app_secret);
    // The simulator keeps its files itself. Copies are made only where they are wanted.
    set(&mut environment, "MEDIA__HOSTS", address.strip_prefix("http://").unwrap_or_default());
    set(&mut environment, "MEDIA__STORE", format!("file://{}", options.folder.join("media").display()));
    Ok(environment)
}

fn set(environment: &mut BTreeMap<String, String>, key: &str, value: impl std::fmt::Display) {
    environment.insert(format!("PAGEKEEPER__{key}"), format!("{value}"));
}
