//! Entries into the database: in one transaction where that works, halved until the culprit stands alone where not.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pagekeeper_bus::topology::webhook_queue;
use pagekeeper_bus::{Bus, Outgoing, PublishError, Publisher, Tries, WebhookQueues};
use pagekeeper_common::domain::clock::Clock;
use pagekeeper_common::domain::entry_owner::EntryOwner;
use pagekeeper_contracts::v1::WebhookBundle;
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::messages::StoredBatch;
use pagekeeper_store::quarantine::{self, NewQuarantined, QuarantineReason};
use pagekeeper_store::{Store, StoreError};
use tokio::sync::Notify;

use super::owners::{PageOwner, PageOwners};
use super::plan::{EntriesPlan, ReadEntry, owners_of, plan_entries};
use crate::facts::Facts;

/// Stores entries of webhooks, whether they come from the queue or from the quarantine.
#[derive(Clone)]
pub struct EntryStore {
    store: Store,
    owners: PageOwners,
    publisher: Publisher,
    queues: WebhookQueues,
    facts: Facts,
    clock: Arc<dyn Clock>,
    new_contacts: Arc<Notify>,
}

/// Something that storing needs is away; the same again later.
#[derive(Debug, thiserror::Error)]
pub enum Away {
    #[error("the database is away")]
    Database(#[source] StoreError),
    #[error("the broker is away")]
    Broker(#[source] PublishError),
}

impl EntryStore {
    pub fn new(store: Store, owners: PageOwners, bus: &Bus, facts: Facts, clock: Arc<dyn Clock>) -> Self {
        let (publisher, queues) = (bus.publisher(), bus.webhook_queues());
        Self { store, owners, publisher, queues, facts, clock, new_contacts: Arc::default() }
    }

    /// Waits until contacts were stored whose names nobody knows yet.
    pub async fn new_contacts(&self) {
        self.new_contacts.notified().await;
    }

    pub(super) fn owners(&self) -> &PageOwners {
        &self.owners
    }

    pub(super) fn database(&self) -> &Store {
        &self.store
    }

    /// Stores all of it, in quarantine what cannot be stored elsewhere. `tries` tells how often an entry failed before.
    pub async fn store(&self, entries: &[ReadEntry], tries: impl Fn(usize) -> Tries) -> Result<(), Away> {
        let owners = self.owners.find(&owners_of(entries)).await.map_err(Away::Database)?;
        let mut parts = vec![(0, entries)];
        while let Some((start, part)) = parts.pop() {
            match self.store_part(part, &owners).await {
                Ok(()) => {}
                Err(error) if error.is_transient() => return Err(Away::Database(error)),
                Err(error) => match part {
                    [] => {}
                    [entry] => self.set_aside(entry, tries(start), &error).await?,
                    _ => {
                        let (left, right) = part.split_at(part.len() / 2);
                        parts.push((start + left.len(), right));
                        parts.push((start, left));
                    }
                },
            }
        }
        Ok(())
    }

    async fn store_part(&self, part: &[ReadEntry], owners: &HashMap<EntryOwner, PageOwner>) -> Result<(), StoreError> {
        let started = Instant::now();
        let plan = plan_entries(part, owners);
        let stored = self.store.store_webhooks(&plan.batch(), &plan.event_batch()).await?;
        report(&plan, &stored, started.elapsed());
        if !stored.new_contacts.is_empty() {
            self.new_contacts.notify_one();
        }
        let changed = stored.changed.iter().map(|changed| (changed.account_id, changed.conversation_id));
        self.facts.conversations_changed(changed, self.clock.now());
        self.quarantine(&plan.quarantine).await?;
        self.replay_if_connected_meanwhile(&plan).await
    }

    async fn quarantine(&self, entries: &[NewQuarantined]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        self.store.system(async |tx| quarantine::insert(tx, entries).await).await?;
        for entry in entries {
            let reason = entry.reason.as_str();
            metrics::counter!("pagekeeper_webhooks_quarantined_total", "reason" => reason).increment(1);
        }
        Ok(())
    }

    /// Connecting commits the connection before it replays the Page's quarantine. So either that replay saw what was just put
    /// there, or this look sees the connection.
    async fn replay_if_connected_meanwhile(&self, plan: &EntriesPlan<'_>) -> Result<(), StoreError> {
        if plan.unknown.is_empty() {
            return Ok(());
        }
        let unknown: Vec<EntryOwner> = plan.unknown.iter().map(|one| (*one).clone()).collect();
        for (one, owner) in self.owners.find_in_store(&unknown).await? {
            Box::pin(self.replay(&one, owner)).await?;
        }
        Ok(())
    }

    /// An entry that cannot be stored. What PostgreSQL refuses is kept for a person to look at; what failed for a reason
    /// of ours is tried again, by itself, and parked in the end.
    async fn set_aside(&self, entry: &ReadEntry, tries: Tries, error: &StoreError) -> Result<(), Away> {
        tracing::warn!(area = "webhook", error = %Chain(error), "an event could not be stored");
        if error.is_about_the_data() {
            match self.quarantine(&[entry.quarantined(QuarantineReason::RefusedByDatabase)]).await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_transient() => return Err(Away::Database(error)),
                Err(error) => {
                    tracing::error!(area = "webhook", error = %Chain(&error), "the quarantine refused an event");
                }
            }
        }
        let bundle = WebhookBundle { entries: vec![entry.wire.clone()] };
        // Its own queue, whichever it came from.
        let home = webhook_queue(self.queues.index_of_entry(&entry.wire));
        let again = self.publisher.for_retry(&home, Outgoing::of(&bundle), &tries, "could not be stored");
        self.publisher.publish(again).await.map_err(Away::Broker)
    }
}

/// A new contact is worth a line; messages of known ones are counted.
fn report(plan: &EntriesPlan<'_>, stored: &StoredBatch, took: Duration) {
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    for contact_id in &stored.new_contacts {
        tracing::info!(area = "webhook", contact.id = %contact_id, duration_ms, "✨ NEW CONTACT added");
    }
    if !plan.messages.is_empty() {
        tracing::info!(
            area = "webhook",
            messages = plan.messages.len(),
            new_messages = stored.new_messages,
            new_contacts = stored.new_contacts.len(),
            conversations = stored.changed.len(),
            duration_ms,
            "messages stored"
        );
        metrics::counter!("pagekeeper_messages_stored_total", "source" => "webhook").increment(stored.new_messages);
        metrics::counter!("pagekeeper_contacts_added_total", "source" => "webhook")
            .increment(stored.new_contacts.len() as u64);
    }
    if !plan.events.is_empty() {
        tracing::info!(
            area = "webhook",
            events = plan.events.len(),
            conversations = stored.changed.len(),
            duration_ms,
            "events stored"
        );
        metrics::counter!("pagekeeper_events_stored_total").increment(plan.events.len() as u64);
    }
    for (owner, message) in &plan.messages {
        tracing::debug!(
            area = "webhook",
            account.id = %owner.account_id,
            connection.id = %owner.connection_id,
            from_page = message.from_page,
            "New message"
        );
    }
}
