//! The simulated time.

use actix_web::web::{Data, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{ControlError, Controlled, ok};
use crate::clock::{Millis, SECOND, graph_time};
use crate::journal::Event;
use crate::simulator::Simulator;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Auto,
    Explicit,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClockBody {
    mode: Mode,
    now_ms: Option<Millis>,
    scale: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdvanceBody {
    ms: Option<Millis>,
    seconds: Option<i64>,
}

pub(super) async fn read(sim: Data<Simulator>) -> Controlled {
    ok(&shown(&sim))
}

pub(super) async fn set(body: Json<ClockBody>, sim: Data<Simulator>) -> Controlled {
    match body.mode {
        Mode::Auto => {
            let scale = body.scale.unwrap_or(1.0);
            if !(scale.is_finite() && (0.0..=1_000_000.0).contains(&scale)) {
                return Err(ControlError::Invalid("scale is from 0 to 1,000,000".to_owned()));
            }
            sim.clock.set_auto(body.now_ms, scale);
        }
        Mode::Explicit => sim.clock.set_explicit(body.now_ms),
    }
    changed(&sim)
}

pub(super) async fn advance(body: Json<AdvanceBody>, sim: Data<Simulator>) -> Controlled {
    let by_ms = body.ms.unwrap_or(0).saturating_add(body.seconds.unwrap_or(0).saturating_mul(SECOND));
    if by_ms < 0 {
        return Err(ControlError::Invalid("time goes forward only".to_owned()));
    }
    sim.clock.advance(by_ms);
    changed(&sim)
}

fn changed(sim: &Simulator) -> Controlled {
    sim.journal.append(&Event::Clock { setting: sim.clock.setting() });
    ok(&shown(sim))
}

pub(super) fn shown(sim: &Simulator) -> Value {
    let now_ms = sim.clock.now_ms();
    let scale = sim.clock.scale();
    json!({
        "mode": if scale.is_some() { "auto" } else { "explicit" },
        "scale": scale,
        "now_ms": now_ms,
        "now": graph_time(now_ms),
    })
}
