//! Replaying and dropping, a bounded number in one call.

use std::collections::{HashMap, HashSet};

use pagekeeper_bus::topology::webhook_queue;
use pagekeeper_bus::{Fate, Outgoing, Published, WebhookQueues};
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{SplitEntry, UnsplitBody, WebhookBundle, WebhookEntry};
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::quarantine::review::{QuarantineFilter, QuarantinedEntry};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::filter::{Filter, FilterTexts};
use super::id::{ParkedId, short_name};
use super::search::{queues_of, search};
use super::viewer::Viewer;
use crate::extract::api_error::Answer;
use crate::state::State;

/// Settled in one call.
pub(super) const MOST: usize = 1_000;
/// Of the quarantine, whose bodies are read into memory.
const PORTION: usize = 50;

/// Which parked messages: by their ids, or by a filter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selection {
    /// At most 1,000; those that are no more there are passed over.
    #[schema(example = json!(["webhooks:0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e11"]))]
    ids: Option<Vec<String>>,
    /// Only of this queue.
    #[schema(example = "webhooks")]
    queue: Option<String>,
    /// Only of this Page: its connection's id, or its id at Facebook.
    #[schema(example = "7")]
    page: Option<String>,
    /// Only where the reason holds this text.
    reason: Option<String>,
    /// Only those that were parked so long ago: `90s`, `30m`, `2h`, `7d`.
    #[schema(example = "2h")]
    older_than: Option<String>,
    /// Everything, where nothing else is said.
    #[serde(default)]
    all: bool,
}

/// How many, and whether the same call again would find more.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Done {
    pub(super) settled: usize,
    pub(super) more: bool,
}

impl Selection {
    pub(super) fn filter(&self, state: &State) -> Result<Filter, Problem> {
        let texts = FilterTexts {
            queue: self.queue.as_deref(),
            page: self.page.as_deref(),
            reason: self.reason.as_deref(),
            older_than: self.older_than.as_deref(),
        };
        let has_filter = [texts.queue, texts.page, texts.reason, texts.older_than].iter().any(Option::is_some);
        match &self.ids {
            Some(_) if has_filter || self.all => {
                Err(Problem::unprocessable("ids", "cannot stand beside a filter: send one of both"))
            }
            Some(ids) => parse_ids(ids),
            None if !has_filter && !self.all => {
                Err(Problem::unprocessable("all", "must be true where there are neither ids nor a filter"))
            }
            None => {
                let queues = state.parked.home_queues();
                let names: Vec<&str> = queues.iter().map(|queue| short_name(queue)).collect();
                let filter = Filter::parse(texts, &names, state.now());
                filter.map_err(|invalid| Problem::unprocessable(invalid.field, invalid.problem))
            }
        }
    }
}

fn parse_ids(ids: &[String]) -> Result<Filter, Problem> {
    if ids.is_empty() || ids.len() > MOST {
        return Err(Problem::unprocessable("ids", "must hold 1 to 1000 ids"));
    }
    let parsed: Result<HashSet<ParkedId>, _> = ids.iter().map(|id| id.parse()).collect();
    let parsed = parsed.map_err(|invalid| Problem::unprocessable("ids", format!("one of them {invalid}")))?;
    Ok(Filter::of_ids(parsed))
}

/// Looks first and settles then what was found, by its ids: a filter needs rows of the database, and nobody waits for
/// those while messages are held.
pub(super) async fn settle(state: &State, viewer: &Viewer<'_>, filter: &Filter, fate: Fate) -> Answer<Done> {
    let queues = queues_of(state, filter);
    let (found, has_more) = search(state, viewer, filter, None, MOST, &queues).await?;
    let mut done = Done { settled: 0, more: has_more || !found.is_complete };
    let mut messages: HashMap<String, HashSet<Uuid>> = HashMap::new();
    let mut quarantined = Vec::new();
    for found in found.found {
        match found.id {
            ParkedId::Message { queue, id } => _ = messages.entry(queue).or_default().insert(id),
            ParkedId::Quarantined(id) => quarantined.push(id),
        }
    }
    for queue in &queues {
        let Some(ids) = messages.get(short_name(queue)) else { continue };
        // Looked at again: its id alone says nothing of whose it is.
        let wanted = |parked: &pagekeeper_bus::ParkedMessage| {
            ids.contains(&parked.id()) && super::found::Found::of_message(viewer, parked).is_some()
        };
        let settled = state.parked.settle(queue, fate, MOST, wanted).await?;
        done.settled += settled.settled;
        done.more |= !settled.is_complete;
    }
    for portion in quarantined.chunks(PORTION) {
        done.settled += settle_quarantined(state, viewer, portion, fate).await?;
    }
    tracing::info!(area = "parked", fate = ?fate, count = done.settled, operator = viewer.is_operator(), "settled");
    Ok(done)
}

async fn settle_quarantined(state: &State, viewer: &Viewer<'_>, ids: &[i64], fate: Fate) -> Answer<usize> {
    let filter = QuarantineFilter { ids: Some(ids.to_vec()), ..QuarantineFilter::default() };
    let is_replay = fate == Fate::Replay;
    let mut entries = viewer.quarantined(&filter, u32::try_from(PORTION).unwrap_or(u32::MAX), is_replay).await?;
    if is_replay {
        let queues = state.bus.webhook_queues();
        let messages = entries.iter().map(|entry| to_webhooks(webhook_entry(viewer, entry), queues));
        let messages: Vec<Outgoing> = messages.collect();
        let mut outcomes = state.bus.publisher().publish_all(&messages).await.into_iter();
        entries.retain(|_| outcomes.next() == Some(Published::Stored));
        if entries.is_empty() && !messages.is_empty() {
            return Err(Problem::unavailable("the broker is away or busy; try again", super::RETRY_AFTER).into());
        }
    }
    // What came back into quarantine meanwhile is not as it was seen, and stays.
    let dropped = viewer.drop_quarantined(&entries).await?;
    Ok(if is_replay { entries.len() } else { usize::try_from(dropped).unwrap_or(usize::MAX) })
}

/// Past the exchange, as what is replayed from a parked queue.
fn to_webhooks(entry: WebhookEntry, queues: WebhookQueues) -> Outgoing {
    let routing_key = webhook_queue(queues.index_of_entry(&entry));
    Outgoing { exchange: String::new(), routing_key, ..Outgoing::of(&WebhookBundle { entries: vec![entry] }) }
}

fn webhook_entry(viewer: &Viewer<'_>, entry: &QuarantinedEntry) -> WebhookEntry {
    let body = entry.body.clone().unwrap_or_default();
    let content = match &entry.owner_id {
        Some(owner) => Content::Entry(SplitEntry {
            object: viewer.object_of(entry).unwrap_or_default(),
            owner_id: owner.clone(),
            json: body.into(),
        }),
        None => Content::Body(UnsplitBody { body: body.into() }),
    };
    WebhookEntry {
        id: Uuid::now_v7().as_bytes().to_vec().into(),
        received_at: entry.received_at.timestamp_micros(),
        content: Some(content),
        ..WebhookEntry::default()
    }
}
