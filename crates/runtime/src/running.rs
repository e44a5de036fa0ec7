//! A started service: its addresses, its tasks, and how they end together.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::task::{Id, JoinError, JoinSet};

use crate::chain::Chain;
use crate::health::Health;
use crate::http::BoundServer;
use crate::shutdown::Shutdown;

/// After the hard end, tasks that were aborted get this long to let go of what they hold.
const ABORT_LIMIT: Duration = Duration::from_secs(1);

/// What `build` gets from the process around it.
#[derive(Debug, Clone)]
pub struct Chassis {
    pub shutdown: Shutdown,
    pub health: Health,
}

impl Chassis {
    /// A process makes one for itself; a test makes one to start a service in process.
    pub fn new(shutdown: Shutdown) -> Self {
        let health = Health::new(shutdown.draining().clone());
        Self { shutdown, health }
    }
}

/// Why a service ended otherwise than asked to.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("the task {task} ended by itself")]
    TaskEnded { task: &'static str },
    #[error("the task {task} failed")]
    TaskFailed {
        task: &'static str,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    #[error("the task {task} panicked")]
    TaskPanicked { task: &'static str },
    #[error("not everything had ended when the time was up")]
    CutOff,
}

type TaskResult = Result<(), Box<dyn Error + Send + Sync>>;

/// A service at work.
pub struct Running {
    addresses: BTreeMap<&'static str, SocketAddr>,
    shutdown: Shutdown,
    tasks: JoinSet<TaskResult>,
    names: HashMap<Id, &'static str>,
    closing: Vec<(&'static str, BoxFuture<'static, ()>)>,
}

impl Running {
    pub fn new(chassis: &Chassis) -> Self {
        Self {
            addresses: BTreeMap::new(),
            shutdown: chassis.shutdown.clone(),
            tasks: JoinSet::new(),
            names: HashMap::new(),
            closing: Vec::new(),
        }
    }

    /// Starts a task that runs until [`Shutdown::soft`]. That it ends before is a failure of the service.
    #[must_use]
    pub fn task<E>(mut self, name: &'static str, task: impl Future<Output = Result<(), E>> + Send + 'static) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let handle = self.tasks.spawn(task.map(|ended| ended.map_err(Into::into)));
        self.names.insert(handle.id(), name);
        self
    }

    /// Starts a listener; its address is announced under `name`.
    #[must_use]
    pub fn serve(mut self, name: &'static str, server: BoundServer) -> Self {
        self.addresses.insert(name, server.address());
        let shutdown = self.shutdown.clone();
        self.task(name, server.run(shutdown))
    }

    /// What is done after all tasks have ended, such as closing the broker's connection; the last one named goes first.
    #[must_use]
    pub fn closing(mut self, name: &'static str, step: impl Future<Output = ()> + Send + 'static) -> Self {
        self.closing.push((name, step.boxed()));
        self
    }

    pub fn addresses(&self) -> &BTreeMap<&'static str, SocketAddr> {
        &self.addresses
    }

    pub fn address(&self, name: &str) -> Option<SocketAddr> {
        self.addresses.get(name).copied()
    }

    /// Works until asked to stop or until a task fails; then stops the rest in order.
    pub async fn until_stopped(mut self) -> Result<(), ServiceError> {
        let hard = self.shutdown.hard().clone();
        let mut outcome = Ok(());
        while let Some(ended) = {
            tokio::select! {
                biased;
                () = hard.cancelled() => None,
                ended = self.tasks.join_next_with_id() => ended,
            }
        } {
            if let Err(error) = self.judge(ended) {
                tracing::error!(area = "shutdown", error = %Chain(&error), "a part of the service is gone: stopping the rest");
                self.shutdown.begin_now();
                outcome = outcome.and(Err(error));
            }
        }
        if hard.is_cancelled() && !self.tasks.is_empty() {
            self.abort_all().await;
            outcome = outcome.and(Err(ServiceError::CutOff));
        }
        outcome.and(self.close().await)
    }

    /// A task may end once it was asked to; whatever else it does is an error.
    fn judge(&mut self, ended: Result<(Id, TaskResult), JoinError>) -> Result<(), ServiceError> {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let task = self.names.remove(&id).unwrap_or("unknown");
        match ended {
            Ok((_, Ok(()))) if self.shutdown.soft().is_cancelled() => Ok(()),
            Ok((_, Ok(()))) => Err(ServiceError::TaskEnded { task }),
            Ok((_, Err(source))) => Err(ServiceError::TaskFailed { task, source }),
            Err(_) => Err(ServiceError::TaskPanicked { task }),
        }
    }

    async fn abort_all(&mut self) {
        let left: Vec<_> = self.names.values().copied().collect();
        tracing::warn!(area = "shutdown", tasks = ?left, "ending what still runs");
        self.tasks.abort_all();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(ABORT_LIMIT, all).await;
    }

    async fn close(self) -> Result<(), ServiceError> {
        let hard = self.shutdown.hard();
        for (name, step) in self.closing.into_iter().rev() {
            tokio::select! {
                () = step => {}
                () = hard.cancelled() => {
                    tracing::warn!(area = "shutdown", name, "no time left to close this");
                    return Err(ServiceError::CutOff);
                }
            }
        }
        Ok(())
    }
}
