//! Faults on demand.

use actix_web::web::{Data, Json, Path};
use serde_json::json;

use super::error::{ControlError, Controlled, done, ok};
use crate::faults::FaultRule;
use crate::simulator::Simulator;

pub(super) async fn list(sim: Data<Simulator>) -> Controlled {
    ok(&sim.faults.list())
}

pub(super) async fn add(body: Json<FaultRule>, sim: Data<Simulator>) -> Controlled {
    ok(&json!({ "id": sim.faults.add(body.into_inner()) }))
}

pub(super) async fn clear(path: Path<u64>, sim: Data<Simulator>) -> Controlled {
    if sim.faults.clear(Some(*path)) { done() } else { Err(ControlError::NotFound("there is no such fault")) }
}

pub(super) async fn clear_all(sim: Data<Simulator>) -> Controlled {
    sim.faults.clear(None);
    done()
}
