//! Facts for screens and caches, published after the commit that made them true.
//!
//! They are hints: who missed one reads the rows again. So nothing waits for them, and where the broker takes them more
//! slowly than they come, some are dropped.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use pagekeeper_bus::{Outgoing, Publisher};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, ConversationId, MessageRowId, PageId, RunId};
use pagekeeper_contracts::Contract;
use pagekeeper_contracts::v1::media_refreshed::Outcome;
use pagekeeper_contracts::v1::{ConnectionChanged, ConversationsChanged, MediaRefreshed, RunProgressed};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Hints that may wait for the broker.
const WAITING_MAX: usize = 1_024;

/// The most conversations that one hint names; a screen shows far fewer.
const CONVERSATIONS_MAX: usize = 1_000;

/// Takes facts; clones feed the same publisher.
#[derive(Clone)]
pub struct Facts {
    waiting: mpsc::Sender<Outgoing>,
}

/// The task that publishes what [`Facts`] takes.
pub struct FactsPublisher {
    publisher: Publisher,
    waiting: mpsc::Receiver<Outgoing>,
}

impl Facts {
    pub fn new(publisher: Publisher) -> (Self, FactsPublisher) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        (Self { waiting: sender }, FactsPublisher { publisher, waiting: receiver })
    }

    /// Messages were stored, or a name became known: one hint per account.
    pub fn conversations_changed(
        &self,
        changed: impl IntoIterator<Item = (AccountId, ConversationId)>,
        now: DateTime<Utc>,
    ) {
        let mut by_account: BTreeMap<AccountId, Vec<i64>> = BTreeMap::new();
        for (account_id, conversation_id) in changed {
            by_account.entry(account_id).or_default().push(conversation_id.get());
        }
        for (account_id, conversation_ids) in by_account {
            for conversation_ids in conversation_ids.chunks(CONVERSATIONS_MAX) {
                self.publish(&ConversationsChanged {
                    account_id: account_id.get(),
                    conversation_ids: conversation_ids.to_vec(),
                    version: now.timestamp_micros(),
                });
            }
        }
    }

    /// A Page was connected, disconnected, or lost its token.
    pub fn connection_changed(&self, account_id: AccountId, connection_id: ConnectionId, page_id: &PageId) {
        self.publish(&ConnectionChanged {
            account_id: account_id.get(),
            connection_id: connection_id.get(),
            page_id: page_id.as_str().to_owned(),
        });
    }

    pub fn run_progressed(&self, account_id: AccountId, run_id: RunId, parent_id: Option<RunId>, ended: bool) {
        self.publish(&RunProgressed {
            account_id: account_id.get(),
            run_id: run_id.get(),
            parent_run_id: parent_id.map(RunId::get).unwrap_or_default(),
            ended,
        });
    }

    /// Where a message's files can be fetched was asked for.
    pub fn media_refreshed(&self, account_id: AccountId, message_id: MessageRowId, outcome: Outcome) {
        self.publish(&MediaRefreshed {
            account_id: account_id.get(),
            message_id: message_id.get(),
            outcome: outcome.into(),
        });
    }

    fn publish<M: Contract>(&self, fact: &M) {
        if self.waiting.try_send(Outgoing::of(fact)).is_err() {
            metrics::counter!("pagekeeper_facts_dropped_total", "type" => M::TYPE).increment(1);
        }
    }
}

impl FactsPublisher {
    /// Publishes until asked to stop, and then what still waits. What waits while a flight is in the air goes with the
    /// next one.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut flight = Vec::new();
        loop {
            let count = tokio::select! {
                biased;
                count = self.waiting.recv_many(&mut flight, WAITING_MAX) => count,
                () = stop.cancelled() => 0,
            };
            if count == 0 {
                return;
            }
            // A hint that nobody listens for is unroutable, and one that is lost is read again: the outcome is nobody's.
            self.publisher.publish_all(&std::mem::take(&mut flight)).await;
        }
    }
}
