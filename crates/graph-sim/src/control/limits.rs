//! Latency and rate limits.

use actix_web::web::{Data, Json};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::{ControlError, Controlled, ok};
use crate::config::Latency;
use crate::simulator::Simulator;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LatencyBody {
    ms: u64,
    #[serde(default)]
    jitter_ms: u64,
}

pub(super) async fn set_latency(body: Json<LatencyBody>, sim: Data<Simulator>) -> Controlled {
    *sim.latency.lock() = Latency { ms: body.ms, jitter_ms: body.jitter_ms };
    ok(&json!({ "ms": body.ms, "jitter_ms": body.jitter_ms }))
}

pub(super) async fn read(sim: Data<Simulator>) -> Controlled {
    ok(&shown(&sim)?)
}

/// Any of the settings, and `enforced`.
pub(super) async fn change(body: Json<Map<String, Value>>, sim: Data<Simulator>) -> Controlled {
    let mut settings = shown(&sim)?;
    settings.extend(body.into_inner());
    let enforced = settings.remove("enforced").and_then(|enforced| enforced.as_bool());
    let config =
        serde_json::from_value(Value::Object(settings)).map_err(|error| ControlError::Invalid(error.to_string()))?;
    sim.limits.set_config(config);
    if let Some(enforced) = enforced {
        sim.limits.set_enforced(enforced);
    }
    ok(&shown(&sim)?)
}

/// Forgets what was counted.
pub(super) async fn reset(sim: Data<Simulator>) -> Controlled {
    sim.limits.reset();
    ok(&shown(&sim)?)
}

fn shown(sim: &Simulator) -> Result<Map<String, Value>, ControlError> {
    let Value::Object(mut settings) =
        serde_json::to_value(sim.limits.config()).map_err(|error| ControlError::Invalid(error.to_string()))?
    else {
        return Err(ControlError::Invalid("the settings are no object".to_owned()));
    };
    settings.insert("enforced".to_owned(), sim.limits.enforced().into());
    Ok(settings)
}
