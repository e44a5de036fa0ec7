//! Which of Meta's several ways the simulator follows.

use actix_web::web::{Data, Json};
use serde_json::{Map, Value};

use super::error::{ControlError, Controlled, ok};
use crate::simulator::Simulator;

pub(super) async fn read(sim: Data<Simulator>) -> Controlled {
    ok(&sim.varies())
}

/// Any of them.
pub(super) async fn change(body: Json<Map<String, Value>>, sim: Data<Simulator>) -> Controlled {
    let invalid = |error: serde_json::Error| ControlError::Invalid(error.to_string());
    let mut all = serde_json::to_value(sim.varies()).map_err(invalid)?;
    if let Some(all) = all.as_object_mut() {
        all.extend(body.into_inner());
    }
    *sim.variations.write() = serde_json::from_value(all).map_err(invalid)?;
    ok(&sim.varies())
}
