//! Stopping in steps: first take no new work, then finish what is under way, at last end whatever is left.
//!
//! The first SIGTERM or SIGINT switches readiness off ([`Shutdown::draining`]); after `drain_delay`, in which a load
//! balancer looks elsewhere, work stops being taken ([`Shutdown::soft`]); after `limit`, counted from the signal, or at
//! a second signal, the process ends what still runs ([`Shutdown::hard`]).

use std::time::Duration;

use serde::Deserialize;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// A signal this soon after the first belongs to the same wish: a terminal's Ctrl-C reaches every process of its
/// group, and the parent's own SIGTERM follows on its heels.
const SAME_WISH: Duration = Duration::from_secs(1);

/// The section `shutdown`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShutdownConfig {
    /// Milliseconds between "not ready" and the stop, for load balancers that look only now and then.
    pub drain_delay_ms: u64,
    /// Milliseconds from the signal after which what still runs is ended.
    pub limit_ms: u64,
}

impl Default for ShutdownConfig {
    fn default() -> Self {
        Self { drain_delay_ms: 0, limit_ms: 25_000 }
    }
}

/// Handed to every part of a service; clones share the same state.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    draining: CancellationToken,
    soft: CancellationToken,
    hard: CancellationToken,
    config: ShutdownConfig,
}

impl Shutdown {
    pub fn new(config: ShutdownConfig) -> Self {
        Self { config, ..Self::default() }
    }

    /// Cancelled when the process was asked to stop: it is no longer ready, but still answers.
    pub fn draining(&self) -> &CancellationToken {
        &self.draining
    }

    /// Cancelled when no new work is to be taken and what is under way is to be finished.
    pub fn soft(&self) -> &CancellationToken {
        &self.soft
    }

    /// Cancelled when there is no time left: end at once.
    pub fn hard(&self) -> &CancellationToken {
        &self.hard
    }

    /// Begins to stop; the rest follows by the clock. Asking again changes nothing.
    pub fn begin(&self) {
        self.begin_after(Duration::from_millis(self.config.drain_delay_ms));
    }

    /// Begins to stop without the delay: for a service that has lost a part of itself.
    pub fn begin_now(&self) {
        self.soft.cancel();
        self.begin_after(Duration::ZERO);
    }

    fn begin_after(&self, delay: Duration) {
        if self.draining.is_cancelled() {
            return;
        }
        self.draining.cancel();
        let (soft, hard) = (self.soft.clone(), self.hard.clone());
        let asked = Instant::now();
        let limit = Duration::from_millis(self.config.limit_ms);
        tokio::spawn(async move {
            sleep_until(asked + delay.min(limit)).await;
            soft.cancel();
            sleep_until(asked + limit).await;
            hard.cancel();
        });
    }

    /// Listens to SIGTERM and SIGINT for the rest of the process's life.
    pub fn listen_to_signals(&self) -> std::io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = self.clone();
        tokio::spawn(async move {
            let mut first: Option<Instant> = None;
            loop {
                tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
                match first {
                    None => {
                        tracing::info!(area = "shutdown", "asked to stop");
                        first = Some(Instant::now());
                        shutdown.begin();
                    }
                    Some(asked) if asked.elapsed() < SAME_WISH => {}
                    Some(_) => {
                        tracing::warn!(area = "shutdown", "asked to stop again: ending at once");
                        shutdown.soft.cancel();
                        shutdown.hard.cancel();
                    }
                }
            }
        });
        Ok(())
    }
}
