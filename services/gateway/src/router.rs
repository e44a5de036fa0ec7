//! Which route is where.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error, web};
use pagekeeper_runtime::http::chassis;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::authenticate::authenticate;
use crate::openapi::{self, Description, OpenApiJson};
use crate::state::State;
use crate::{
    accounts, api_keys, auth, connections, console, contacts, conversations, live, media, operations, parked, posts,
    sync,
};

/// The application around one state; actix calls this once per worker.
pub(crate) fn app(
    state: &web::Data<State>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    let (app, api) = App::new()
        .into_utoipa_app()
        .openapi(<Description as utoipa::OpenApi>::openapi())
        .configure(routes)
        .split_for_parts();
    let json = serde_json::to_vec(&openapi::complete(api)).unwrap_or_default();
    let app = app
        .app_data(state.clone())
        .app_data(web::Data::new(OpenApiJson(json.into())))
        .route("/openapi.json", web::get().to(openapi::serve))
        .configure(console::docs::configure)
        .wrap(from_fn(authenticate));
    chassis(app, &state.config.http).default_service(web::to(console::serve))
}

fn routes(services: &mut ServiceConfig<'_>) {
    services
        .service(auth::login::login)
        .service(auth::callback::callback)
        .service(auth::logout::logout)
        .service(auth::token::token)
        .service(auth::switch_account::switch_account)
        .service(auth::me::me)
        .service(accounts::read::read_account)
        .service(accounts::update::update_account)
        .service(api_keys::list::list_api_keys)
        .service(api_keys::create::create_api_key)
        .service(api_keys::delete::delete_api_key)
        .service(connections::list::list_connections)
        .service(connections::read::read_connection)
        .service(connections::incidents::list_incidents)
        .service(connections::picture::connection_picture)
        .service(connections::disconnect::disconnect_connection)
        .service(connections::unconnected::list_unconnected_pages)
        .service(sync::auto_connect::auto_connect)
        .service(sync::status::sync_status)
        .service(sync::pull_page::sync_details)
        .service(sync::pull_page::sync_contacts)
        .service(sync::pull_conversation::sync_messages)
        .service(sync::pull_conversation::sync_status_of_conversation)
        .service(sync::full_sync::full_sync)
        .service(sync::update_page::update_page)
        .service(sync::list_runs::list_runs)
        .service(sync::read_run::read_run)
        .service(sync::run_events::run_events)
        .service(sync::cancel_run::cancel_run)
        .service(sync::statistics::sync_statistics)
        .service(sync::usage::graph_usage)
        .service(conversations::list::list_conversations)
        .service(conversations::read::read_conversation)
        .service(conversations::mark_read::mark_conversation_read)
        .service(conversations::messages::list_messages)
        .service(media::attachment::message_attachment)
        .service(conversations::events::list_conversation_events)
        .service(posts::list::list_posts)
        .service(posts::comments::list_comments)
        .service(contacts::read::read_contact)
        .service(parked::list::list_parked)
        .service(parked::list::list_all_parked)
        .service(parked::read::read_parked)
        .service(parked::read::read_any_parked)
        .service(parked::replay::replay_parked)
        .service(parked::replay::replay_one_parked)
        .service(parked::replay::replay_any_parked)
        .service(parked::replay::replay_any_one_parked)
        .service(parked::drop::drop_parked)
        .service(parked::drop::drop_one_parked)
        .service(parked::drop::drop_any_parked)
        .service(parked::drop::drop_any_one_parked)
        .service(conversations::search::search_messages)
        .service(contacts::list::list_contacts)
        .service(contacts::picture::contact_picture)
        .service(contacts::edits::list_contact_edits)
        .service(contacts::update::update_contact)
        .service(live::events::events)
        .service(operations::read_health::read_health)
        .service(sync::sync_all::sync_all_pages)
        .service(sync::sync_all::full_sync_all_pages);
}
