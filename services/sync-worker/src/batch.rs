//! Batches of webhook bundles from the queue.

use std::iter::Enumerate;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{slice, vec};

use chrono::{DateTime, Utc};
use pagekeeper_bus::{BatchHandler, Handled, Incoming, Verdict, trace_of};
use pagekeeper_common::domain::backoff::Backoff;
use pagekeeper_common::domain::clock::Clock;
use pagekeeper_contracts::v1::{WebhookBundle, WebhookEntry};
use pagekeeper_runtime::chain::Chain;
use tokio::sync::Semaphore;
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::events::apply::{Away, EntryStore};
use crate::events::plan::{ReadEntry, read_entry};

/// How long a batch waits for the database to come back.
const AWAY: Backoff = Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(5) };

/// Flag of a W3C trace context whose trace is recorded.
const SAMPLED: &str = "-01";

/// Takes what waited in a queue, unpacks it and stores it, many entries in one transaction.
pub struct WebhookBatches {
    entries: EntryStore,
    /// Entries of one transaction, at most.
    at_once: NonZeroUsize,
    /// Of all queues together: batches that are stored at the same time.
    room: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
    /// Tries in a row that met a database, or a broker, that was away.
    failures: AtomicU32,
}

impl WebhookBatches {
    pub fn new(entries: EntryStore, at_once: NonZeroUsize, room: Arc<Semaphore>, clock: Arc<dyn Clock>) -> Self {
        Self { entries, at_once, room, clock, failures: AtomicU32::new(0) }
    }

    async fn store(&self, portion: &Portion, batch: &[Incoming]) -> Result<(), Away> {
        let tries = |entry: usize| {
            let message = portion.messages.get(entry).and_then(|index| batch.get(*index));
            message.map(|message| message.tries.clone()).unwrap_or_default()
        };
        let span = tracing::info_span!("webhooks.store", entries = portion.entries.len());
        self.entries.store(&portion.entries, tries).instrument(span).await
    }

    fn wait(&self, away: &Away) -> Handled {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let wait = AWAY.wait(failures, 0.0);
        tracing::warn!(area = "webhook", error = %Chain(away), failures, wait_ms = wait.as_millis(), "webhooks wait");
        Handled::Later(wait)
    }
}

impl BatchHandler for WebhookBatches {
    async fn handle(&self, batch: &[Incoming]) -> Handled {
        // Never closed. The queues get it in turn.
        let _room = self.room.acquire().await;
        let mut unpacking = Unpacking::new(batch, self.at_once, self.clock.now());
        let mut next = unpacking.next();
        while let Some(portion) = next {
            // One portion is read while the database is at work on the one before it.
            let (stored, following) = tokio::join!(self.store(&portion, batch), async { unpacking.next() });
            if let Err(away) = stored {
                return self.wait(&away);
            }
            next = following;
        }
        self.failures.store(0, Ordering::Relaxed);
        unpacking.verdict()
    }
}

/// Takes a batch of bundles apart.
struct Unpacking<'a> {
    messages: Enumerate<slice::Iter<'a, Incoming>>,
    /// What is left of the last bundle, and the index of its message.
    rest: (usize, vec::IntoIter<WebhookEntry>),
    at_once: usize,
    now: DateTime<Utc>,
    /// Messages that are no bundles.
    unreadable: Vec<usize>,
    count: usize,
}

/// Entries that are stored together.
#[derive(Default)]
struct Portion {
    entries: Vec<ReadEntry>,
    /// For each entry, the index of the message that it came in.
    messages: Vec<usize>,
    /// One span for each entry whose trace is recorded, open until it is stored.
    spans: Vec<Span>,
}

impl<'a> Unpacking<'a> {
    fn new(batch: &'a [Incoming], at_once: NonZeroUsize, now: DateTime<Utc>) -> Self {
        Self {
            messages: batch.iter().enumerate(),
            rest: (0, Vec::new().into_iter()),
            at_once: at_once.get(),
            now,
            unreadable: Vec::new(),
            count: batch.len(),
        }
    }

    fn next_entry(&mut self) -> Option<(usize, WebhookEntry)> {
        loop {
            if let Some(entry) = self.rest.1.next() {
                return Some((self.rest.0, entry));
            }
            let (index, message) = self.messages.next()?;
            match message.decode::<WebhookBundle>() {
                Ok(bundle) => self.rest = (index, bundle.entries.into_iter()),
                Err(_error) => self.unreadable.push(index),
            }
        }
    }

    /// After the last portion was stored.
    fn verdict(&self) -> Handled {
        if self.unreadable.is_empty() {
            return Handled::Done;
        }
        let verdict = |index| {
            if self.unreadable.contains(&index) {
                Verdict::Park("not a webhook bundle".to_owned())
            } else {
                Verdict::Ack
            }
        };
        Handled::Each((0..self.count).map(verdict).collect())
    }
}

impl Iterator for Unpacking<'_> {
    type Item = Portion;

    fn next(&mut self) -> Option<Portion> {
        let mut portion = Portion::default();
        while portion.entries.len() < self.at_once
            && let Some((index, wire)) = self.next_entry()
        {
            portion.spans.extend(span_of(&wire));
            portion.entries.push(read_entry(wire, self.now));
            portion.messages.push(index);
        }
        (!portion.entries.is_empty()).then_some(portion)
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
