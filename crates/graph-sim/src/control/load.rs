//! Load on demand.

use std::sync::Arc;

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::error::{ControlError, Controlled, ok};
use crate::load::{Load, LoadPlan};
use crate::server::base_url;
use crate::simulator::Simulator;

pub(super) async fn start(body: Json<LoadPlan>, sim: Data<Simulator>, http: HttpRequest) -> Controlled {
    let plan = body.into_inner().checked(&sim).map_err(|refused| ControlError::Invalid(refused.to_string()))?;
    let mut modes = sim.webhooks.modes();
    modes.duplicate_percent = plan.duplicate_percent.unwrap_or(modes.duplicate_percent);
    modes.reorder_percent = plan.reorder_percent.unwrap_or(modes.reorder_percent);
    sim.webhooks.set_modes(modes);
    let base_url = base_url(&sim, &http);
    ok(&shown(&sim.loads.start(&sim.clone().into_inner(), plan, base_url)))
}

pub(super) async fn read(path: Path<u64>, sim: Data<Simulator>) -> Controlled {
    ok(&shown(&*found(&sim, *path)?))
}

pub(super) async fn ledger(path: Path<u64>, sim: Data<Simulator>) -> Controlled {
    let lines = found(&sim, *path)?.ledger();
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").body(lines))
}

pub(super) async fn stop(path: Path<u64>, sim: Data<Simulator>) -> Controlled {
    let load = found(&sim, *path)?;
    load.stop();
    ok(&shown(&load))
}

fn shown(load: &Load) -> Value {
    json!({ "id": load.id, "state": load.state(), "sent": load.sent(), "plan": load.plan })
}

fn found(sim: &Simulator, id: u64) -> Result<Arc<Load>, ControlError> {
    sim.loads.find(id).ok_or(ControlError::NotFound("there is no such load"))
}
