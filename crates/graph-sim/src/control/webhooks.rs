//! How webhooks are delivered, and what was.

use actix_web::web::{Data, Json, Query};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::{ControlError, Controlled, done, ok};
use super::pages;
use crate::json::JsonWriter;
use crate::simulator::Simulator;
use crate::webhooks::event::{Event, Receiver, change_entry, messaging_entry};
use crate::webhooks::raw;

pub(super) async fn read(sim: Data<Simulator>) -> Controlled {
    ok(&shown(&sim)?)
}

/// Any of the settings.
pub(super) async fn change(body: Json<Map<String, Value>>, sim: Data<Simulator>) -> Controlled {
    let mut settings = settings(&sim)?;
    settings.extend(body.into_inner());
    let modes =
        serde_json::from_value(Value::Object(settings)).map_err(|error| ControlError::Invalid(error.to_string()))?;
    sim.webhooks.set_modes(modes);
    ok(&shown(&sim)?)
}

fn settings(sim: &Simulator) -> Result<Map<String, Value>, ControlError> {
    match serde_json::to_value(sim.webhooks.modes()) {
        Ok(Value::Object(settings)) => Ok(settings),
        _ => Err(ControlError::Invalid("the settings are no object".to_owned())),
    }
}

fn shown(sim: &Simulator) -> Result<Value, ControlError> {
    Ok(json!({
        "settings": settings(sim)?,
        "queue": sim.webhooks.figures(),
        "totals": sim.webhooks.ledger.totals(),
        "alerts": sim.webhooks.ledger.alerts(),
        "app_subscriptions": sim.webhooks.app_subscriptions(),
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct DeliveriesQuery {
    /// The first number to list.
    #[serde(default)]
    from: u64,
    #[serde(default = "hundred")]
    limit: usize,
}

fn hundred() -> usize {
    100
}

pub(super) async fn deliveries(query: Query<DeliveriesQuery>, sim: Data<Simulator>) -> Controlled {
    ok(&sim.webhooks.ledger.list(query.from, query.limit))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBody {
    /// Sent signed, byte for byte, once.
    body: Option<String>,
    page: Option<String>,
    /// An element of `messaging`; the Page's entry is put around it.
    messaging: Option<Value>,
    /// An element of `changes`.
    changes: Option<Value>,
    /// The field by which it is subscribed.
    field: Option<String>,
}

pub(super) async fn raw(body: Json<RawBody>, sim: Data<Simulator>) -> Controlled {
    let body = body.into_inner();
    if let Some(text) = body.body {
        return ok(&raw::post_once(&sim, text.into_bytes()).await);
    }
    let page = pages::found(&sim, body.page.as_deref().unwrap_or_default())?;
    let (style, now_ms) = (sim.webhooks.style, sim.clock.now_ms());
    let (entry, field) = match (body.messaging, body.changes) {
        (Some(element), None) => {
            let write = |writer: &mut JsonWriter| writer.value(&element);
            (
                messaging_entry(style, Receiver::Owner, &page.id, now_ms, write),
                body.field.unwrap_or_else(|| "messages".to_owned()),
            )
        }
        (None, Some(change)) => {
            let named = change.get("field").and_then(Value::as_str).unwrap_or("feed").to_owned();
            (change_entry(style, &page.id, now_ms, &change), body.field.unwrap_or(named))
        }
        _ => return Err(ControlError::Invalid("name body, or page with messaging or changes".to_owned())),
    };
    if !sim.webhooks.is_subscribed(page.index, &field) {
        return Err(ControlError::Invalid(format!("nobody is subscribed to {field} of this Page")));
    }
    sim.webhooks.send(Event { page: page.index, field: field.into(), mid: None, entry });
    done()
}
