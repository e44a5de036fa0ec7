//! Batches of webhook bundles from the queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use pagekeeper_bus::{BatchHandler, Handled, Incoming, Verdict, trace_of};
use pagekeeper_common::domain::backoff::Backoff;
use pagekeeper_common::domain::clock::Clock;
use pagekeeper_contracts::v1::{WebhookBundle, WebhookEntry};
use pagekeeper_runtime::chain::Chain;
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::events::apply::EntryStore;
use crate::events::plan::{ReadEntry, read_entry};

/// How long a batch waits for the database to come back.
const AWAY: Backoff = Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(5) };

/// Flag of a W3C trace context whose trace is recorded.
const SAMPLED: &str = "-01";

/// Takes what waited in the queue, unpacks it and stores all of it at once.
pub struct WebhookBatches {
    entries: EntryStore,
    clock: Arc<dyn Clock>,
    /// Tries in a row that met a database, or a broker, that was away.
    failures: AtomicU32,
}

impl WebhookBatches {
    pub fn new(entries: EntryStore, clock: Arc<dyn Clock>) -> Self {
        Self { entries, clock, failures: AtomicU32::new(0) }
    }

    fn unpack(&self, batch: &[Incoming]) -> Unpacked {
        let now = self.clock.now();
        let mut unpacked = Unpacked::default();
        for (index, message) in batch.iter().enumerate() {
            match message.decode::<WebhookBundle>() {
                Ok(bundle) => {
                    for wire in bundle.entries {
                        unpacked.spans.extend(span_of(&wire));
                        unpacked.entries.push(read_entry(wire, now));
                        unpacked.messages.push(index);
                    }
                }
                Err(_error) => unpacked.unreadable.push(index),
            }
        }
        unpacked
    }
}

/// The entries of a batch of bundles.
#[derive(Default)]
struct Unpacked {
    entries: Vec<ReadEntry>,
    /// For each entry, the index of the message that it came in.
    messages: Vec<usize>,
    /// Messages that are no bundles.
    unreadable: Vec<usize>,
    /// One span for each entry whose trace is recorded, open until the batch is stored.
    spans: Vec<Span>,
}

impl BatchHandler for WebhookBatches {
    async fn handle(&self, batch: &[Incoming]) -> Handled {
        let unpacked = self.unpack(batch);
        let tries = |entry: usize| {
            let message = unpacked.messages.get(entry).and_then(|index| batch.get(*index));
            message.map(|message| message.tries.clone()).unwrap_or_default()
        };
        let span = tracing::info_span!("webhooks.store", entries = unpacked.entries.len());
        if let Err(away) = self.entries.store(&unpacked.entries, tries).instrument(span).await {
            let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
            let wait = AWAY.wait(failures, 0.0);
            tracing::warn!(area = "webhook", error = %Chain(&away), failures, wait_ms = wait.as_millis(), "webhooks wait");
            return Handled::Later(wait);
        }
        self.failures.store(0, Ordering::Relaxed);
        if unpacked.unreadable.is_empty() {
            return Handled::Done;
        }
        let verdict = |index| {
            if unpacked.unreadable.contains(&index) {
                Verdict::Park("not a webhook bundle".to_owned())
            } else {
                Verdict::Ack
            }
        };
        Handled::Each((0..batch.len()).map(verdict).collect())
    }
}

/// Each entry of a bundle belongs to the trace of the request that it came with.
fn span_of(entry: &WebhookEntry) -> Option<Span> {
    if !entry.traceparent.ends_with(SAMPLED) {
        return None;
    }
    let span = tracing::info_span!("webhook.store");
    // Without a tracing subscriber there is nothing to join.
    let _ = span.set_parent(trace_of(&entry.traceparent));
    Some(span)
}
