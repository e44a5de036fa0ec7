//! What a parked message holds, as JSON.

use chrono::DateTime;
use pagekeeper_bus::Incoming;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{ConnectPages, DisconnectPage, RefreshMedia, SyncPage, WebhookBundle, WebhookEntry};
use pagekeeper_store::quarantine::review::QuarantinedEntry;
use serde_json::{Value, json};

/// More of a body that is not JSON is not shown.
const TEXT_MAX_BYTES: usize = 65_536;

/// A command's fields, or a webhook's entries; none for what cannot be read.
pub(super) fn of_message(message: &Incoming, reads_inbox: bool) -> Option<Value> {
    if let Ok(bundle) = message.decode::<WebhookBundle>() {
        return Some(of_entries(&bundle.entries, reads_inbox));
    }
    let sync = message.decode::<SyncPage>();
    let of_sync = |command: SyncPage| json!({"account_id": command.account_id, "run_id": command.run_id, "interactive": command.interactive});
    sync.map(of_sync)
        .or_else(|_| {
            let connect = message.decode::<ConnectPages>();
            connect.map(|command| json!({"account_id": command.account_id, "run_id": command.run_id}))
        })
        .or_else(|_| {
            let disconnect = message.decode::<DisconnectPage>();
            disconnect.map(|command| json!({"account_id": command.account_id, "connection_id": command.connection_id}))
        })
        .or_else(|_| {
            let refresh = message.decode::<RefreshMedia>();
            refresh.map(|command| json!({"account_id": command.account_id, "message_id": command.message_id}))
        })
        .ok()
}

pub(super) fn of_quarantine(entry: &QuarantinedEntry, object: Option<&str>, reads_inbox: bool) -> Value {
    let body = entry.body.as_deref().filter(|_| reads_inbox).map(readable);
    json!({ "entries": [{
        "object": object,
        "owner_id": entry.owner_id,
        "received_at": entry.received_at,
        "entry": body,
    }]})
}

fn of_entries(entries: &[WebhookEntry], reads_inbox: bool) -> Value {
    let entries: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let (object, owner, body) = match &entry.content {
                Some(Content::Entry(entry)) => (Some(&entry.object), Some(&entry.owner_id), Some(&entry.json)),
                Some(Content::Body(body)) => (None, None, Some(&body.body)),
                None => (None, None, None),
            };
            json!({
                "object": object,
                "owner_id": owner,
                "received_at": DateTime::from_timestamp_micros(entry.received_at),
                "entry": body.filter(|_| reads_inbox).map(|body| readable(body)),
            })
        })
        .collect();
    json!({ "entries": entries })
}

/// The JSON itself, or a text where it is none.
fn readable(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_not_json| {
        let shown = body.get(..TEXT_MAX_BYTES).unwrap_or(body);
        Value::String(String::from_utf8_lossy(shown).into_owned())
    })
}
