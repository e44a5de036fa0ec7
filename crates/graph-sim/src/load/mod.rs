//! Load: many messages by themselves, with a ledger that tells exactly what was sent.

mod plan;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::changes::Sent;
use crate::clock::Millis;
use crate::locks::Mutex;
use crate::simulator::Simulator;
use crate::webhooks::messages::Draft;
pub(crate) use plan::LoadPlan;

/// All loads since the start.
#[derive(Debug, Default)]
pub(crate) struct Loads(Mutex<BTreeMap<u64, Arc<Load>>>);

#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) id: u64,
    pub(crate) plan: LoadPlan,
    stop: CancellationToken,
    sent: Mutex<Vec<LedgerLine>>,
    state: Mutex<LoadState>,
}

/// A message that was sent, as a test must find it again.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LedgerLine {
    pub(crate) mid: String,
    pub(crate) page_id: String,
    pub(crate) psid: String,
    pub(crate) from_page: bool,
    pub(crate) timestamp: Millis,
    pub(crate) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LoadState {
    Running,
    Done,
    Stopped,
}

impl Loads {
    /// Starts it on the current runtime.
    pub(crate) fn start(&self, sim: &Arc<Simulator>, plan: LoadPlan, base_url: String) -> Arc<Load> {
        let mut loads = self.0.lock();
        let id = loads.len().try_into().unwrap_or(0) + 1;
        let load = Arc::new(Load {
            id,
            plan,
            stop: CancellationToken::new(),
            sent: Mutex::default(),
            state: Mutex::new(LoadState::Running),
        });
        loads.insert(id, load.clone());
        tokio::spawn(run(sim.clone(), load.clone(), base_url));
        load
    }

    pub(crate) fn find(&self, id: u64) -> Option<Arc<Load>> {
        self.0.lock().get(&id).cloned()
    }
}

impl Load {
    pub(crate) fn state(&self) -> LoadState {
        *self.state.lock()
    }

    pub(crate) fn sent(&self) -> usize {
        self.sent.lock().len()
    }

    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// One JSON object per line.
    pub(crate) fn ledger(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        for line in self.sent.lock().iter() {
            if let Ok(mut text) = serde_json::to_vec(line) {
                text.push(b'\n');
                lines.append(&mut text);
            }
        }
        lines
    }
}

async fn run(sim: Arc<Simulator>, load: Arc<Load>, base_url: String) {
    /// Messages between two looks at the clock.
    const SLICE: u64 = 50;
    let started = Instant::now();
    let mut sent = 0;
    while sent < load.plan.total && !load.stop.is_cancelled() {
        let end = (sent + load.plan.slice(SLICE)).min(load.plan.total);
        for number in sent..end {
            send(&sim, &load, number, &base_url);
        }
        sent = end;
        match load.plan.due(sent) {
            Some(after) => tokio::time::sleep_until(started + after).await,
            // Others on this thread have their turn.
            None => tokio::time::sleep(Duration::from_micros(1)).await,
        }
    }
    *load.state.lock() = if sent == load.plan.total { LoadState::Done } else { LoadState::Stopped };
}

fn send(sim: &Simulator, load: &Load, number: u64, base_url: &str) {
    let Some(chosen) = load.plan.choose(sim, number) else { return };
    let Some(page) = sim.world.page(chosen.page) else { return };
    let conversation = match chosen.conversation {
        Some(conversation) => conversation,
        None => sim.add_customer(page, format!("New Customer {number}")),
    };
    let draft = Draft { text: format!("load {} message {number}", load.id), attachments: Vec::new() };
    let Sent { mid, psid, message, .. } = if chosen.from_page {
        sim.page_inbox_writes(page, conversation, draft, base_url)
    } else {
        sim.customer_writes(page, conversation, draft, base_url)
    };
    load.sent.lock().push(LedgerLine {
        mid,
        page_id: page.id.clone(),
        psid,
        from_page: message.from_page,
        timestamp: message.at_ms,
        text: message.text,
    });
}
