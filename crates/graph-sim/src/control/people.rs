//! People and their roles.

use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{ControlError, Controlled, done, ok};
use crate::oauth::death::Death;
use crate::oauth::tokens::TokenSelector;
use crate::simulator::Simulator;
use crate::world::config::Task;
use crate::world::{Page, Person, Role};

pub(super) async fn list(sim: Data<Simulator>) -> Controlled {
    ok(&sim.world.people().iter().map(|person| shown(&sim, person)).collect::<Vec<_>>())
}

fn shown(sim: &Simulator, person: &Person) -> Value {
    let grant = sim.grants.of(person.index);
    let pages: Vec<_> = sim
        .world
        .roles_of(person.index)
        .into_iter()
        .filter_map(|(index, role)| sim.world.page(index).map(|page| (page, role)))
        .map(|(page, role)| {
            let business =
                page.business.and_then(|business| sim.world.business(business)).map(|business| &business.name);
            json!({
                "id": page.id, "name": page.name(), "tasks": role.tasks,
                "through_business": role.through_business, "business": business,
            })
        })
        .collect();
    json!({
        "id": person.id, "name": person.name, "email": person.email, "pages": pages,
        "data_access_expires_at": grant.data_access_expires_at,
        "scopes": grant.granted, "declined": grant.declined, "ticked_pages": grant.pages,
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonBody {
    /// Seconds until the app loses access to the person's data; 0: at once.
    data_access_expires_in: i64,
}

pub(super) async fn change(path: Path<String>, body: Json<PersonBody>, sim: Data<Simulator>) -> Controlled {
    let person = person(&sim, &path)?;
    let mut grant = sim.grants.of(person.index);
    grant.data_access_expires_at = sim.clock.now_s() + body.data_access_expires_in;
    sim.set_grant(person, grant);
    ok(&shown(&sim, person))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RoleBody {
    tasks: Option<Vec<Task>>,
    through_business: bool,
}

pub(super) async fn give_role(
    path: Path<(String, String)>,
    body: Option<Json<RoleBody>>,
    sim: Data<Simulator>,
) -> Controlled {
    let (person, page) = found(&sim, &path)?;
    let body = body.map(Json::into_inner).unwrap_or_default();
    let tasks = body.tasks.unwrap_or_else(|| Task::ALL.to_vec());
    sim.set_role(person, page, Some(Role { tasks, through_business: body.through_business }));
    done()
}

/// The person's tokens for the Page die with 190/492.
pub(super) async fn take_role(path: Path<(String, String)>, sim: Data<Simulator>) -> Controlled {
    let (person, page) = found(&sim, &path)?;
    sim.set_role(person, page, None);
    let selector = TokenSelector::Of { person: person.index, page: Some(page.index) };
    ok(&json!({ "killed": sim.kill_tokens(&selector, Death::RoleLost) }))
}

/// As the person does in Facebook's settings.
pub(super) async fn revoke(path: Path<(String, String)>, sim: Data<Simulator>) -> Controlled {
    let person = person(&sim, &path.0)?;
    if sim.revoke_permission(person, &path.1) {
        done()
    } else {
        Err(ControlError::NotFound("the person has not granted this permission"))
    }
}

fn found<'a>(sim: &'a Simulator, path: &(String, String)) -> Result<(&'a Person, &'a Page), ControlError> {
    Ok((person(sim, &path.0)?, super::pages::found(sim, &path.1)?))
}

pub(super) fn person<'a>(sim: &'a Simulator, id_or_name: &str) -> Result<&'a Person, ControlError> {
    sim.world.person_by_id_or_name(id_or_name).ok_or(ControlError::NotFound("there is no such person"))
}
