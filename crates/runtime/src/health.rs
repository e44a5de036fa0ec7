//! Whether a service can do its work right now: named checks, asked anew for each probe.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, join_all};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

/// A check that needs longer has not answered: a probe must be quick even when a database is frozen.
const CHECK_LIMIT: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    Ok,
    /// Works, but somebody should look.
    Warning,
    /// The service cannot do its work: it is not ready.
    Error,
}

/// What one check found. The detail is for operators: no secrets, no names of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    pub status: CheckStatus,
    pub detail: String,
}

impl Check {
    pub fn ok(detail: impl Into<String>) -> Self {
        Self { status: CheckStatus::Ok, detail: detail.into() }
    }

    pub fn warning(detail: impl Into<String>) -> Self {
        Self { status: CheckStatus::Warning, detail: detail.into() }
    }

    pub fn error(detail: impl Into<String>) -> Self {
        Self { status: CheckStatus::Error, detail: detail.into() }
    }
}

/// The body of `/readyz`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HealthReport {
    pub ready: bool,
    pub checks: BTreeMap<&'static str, Check>,
}

/// The checks of a service; clones share them.
#[derive(Clone)]
pub struct Health {
    checks: Arc<RwLock<BTreeMap<&'static str, CheckFunction>>>,
    draining: CancellationToken,
}

type CheckFunction = Arc<dyn Fn() -> BoxFuture<'static, Check> + Send + Sync>;

impl Health {
    /// Not ready as soon as `draining` is cancelled, whatever the checks say.
    pub fn new(draining: CancellationToken) -> Self {
        Self { checks: Arc::default(), draining }
    }

    /// Adds a check; one of the same name is replaced.
    pub fn register<F, R>(&self, name: &'static str, check: F)
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Check> + Send + 'static,
    {
        let check: CheckFunction = Arc::new(move || check().boxed());
        self.checks.write().unwrap_or_else(PoisonError::into_inner).insert(name, check);
    }

    /// Asks all checks at once, each for at most a second.
    pub async fn report(&self) -> HealthReport {
        let checks = self.checks.read().unwrap_or_else(PoisonError::into_inner).clone();
        let asked = checks.into_iter().map(|(name, check)| async move {
            let answer = tokio::time::timeout(CHECK_LIMIT, check()).await;
            (name, answer.unwrap_or_else(|_| Check::error(format!("no answer within {CHECK_LIMIT:?}"))))
        });
        let mut checks: BTreeMap<_, _> = join_all(asked).await.into_iter().collect();
        if self.draining.is_cancelled() {
            checks.insert("shutdown", Check::error("stopping"));
        }
        let ready = checks.values().all(|check| check.status != CheckStatus::Error);
        HealthReport { ready, checks }
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health").finish_non_exhaustive()
    }
}
