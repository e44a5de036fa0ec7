//! Listening: bound first, so that port 0 and a port in use are known before anything else starts.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::{App, Error, HttpServer};
use tokio_util::sync::CancellationToken;

use super::chassis::HttpConfig;
use crate::shutdown::Shutdown;

/// A request's head must have arrived within this time, else 408.
const HEAD_LIMIT: Duration = Duration::from_secs(5);

/// An idle connection is kept this long; longer than the usual 60 s of a load balancer, which then closes first.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {listen}")]
pub struct BindError {
    listen: SocketAddr,
    #[source]
    source: io::Error,
}

/// A server that listens but does not answer yet.
#[must_use = "it answers only while `run` is awaited"]
pub struct BoundServer {
    server: Server,
    address: SocketAddr,
}

/// Binds `config.listen`. The factory is called once per worker: make shared state outside of it.
pub fn bind<F, T, B>(config: &HttpConfig, factory: F) -> Result<BoundServer, BindError>
where
    F: Fn() -> App<T> + Send + Clone + 'static,
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()>
        + 'static,
    T::Future: 'static,
    B: MessageBody + 'static,
{
    let listen = config.listen;
    let failed = |source| BindError { listen, source };
    let mut server = HttpServer::new(factory)
        .disable_signals()
        .client_request_timeout(HEAD_LIMIT)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(config.shutdown_timeout_ms.div_ceil(1000));
    if config.workers > 0 {
        server = server.workers(config.workers);
    }
    let server = server.bind(listen).map_err(failed)?;
    let address = server.addrs().first().copied().unwrap_or(listen);
    Ok(BoundServer { server: server.run(), address })
}

impl BoundServer {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until asked to stop; then lets open requests finish for the configured time, or until `hard`.
    /// An open event stream counts as an open request: end it on `soft` in the stream itself.
    pub async fn run(self, shutdown: Shutdown) -> io::Result<()> {
        self.run_until(shutdown.soft().clone(), shutdown.hard().clone()).await
    }

    pub(crate) async fn run_until(self, soft: CancellationToken, hard: CancellationToken) -> io::Result<()> {
        let handle = self.server.handle();
        let stopping = async move {
            soft.cancelled().await;
            tokio::select! {
                () = handle.stop(true) => {}
                () = hard.cancelled() => handle.stop(false).await,
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            ended = self.server => ended,
            () = stopping => Ok(()),
        }
    }
}
