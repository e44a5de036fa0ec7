//! A private RabbitMQ, with its management and Prometheus plugins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use super::free_port;
use super::process::{ServerProcess, end_of_log, ended_with_parent, find_program};

const START_LIMIT: Duration = Duration::from_mins(2);
const EPMD_START_LIMIT: Duration = Duration::from_secs(10);
const STOP_LIMIT: Duration = Duration::from_secs(30);
const DISK_FREE_LIMIT: &str = "200MB";
/// Tries to start one for a test.
const STARTS: u32 = 3;

#[derive(Debug)]
pub struct RabbitMqOptions {
    /// Made if it is missing; data of an earlier start are used again.
    pub folder: PathBuf,
    pub port: u16,
    /// Between Erlang nodes; only this one uses it.
    pub distribution_port: u16,
    pub epmd_port: u16,
    pub management_port: u16,
    pub prometheus_port: u16,
}

/// A running broker. It ends when this is dropped, or with this process.
#[derive(Debug)]
pub struct PrivateRabbitMq {
    options: RabbitMqOptions,
    process: ServerProcess,
    /// Started here, since one that a broker starts outlives it.
    epmd: ServerProcess,
    _temporary: Option<TempDir>,
}

/// Whether this machine has RabbitMQ.
pub fn rabbitmq_is_installed() -> bool {
    server_script().is_some()
}

/// Debian's wrapper in /usr/sbin insists on the user `rabbitmq`; the script behind it does not.
fn server_script() -> Option<PathBuf> {
    find_program("rabbitmq-server", [PathBuf::from("/usr/lib/rabbitmq/bin/rabbitmq-server")])
}

impl PrivateRabbitMq {
    pub async fn start(options: RabbitMqOptions) -> Result<Self> {
        Self::start_in(options, None).await
    }

    /// One for a test: on free ports, in a temporary folder.
    pub async fn temporary() -> Result<Self> {
        // Between the look for a free port and the start another process may take it.
        let mut started = Self::try_temporary().await;
        for _ in 1..STARTS {
            if started.is_ok() {
                break;
            }
            started = Self::try_temporary().await;
        }
        started
    }

    async fn try_temporary() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("pagekeeper-rabbitmq-").tempdir()?;
        let options = RabbitMqOptions {
            folder: folder.path().join("rabbitmq"),
            port: free_port()?,
            distribution_port: free_port()?,
            epmd_port: free_port()?,
            management_port: free_port()?,
            prometheus_port: free_port()?,
        };
        Self::start_in(options, Some(folder)).await
    }

    async fn start_in(options: RabbitMqOptions, temporary: Option<TempDir>) -> Result<Self> {
        crate::init();
        write_configuration(&options)?;
        let epmd = launch_epmd(&options)?;
        until_listening(options.epmd_port).await?;
        let process = launch(&options)?;
        let server = Self { options, process, epmd, _temporary: temporary };
        server.until_ready().await?;
        Ok(server)
    }

    /// Of its default vhost.
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.options.port)
    }

    /// Without a slash at the end.
    pub fn management_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.options.management_port)
    }

    pub fn prometheus_url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.options.prometheus_port)
    }

    pub fn port(&self) -> u16 {
        self.options.port
    }

    /// The processes of the broker and of its epmd.
    pub fn ids(&self) -> Vec<u32> {
        vec![self.process.id(), self.epmd.id()]
    }

    /// `kill -9` of the broker. A quorum queue that was declared within the last second may have no leader afterwards:
    /// RabbitMQ saves a little later that it exists.
    pub fn kill(&self) -> Result<()> {
        self.process.kill()
    }

    /// Starts again after [`Self::kill`], on the same ports with the same data.
    pub async fn restart(&mut self) -> Result<()> {
        self.process = launch(&self.options)?;
        self.until_ready().await
    }

    /// SIGSTOP: connections stay open and answer nothing.
    pub fn freeze(&self) -> Result<()> {
        self.process.signal_group(Signal::SIGSTOP)
    }

    pub fn thaw(&self) -> Result<()> {
        self.process.signal_group(Signal::SIGCONT)
    }

    /// The disk alarm: until [`Self::clear_alarm`], the broker takes no messages.
    pub async fn raise_alarm(&self) -> Result<()> {
        self.control(&["set_disk_free_limit", "100000GB"]).await
    }

    pub async fn clear_alarm(&self) -> Result<()> {
        self.control(&["set_disk_free_limit", DISK_FREE_LIMIT]).await
    }

    /// Runs `rabbitmqctl`.
    async fn control(&self, arguments: &[&str]) -> Result<()> {
        let program = find_program("rabbitmqctl", [PathBuf::from("/usr/lib/rabbitmq/bin/rabbitmqctl")]);
        let output = tokio::process::Command::new(program.context("rabbitmqctl is missing")?)
            .args(["--quiet", "--node", &node_name(&self.options)])
            .args(arguments)
            .env("HOME", self.options.folder.join("home"))
            .env("ERL_EPMD_PORT", self.options.epmd_port.to_string())
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
            .output()
            .await?;
        ensure!(output.status.success(), "rabbitmqctl failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(())
    }

    pub async fn stop(self) -> Result<()> {
        self.thaw()?;
        self.process.signal(Signal::SIGTERM)?;
        self.process.wait(STOP_LIMIT).await.context("RabbitMQ")
    }

    /// Both doors must be open: AMQP, and management, which comes last.
    async fn until_ready(&self) -> Result<()> {
        let start = Instant::now();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?;
        let overview = format!("{}/api/overview", self.management_url());
        loop {
            let answer = http.get(&overview).basic_auth("guest", Some("guest")).send().await;
            let listens = tokio::net::TcpStream::connect(("127.0.0.1", self.options.port)).await.is_ok();
            if listens && answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if self.process.has_ended() || start.elapsed() > START_LIMIT {
                bail!("RabbitMQ did not start: {}", end_of_log(&self.options.folder.join("rabbitmq.log")));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn write_configuration(options: &RabbitMqOptions) -> Result<()> {
    let folder = &options.folder;
    for below in ["home", "mnesia", "log"] {
        fs::create_dir_all(folder.join(below)).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(folder.join("plugins"), "[rabbitmq_management,rabbitmq_prometheus].\n")?;
    let configuration = format!(
        "listeners.tcp.1 = 127.0.0.1:{}\n\
         management.tcp.ip = 127.0.0.1\n\
         management.tcp.port = {}\n\
         prometheus.tcp.ip = 127.0.0.1\n\
         prometheus.tcp.port = {}\n\
         vm_memory_high_watermark.absolute = 1GB\n\
         disk_free_limit.absolute = {DISK_FREE_LIMIT}\n\
         log.console = false\n",
        options.port, options.management_port, options.prometheus_port
    );
    fs::write(folder.join("rabbitmq.conf"), configuration)?;
    Ok(())
}

/// Erlang's table of nodes and their ports. A broker that finds one starts none.
fn launch_epmd(options: &RabbitMqOptions) -> Result<ServerProcess> {
    let program = find_program("epmd", [PathBuf::from("/usr/bin/epmd")]).context("Erlang's epmd is missing")?;
    let mut command = ended_with_parent(&program, None);
    command.args(["-address", "127.0.0.1", "-port", &options.epmd_port.to_string()]).current_dir(&options.folder);
    ServerProcess::spawn(command, &log_of(&options.folder))
}

async fn until_listening(port: u16) -> Result<()> {
    let start = Instant::now();
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        ensure!(start.elapsed() < EPMD_START_LIMIT, "epmd did not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn launch(options: &RabbitMqOptions) -> Result<ServerProcess> {
    let script = server_script().context("RabbitMQ is missing: apt-get install rabbitmq-server")?;
    let folder = &options.folder;
    let mut command: Command = ended_with_parent(&script, None);
    command
        .env("HOME", folder.join("home"))
        .env("RABBITMQ_NODENAME", node_name(options))
        .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODE_PORT", options.port.to_string())
        .env("RABBITMQ_DIST_PORT", options.distribution_port.to_string())
        .env("ERL_EPMD_PORT", options.epmd_port.to_string())
        .env("ERL_EPMD_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_MNESIA_BASE", folder.join("mnesia"))
        .env("RABBITMQ_LOG_BASE", folder.join("log"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.join("plugins"))
        .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
        .env("RABBITMQ_CONFIG_FILE", folder.join("rabbitmq"))
        .env("RABBITMQ_PID_FILE", folder.join("pid"))
        .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+S 2:2")
        // The script then becomes the broker instead of waiting for it: signals reach the right process.
        .env("RUNNING_UNDER_SYSTEMD", "true")
        .current_dir(folder);
    ServerProcess::spawn(command, &log_of(folder))
}

fn node_name(options: &RabbitMqOptions) -> String {
    format!("pagekeeper-{}@localhost", options.port)
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join("rabbitmq.log")
}
