//! The simulated Facebook as a child process: its settings travel in one environment variable.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use pagekeeper_graph_sim::{AppConfig, DemoSizes, Latency, RunningSim, SimConfig, WorldConfig, run_until_stopped};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::dev::StopSignals;

/// The variable that holds [`SimulatorSettings`] as JSON.
pub(crate) const SETTINGS: &str = "PAGEKEEPER_SIMULATOR";

/// What the stack chooses of the simulator; everything else is its default.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SimulatorSettings {
    pub(crate) listen: SocketAddr,
    pub(crate) app_id: String,
    pub(crate) app_secret: String,
    pub(crate) journal: Option<PathBuf>,
    pub(crate) world: WorldSize,
    pub(crate) latency_ms: u64,
    /// Whether calls over Meta's documented limits are refused.
    pub(crate) enforce_limits: bool,
}

/// Sizes of the person with many Pages; the other people's Pages are small and always the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldSize {
    pub pages: Option<u16>,
    pub conversations: Option<u32>,
    pub messages: Option<u32>,
}

pub(crate) fn main() -> ExitCode {
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(run()));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("graph-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let settings = std::env::var(SETTINGS).with_context(|| format!("{SETTINGS} is not set"))?;
    let settings: SimulatorSettings = serde_json::from_str(&settings).context("the simulator's settings")?;
    let stop = CancellationToken::new();
    tokio::spawn({
        let mut signals = StopSignals::listen()?;
        let stop = stop.clone();
        async move {
            signals.next().await;
            stop.cancel();
        }
    });
    Ok(run_until_stopped(settings.config(), announce, stop).await?)
}

/// The same line as the services'.
fn announce(running: &RunningSim) {
    let line = serde_json::json!({ "service": "graph-sim", "addresses": { "http": running.address().to_string() } });
    let _ = writeln!(std::io::stdout(), "{line}");
}

impl SimulatorSettings {
    fn config(self) -> SimConfig {
        let usual = DemoSizes::default();
        let sizes = DemoSizes {
            pages: self.world.pages.unwrap_or(usual.pages),
            conversations: self.world.conversations.unwrap_or(usual.conversations),
            messages: self.world.messages.unwrap_or(usual.messages),
        };
        SimConfig {
            listen: self.listen,
            app: AppConfig { id: self.app_id, secret: self.app_secret, ..AppConfig::default() },
            world: WorldConfig::demo(sizes),
            journal: self.journal,
            latency: Latency { ms: self.latency_ms, jitter_ms: 0 },
            enforce_limits: self.enforce_limits,
            ..SimConfig::default()
        }
    }
}
