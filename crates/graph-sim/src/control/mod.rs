//! The control API at `/_sim/…`: what a test or a person does to the simulated Facebook. The README has every route.

mod callbacks;
mod calls;
mod clock;
mod customers;
mod error;
mod faults;
mod limits;
mod load;
mod login;
mod media;
mod messages;
mod pages;
mod people;
mod posts;
mod state;
mod tokens;
mod variations;
mod webhooks;

use actix_web::web::{self, ServiceConfig, delete, get, patch, post, put};
pub(crate) use error::refuse_json;
use error::{ControlError, Controlled};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/state", get().to(state::read))
        .route("/people", get().to(people::list))
        .route("/people/{person}/pages/{page}", put().to(people::give_role))
        .route("/people/{person}/pages/{page}", delete().to(people::take_role))
        .route("/people/{person}/permissions/{permission}", delete().to(people::revoke))
        .route("/people/{person}", patch().to(people::change))
        .route("/people/{person}/remove_app", post().to(callbacks::remove_app))
        .route("/callbacks", get().to(callbacks::read))
        .route("/callbacks", put().to(callbacks::set))
        .route("/tokens", post().to(tokens::mint))
        .route("/tokens/kill", post().to(tokens::kill))
        .route("/tokens/exchange", put().to(tokens::set_exchange))
        .route("/app", put().to(login::set_app))
        .route("/oauth/approve", post().to(login::approve))
        .route("/oauth/js_sdk_code", post().to(login::js_sdk_code))
        .route("/redirect_uris", put().to(login::set_redirect_uris))
        .route("/pages", get().to(pages::list))
        .route("/pages/{page}", get().to(pages::read))
        .route("/pages/{page}", patch().to(pages::change))
        .route("/pages/{page}/unsubscribe", post().to(pages::unsubscribe))
        .route("/pages/{page}/messages", post().to(messages::customer_writes))
        .route("/pages/{page}/posts", get().to(posts::list))
        .route("/pages/{page}/posts/{post}/comments", post().to(posts::comment))
        .route("/media/{media}/comments", post().to(media::comment))
        .route("/pages/{page}/replies", post().to(messages::page_inbox_writes))
        .route("/pages/{page}/messages/{mid}", patch().to(messages::change))
        .route("/pages/{page}/customers", get().to(customers::list))
        .route("/pages/{page}/customers/{psid}/events", post().to(messages::customer_acts))
        .route("/pages/{page}/customers/{psid}", patch().to(customers::change))
        .route("/pages/{page}/customers/{psid}/messages", get().to(customers::thread))
        .route("/pages/{page}/customers/{psid}/thread_owner", put().to(customers::set_thread_owner))
        .configure(machinery);
}

fn machinery(config: &mut ServiceConfig) {
    config
        .route("/calls", get().to(calls::list))
        .route("/calls", delete().to(calls::reset))
        .route("/calls/counts", get().to(calls::counts))
        .route("/faults", get().to(faults::list))
        .route("/faults", post().to(faults::add))
        .route("/faults", delete().to(faults::clear_all))
        .route("/faults/{id}", delete().to(faults::clear))
        .route("/latency", put().to(limits::set_latency))
        .route("/variations", get().to(variations::read))
        .route("/variations", put().to(variations::change))
        .route("/limits", get().to(limits::read))
        .route("/limits", put().to(limits::change))
        .route("/limits/reset", post().to(limits::reset))
        .route("/clock", get().to(clock::read))
        .route("/clock", put().to(clock::set))
        .route("/clock/advance", post().to(clock::advance))
        .route("/webhooks", get().to(webhooks::read))
        .route("/webhooks", put().to(webhooks::change))
        .route("/webhooks/deliveries", get().to(webhooks::deliveries))
        .route("/webhooks/raw", post().to(webhooks::raw))
        .route("/load", post().to(load::start))
        .route("/load/{id}", get().to(load::read))
        .route("/load/{id}", delete().to(load::stop))
        .route("/load/{id}/ledger", get().to(load::ledger))
        .default_service(web::to(unknown));
}

async fn unknown() -> Controlled {
    Err(ControlError::NotFound("there is no such control route"))
}
