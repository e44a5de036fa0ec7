//! Pages: their size, their subscription, and what can be changed about them.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{ControlError, Controlled, done, ok};
use crate::simulator::Simulator;
use crate::world::Page;
use crate::world::ids::Ids;

pub(super) async fn list(sim: Data<Simulator>) -> Controlled {
    ok(&sim.world.pages().iter().map(|page| shown(&sim, page)).collect::<Vec<_>>())
}

pub(super) async fn read(path: Path<String>, sim: Data<Simulator>) -> Controlled {
    ok(&shown(&sim, found(&sim, &path)?))
}

fn shown(sim: &Simulator, page: &Page) -> Value {
    let settings = page.settings.read().clone();
    json!({
        "id": page.id,
        "name": settings.name,
        "category": page.category,
        "deleted": settings.deleted,
        "published": !settings.unpublished,
        "profile": settings.profile,
        "instagram": settings.instagram.as_ref().map(|username| json!({ "id": Ids::instagram(page.index), "username": username })),
        "conversations": page.inbox.read().conversation_count(),
        "engaged_users": page.engaged_users(),
        "subscribed_fields": sim.webhooks.page_fields(page.index),
        "failing_since_ms": sim.webhooks.failing_since(page.index),
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageBody {
    name: Option<String>,
    engaged_users: Option<u64>,
    deleted: Option<bool>,
    published: Option<bool>,
    high_volume: Option<bool>,
    /// User name of the Instagram account to link; empty to unlink it.
    instagram: Option<String>,
    /// Fields of its profile, such as `about`, `phone`, `website`.
    #[serde(default)]
    profile: BTreeMap<String, String>,
}

pub(super) async fn change(path: Path<String>, body: Json<PageBody>, sim: Data<Simulator>) -> Controlled {
    let page = found(&sim, &path)?;
    let body = body.into_inner();
    sim.change_page(page, |settings| {
        settings.name = body.name.unwrap_or_else(|| settings.name.clone());
        settings.engaged_users = body.engaged_users.or(settings.engaged_users);
        settings.deleted = body.deleted.unwrap_or(settings.deleted);
        settings.high_volume = body.high_volume.unwrap_or(settings.high_volume);
        settings.unpublished = body.published.map_or(settings.unpublished, |published| !published);
        settings.profile.extend(body.profile);
        if let Some(username) = body.instagram {
            settings.instagram = Some(username).filter(|username| !username.is_empty());
        }
    });
    ok(&shown(&sim, page))
}

/// As Meta does after an hour of failed webhooks.
pub(super) async fn unsubscribe(path: Path<String>, sim: Data<Simulator>) -> Controlled {
    sim.unsubscribe_page(found(&sim, &path)?);
    done()
}

/// By id or by name.
pub(super) fn found<'a>(sim: &'a Simulator, id_or_name: &str) -> Result<&'a Page, ControlError> {
    sim.world
        .any_page_by_id(id_or_name)
        .or_else(|| sim.world.pages().iter().find(|page| page.settings.read().name == id_or_name))
        .ok_or(ControlError::NotFound("there is no such Page"))
}
