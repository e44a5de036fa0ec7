//! `GET /_sim/state`: everything at a glance.

use actix_web::web::Data;
use serde_json::json;

use super::error::{Controlled, ok};
use crate::simulator::Simulator;

pub(super) async fn read(sim: Data<Simulator>) -> Controlled {
    ok(&json!({
        "app": { "id": sim.config.app.id, "name": sim.config.app.name },
        "clock": super::clock::shown(&sim),
        "people": sim.world.people().len(),
        "pages": sim.world.pages().len(),
        "seed": sim.world.seed,
        "app_subscriptions": sim.webhooks.app_subscriptions(),
        "webhooks": sim.webhooks.figures(),
        "calls": sim.calls.counts().total,
        "limits_enforced": sim.limits.enforced(),
        "faults": sim.faults.list().len(),
    }))
}
