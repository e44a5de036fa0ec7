//! The gateway's answers. What a newer gateway adds is left out.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct List {
    pub(super) data: Vec<Parked>,
    pub(super) next_cursor: Option<String>,
    pub(super) totals: BTreeMap<String, u64>,
    pub(super) complete: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the API's words")]
pub(super) struct Parked {
    pub(super) id: String,
    pub(super) queue: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) page: Option<ParkedPage>,
    pub(super) reason: String,
    pub(super) attempts: u32,
    pub(super) first_failed_at: Option<DateTime<Utc>>,
    pub(super) parked_at: Option<DateTime<Utc>>,
    pub(super) size: u64,
    pub(super) run_id: Option<i64>,
    /// For operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account_id: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ParkedPage {
    pub(super) connection_id: Option<i64>,
    pub(super) name: Option<String>,
    pub(super) page_id: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ParkedWithContent {
    #[serde(flatten)]
    pub(super) parked: Parked,
    pub(super) content: Option<Value>,
    pub(super) content_withheld: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReplayAnswer {
    pub(super) success: bool,
    pub(super) replayed: u64,
    pub(super) more: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DropAnswer {
    pub(super) success: bool,
    pub(super) dropped: u64,
    pub(super) more: bool,
}
