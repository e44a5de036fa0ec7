//! Where the app is told that somebody removed it, and what it answered.

use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::json;

use super::error::{Controlled, ok};
use super::people;
use crate::oauth::callbacks::{CallbackUrls, Kind};
use crate::simulator::Simulator;

pub(super) async fn read(sim: Data<Simulator>) -> Controlled {
    ok(&json!({ "urls": sim.callbacks.urls(), "called": sim.callbacks.called() }))
}

pub(super) async fn set(body: Json<CallbackUrls>, sim: Data<Simulator>) -> Controlled {
    sim.callbacks.set_urls(body.into_inner());
    read(sim).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RemoveBody {
    /// "Send Request" in the person's settings: the app must delete their data too.
    delete_data: bool,
}

/// As the person does in Facebook's settings; answers what the app said.
pub(super) async fn remove_app(path: Path<String>, body: Option<Json<RemoveBody>>, sim: Data<Simulator>) -> Controlled {
    let person = people::person(&sim, &path)?;
    let body = body.map(Json::into_inner).unwrap_or_default();
    let killed = sim.remove_app(person);
    let now = sim.clock.now_s();
    let deauthorize = sim.callbacks.call(Kind::Deauthorize, &person.id, now).await;
    let data_deletion =
        if body.delete_data { sim.callbacks.call(Kind::DataDeletion, &person.id, now).await } else { None };
    ok(&json!({ "killed": killed, "deauthorize": deauthorize, "data_deletion": data_deletion }))
}
