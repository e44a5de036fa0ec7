//! `/_cdn/…`: profile pictures of Pages, people and customers, and the pictures in messages.

mod glyphs;
mod png;

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path};

use crate::simulator::Simulator;
use crate::world::draw::Draw;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/{kind}/{file}", web::get().to(picture));
}

/// Initials on a colour; both follow from the id.
async fn picture(path: Path<(String, String)>, sim: Data<Simulator>) -> HttpResponse {
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
