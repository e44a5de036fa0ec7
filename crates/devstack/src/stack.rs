//! The services with everything they need, as child processes. `cargo dev` and the end-to-end tests start the same.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::child::{Child, ChildCommand};
use crate::command_line::ServiceName;
use crate::demo::Simulator;
use crate::environment;
use crate::folder::DevFolder;
use crate::ports::Ports;
use crate::report::StackFile;
use crate::secrets::Secrets;
use crate::simulator_child::WorldSize;
use crate::terminal::Terminal;
use crate::{database, demo};

/// How often the stack looks whether one of its services has ended.
const WATCH_INTERVAL: Duration = Duration::from_millis(500);

/// Where PostgreSQL and RabbitMQ are.
#[derive(Debug, Clone)]
pub struct ServerAddresses {
    /// An administrator's.
    pub database: String,
    pub amqp: String,
    /// RabbitMQ's management API, without a slash at the end.
    pub management: String,
}

/// Ports to listen on, by listener (`gateway`, `gateway.operations`); one that is not named is any free one.
#[derive(Debug, Clone, Default)]
pub struct Listen(BTreeMap<String, u16>);

/// What to start.
pub struct StackOptions {
    /// The devstack binary, which the children are made of.
    pub binary: PathBuf,
    /// For logs and the simulator's journal.
    pub folder: DevFolder,
    pub services: Vec<ServiceName>,
    pub servers: ServerAddresses,
    pub secrets: Secrets,
    pub world: WorldSize,
    /// Milliseconds that each simulated Graph call takes.
    pub graph_latency_ms: u64,
    /// Whether the simulator refuses calls over Meta's documented limits.
    pub graph_limits: bool,
    pub listen: Listen,
    /// Whether the services fire their schedules.
    pub schedules: bool,
    /// Changes to the services' configuration: environment variables by service.
    pub overrides: BTreeMap<ServiceName, BTreeMap<String, String>>,
    /// Where to say what is being started.
    pub(crate) progress: Option<Terminal>,
}

impl StackOptions {
    /// All services on free ports, without schedules, saying nothing.
    pub fn quiet(binary: PathBuf, folder: DevFolder, servers: ServerAddresses, secrets: Secrets) -> Self {
        Self {
            binary,
            folder,
            services: ServiceName::ALL.to_vec(),
            servers,
            secrets,
            world: WorldSize::default(),
            graph_latency_ms: 0,
            graph_limits: true,
            listen: Listen::default(),
            schedules: false,
            overrides: BTreeMap::new(),
            progress: None,
        }
    }
}

impl StackOptions {
    /// Free ports that stay the same when a service is started again.
    pub fn with_fixed_ports(mut self) -> Result<Self> {
        self.listen = Listen::keeping(&mut Ports::load(&self.folder)?)?;
        Ok(self)
    }
}

/// The running services.
pub struct Stack {
    options: StackOptions,
    children: BTreeMap<ServiceName, Child>,
}

impl Listen {
    /// The same ports at each start.
    pub(crate) fn keeping(ports: &mut Ports) -> Result<Self> {
        let preferred = [
            ("gateway", 8080),
            ("webhook-ingest", 8081),
            ("graph-sim", 8082),
            ("gateway.operations", 8090),
            ("webhook-ingest.operations", 8091),
            ("sync-worker.operations", 8092),
        ];
        let mut chosen = BTreeMap::new();
        for (listener, preferred) in preferred {
            chosen.insert(listener.to_owned(), ports.port(listener, preferred)?);
        }
        Ok(Self(chosen))
    }

    pub(crate) fn address(&self, listener: &str) -> String {
        format!("127.0.0.1:{}", self.0.get(listener).copied().unwrap_or_default())
    }
}

impl Stack {
    /// Migrates the database, then starts the services in their order, each listening before the next starts.
    pub async fn start(options: StackOptions) -> Result<Self> {
        database::migrate(&options.servers).await?;
        let mut stack = Self { children: BTreeMap::new(), options };
        for name in ServiceName::ALL {
            if stack.options.services.contains(&name) {
                let step = stack.options.progress.map(|terminal| terminal.step(format!("Starting {}", name.as_str())));
                stack.start_service(name).await?;
                if let Some(step) = step {
                    step.done();
                }
            }
        }
        stack.register_callback().await?;
        Ok(stack)
    }

    /// Starts one service; one that was stopped or killed starts again with the same command.
    pub async fn start_service(&mut self, name: ServiceName) -> Result<()> {
        let command = ChildCommand {
            name: name.as_str(),
            binary: self.options.binary.clone(),
            environment: self.environment(name)?,
            log: self.log(name)?,
        };
        let child = Child::start(command).await?;
        self.children.insert(name, child);
        Ok(())
    }

    pub async fn stop_service(&mut self, name: ServiceName) -> Result<()> {
        match self.children.remove(&name) {
            Some(child) => child.stop().await,
            None => Ok(()),
        }
    }

    /// `kill -9`. [`Stack::start_service`] starts it again.
    pub async fn kill_service(&mut self, name: ServiceName) -> Result<()> {
        match self.children.remove(&name) {
            Some(child) => child.kill().await,
            None => Ok(()),
        }
    }

    pub fn service(&self, name: ServiceName) -> Result<&Child> {
        self.children.get(&name).with_context(|| format!("{} does not run", name.as_str()))
    }

    /// The file that the service writes its log to.
    pub fn log(&self, name: ServiceName) -> Result<PathBuf> {
        Ok(self.options.folder.logs()?.join(format!("{}.log", name.as_str())))
    }

    pub fn secrets(&self) -> &Secrets {
        &self.options.secrets
    }

    pub fn servers(&self) -> &ServerAddresses {
        &self.options.servers
    }

    /// `http://localhost:port`: browsers keep `__Host-` cookies for that name without TLS.
    pub fn gateway(&self) -> Option<String> {
        self.http_address(ServiceName::Gateway)
    }

    pub fn ingest(&self) -> Option<String> {
        self.http_address(ServiceName::WebhookIngest)
    }

    pub fn graph_sim(&self) -> Option<String> {
        self.http_address(ServiceName::GraphSim)
    }

    pub fn simulator(&self) -> Result<Simulator> {
        Simulator::new(self.graph_sim().context("the simulator does not run")?)
    }

    /// Makes the demo's account and tokens, and collects all that a program needs to know of this stack.
    pub async fn make_demo(&self) -> Result<StackFile> {
        let mut file = StackFile {
            gateway: self.gateway(),
            ingest: self.ingest(),
            graph_sim: self.graph_sim(),
            amqp: self.options.servers.amqp.clone(),
            management: self.options.servers.management.clone(),
            database: self.options.servers.database.clone(),
            mail: None,
            operations: self.operations(),
            app_id: self.options.secrets.app_id.clone(),
            app_secret: self.options.secrets.app_secret.clone(),
            verify_token: self.options.secrets.verify_token.clone(),
            cron_secret: self.options.secrets.cron_secret.clone(),
            api_token: None,
            graph_user_token: None,
        };
        if self.graph_sim().is_some() {
            let simulator = self.simulator()?;
            let person = simulator.person(demo::PERSON).await?;
            file.graph_user_token = Some(simulator.user_token(&person).await?);
            database::make_demo_account(&self.options.servers, &self.options.secrets, &person).await?;
            file.api_token = Some(self.options.secrets.api_token.clone());
        }
        Ok(file)
    }

    /// Waits until a service has ended by itself, and says which and why.
    pub async fn first_ended(&mut self) -> String {
        let mut watch = tokio::time::interval(WATCH_INTERVAL);
        loop {
            watch.tick().await;
            if let Some(reason) = self.children.values_mut().find_map(Child::ended) {
                return reason;
            }
        }
    }

    /// Stops all, those that bring work in first; the simulator last, since a draining worker still asks it.
    pub async fn stop(mut self) -> Result<()> {
        for name in [ServiceName::WebhookIngest, ServiceName::Gateway, ServiceName::SyncWorker, ServiceName::GraphSim] {
            self.stop_service(name).await?;
        }
        Ok(())
    }

    pub(crate) fn processes(&self) -> Vec<(&'static str, u32)> {
        self.children.values().filter_map(|child| Some((child.name(), child.id()?))).collect()
    }

    fn environment(&self, name: ServiceName) -> Result<BTreeMap<String, String>> {
        let mut environment = environment::of(name, &self.options, self.graph_sim().as_deref())?;
        environment.extend(self.options.overrides.get(&name).cloned().unwrap_or_default());
        Ok(environment)
    }

    fn http_address(&self, name: ServiceName) -> Option<String> {
        let address = self.children.get(&name)?.address("http").ok()?;
        let (_, port) = address.rsplit_once(':')?;
        Some(format!("http://localhost:{port}"))
    }

    fn operations(&self) -> BTreeMap<String, String> {
        self.children
            .values()
            .filter_map(|child| {
                Some((child.name().to_owned(), format!("http://{}", child.address("operations").ok()?)))
            })
            .collect()
    }

    /// Facebook asks our address for the challenge before it sends anything there.
    async fn register_callback(&self) -> Result<()> {
        let (Some(ingest), Some(_)) = (self.ingest(), self.graph_sim()) else { return Ok(()) };
        let secrets = &self.options.secrets;
        self.simulator()?
            .register_callback(&secrets.app_id, &secrets.app_secret, &ingest, &secrets.verify_token)
            .await
            .context("the simulated Facebook refused the app's webhook address")
    }
}
