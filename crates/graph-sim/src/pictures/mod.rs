//! `/_cdn/…`: profile pictures of Pages, people and customers, and the pictures in messages.

mod glyphs;
mod png;

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Query};
use serde::Deserialize;

use crate::simulator::Simulator;
use crate::world::draw::Draw;

/// How long an address works. Meta does not say; a day is seen.
const LIFETIME_S: i64 = 86_400;
const HOUR_S: i64 = 3_600;

/// The address with its end, in hexadecimal as in Meta's `oe`; the same all through an hour.
pub(crate) fn expiring(url: &str, now_s: i64) -> String {
    let expires_at = (now_s.div_euclid(HOUR_S) + 1) * HOUR_S + LIFETIME_S;
    format!("{url}?oe={expires_at:X}")
}

#[derive(Deserialize)]
struct Expiry {
    oe: Option<String>,
}

impl Expiry {
    fn is_over(&self, now_s: i64) -> bool {
        self.oe.as_deref().is_some_and(|oe| i64::from_str_radix(oe, 16).is_ok_and(|expires_at| expires_at <= now_s))
    }
}

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/{kind}/{file}", web::get().to(picture));
}

/// Initials on a colour; both follow from the id.
async fn picture(path: Path<(String, String)>, expiry: Query<Expiry>, sim: Data<Simulator>) -> HttpResponse {
    if expiry.is_over(sim.clock.now_s()) {
        return HttpResponse::Forbidden().body("URL signature expired");
    }
    let (kind, file) = path.into_inner();
    let Some(id) = file.strip_suffix(".png") else { return HttpResponse::NotFound().finish() };
    let name = match kind.as_str() {
        "pages" => sim.world.any_page_by_id(id).map(crate::world::Page::name),
        "people" => sim.world.person_by_id(id).map(|person| person.name.clone()),
        "customers" => sim
            .world
            .customer_by_psid(id)
            .map(|(page, conversation)| page.inbox.read().customer_name(conversation).full()),
        "attachments" => Some("IMG".to_owned()),
        _ => None,
    };
    match name {
        Some(name) => HttpResponse::Ok()
            .content_type("image/png")
            .insert_header(("cache-control", "public, max-age=86400"))
            .body(png::initials(&name, Draw::seeded(0).named(id).value())),
        None => HttpResponse::NotFound().finish(),
    }
}
