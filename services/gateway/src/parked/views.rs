//! How parked messages look in answers.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::RunId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::found::Found;

/// A message that no further try could help.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParkedEntry {
    /// For the routes that replay and drop.
    #[schema(example = "webhooks:0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e11")]
    pub id: String,
    /// The queue that it failed in, or `quarantine`: webhooks that could not be stored.
    #[schema(example = "webhooks")]
    pub queue: String,
    /// `webhook.bundle`, `webhook.entry`, `sync.page`, …
    #[serde(rename = "type")]
    #[schema(example = "webhook.bundle")]
    pub kind: String,
    pub page: Option<ParkedPage>,
    /// What went wrong last.
    #[schema(example = "could not be stored")]
    pub reason: String,
    /// How often it was tried; in quarantine, how often Meta sent it.
    #[schema(example = 5)]
    pub attempts: u32,
    pub first_failed_at: Option<DateTime<Utc>>,
    pub parked_at: Option<DateTime<Utc>>,
    /// Bytes.
    #[schema(example = 412)]
    pub size: usize,
    /// The sync run that it is a command of.
    #[schema(example = 91)]
    pub run_id: Option<i64>,
    /// Whose command it is; for operators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 7)]
    pub account_id: Option<i64>,
}

/// The Page that a message is of, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ParkedPage {
    #[schema(example = 7)]
    pub connection_id: Option<i64>,
    #[schema(example = "Café Nord")]
    pub name: Option<String>,
    /// Meta's id.
    #[schema(example = "1122334455")]
    pub page_id: Option<String>,
}

/// Parked messages, the longest parked first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParkedList {
    pub data: Vec<ParkedEntry>,
    pub next_cursor: Option<String>,
    /// How many there are by queue, whatever was filtered; a queue counts up to 10,000.
    #[schema(example = json!({"webhooks": 3, "commands.background": 1, "quarantine": 0}))]
    pub totals: BTreeMap<String, u64>,
    /// False: there is more than one look reads, or somebody else was at work on the queue. Ask again.
    pub complete: bool,
}

/// A parked message with its content.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParkedWithContent {
    #[serde(flatten)]
    pub parked: ParkedEntry,
    /// A command's fields; of a webhook its `entries`, each with `object`, `owner_id`, `received_at` and the `entry`
    /// itself, which is null where the caller may not read the inbox. Null for what cannot be read.
    #[schema(example = json!({"run_id": 91}))]
    pub content: Option<Value>,
    /// Something is not shown, since the caller may not read the inbox.
    pub content_withheld: bool,
}

impl From<Found> for ParkedEntry {
    fn from(found: Found) -> Self {
        Self {
            id: found.id.to_string(),
            queue: found.queue,
            kind: found.kind,
            page: found.page,
            reason: found.reason,
            attempts: found.attempts,
            first_failed_at: found.first_failed_at,
            parked_at: found.parked_at,
            size: found.size,
            run_id: found.run.map(RunId::get),
            account_id: found.account,
        }
    }
}
