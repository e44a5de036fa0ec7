//! Starting and stopping a simulator.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::SimConfig;
use crate::journal::JournalError;
use crate::{restore, server, webhooks};

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the address {address} cannot be listened on")]
    Listen {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("the HTTP client for webhooks cannot be made")]
    Client(#[source] reqwest::Error),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("the journal was not replayed to its end")]
    Replay(#[source] tokio::task::JoinError),
}

pub struct GraphSim;

/// A simulator that answers until it is stopped or dropped.
#[derive(Debug)]
pub struct RunningSim {
    address: SocketAddr,
    base_url: String,
    app_id: String,
    app_secret: String,
    server: ServerHandle,
    tasks: Vec<JoinHandle<()>>,
    stop: CancellationToken,
}

impl GraphSim {
    pub async fn start(config: SimConfig) -> Result<RunningSim, StartError> {
        // Whoever started first in this process has chosen; any provider will do.
        let _chosen = rustls::crypto::ring::default_provider().install_default();
        let http = webhooks::delivery::client().map_err(StartError::Client)?;
        let listen = |source| StartError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let base_url = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        let (app_id, app_secret) = (config.app.id.clone(), config.app.secret.clone());
        let replay = tokio::task::spawn_blocking(move || restore::restore(config, http));
        let sim = Arc::new(replay.await.map_err(StartError::Replay)??);
        let server = server::serve(&sim, listener).map_err(|source| StartError::Listen { address, source })?;
        let handle = server.handle();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(area = "server", error = %error, "the simulator's server ended");
            }
        });
        let delivering = tokio::spawn(webhooks::delivery::run(sim, stop.clone()));
        let tasks = vec![serving, delivering];
        Ok(RunningSim { address, base_url, app_id, app_secret, server: handle, tasks, stop })
    }
}

impl RunningSim {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Without a slash at its end.
    pub fn base_url(&self) -> &str {
        self.base_url.trim_end_matches('/')
    }

    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    pub fn app_secret(&self) -> &str {
        &self.app_secret
    }

    pub async fn stop(mut self) {
        self.stop.cancel();
        self.server.stop(false).await;
        for task in self.tasks.drain(..) {
            // A task that panicked has ended too.
            let _ended = task.await;
        }
    }
}

impl Drop for RunningSim {
    fn drop(&mut self) {
        self.stop.cancel();
        // The message is sent when the future is made; nobody need wait for its answer.
        drop(self.server.stop(false));
    }
}

/// Runs a simulator for as long as `stop` is not cancelled; `started` learns its address.
pub async fn run_until_stopped(
    config: SimConfig,
    started: impl FnOnce(&RunningSim),
    stop: CancellationToken,
) -> Result<(), StartError> {
    let running = GraphSim::start(config).await?;
    started(&running);
    stop.cancelled().await;
    running.stop().await;
    Ok(())
}
