//! The HTTP server: which part answers which path, and what faults do to an answer on its way.

use std::any::Any;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Extensions, Server};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Bytes, Data, Payload};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use futures_util::stream;

use crate::api::error::GraphError;
use crate::api::request::{GraphRequest, Method, Params, split_path};
use crate::api::response::GraphResponse;
use crate::api::{self, Answer, subscriptions, versions};
use crate::faults::FaultEffect;
use crate::oauth::dialog;
use crate::parameters::{self, BodyRefused};
use crate::simulator::Simulator;
use crate::world::draw::Draw;
use crate::{control, files, instagram_login, pages, pictures, uploads};

/// A second handle on the connection, for faults that reset it.
struct Connection(std::net::TcpStream);

pub(crate) fn serve(sim: &Arc<Simulator>, listener: TcpListener) -> std::io::Result<Server> {
    let data = Data::from(sim.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(web::JsonConfig::default().limit(16 << 20).error_handler(control::refuse_json))
            .service(web::scope("/_sim").configure(control::routes))
            .service(web::scope("/_cdn").configure(pictures::routes))
            .configure(pages::routes)
            .configure(instagram_login::routes)
            .default_service(web::to(facebook))
    })
    .workers(sim.config.workers.max(1))
    .on_connect(remember_connection)
    .disable_signals()
    .shutdown_timeout(1)
    .keep_alive(Duration::from_secs(75))
    .listen(listener)?
    .run();
    Ok(server)
}

fn remember_connection(connection: &dyn Any, extensions: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
    if let Ok(handle) = stream.as_fd().try_clone_to_owned() {
        extensions.insert(Connection(handle.into()));
    }
}

/// facebook.com and graph.facebook.com.
async fn facebook(http: HttpRequest, payload: Payload, sim: Data<Simulator>) -> HttpResponse {
    if uploads::is_upload(http.path()) {
        return uploads::answer(&sim, &http, payload).await;
    }
    let (version, path) = split_path(http.path());
    let params = match parameters::read(&http, payload).await {
        Ok(params) => params,
        Err(refused) => return refuse_body(&sim, refused),
    };
    let base_url = base_url(&sim, &http);
    let method = overridden(Method::parse(http.method().as_str()), &params);
    let mut request =
        GraphRequest { method, version, path, params, bearer: parameters::bearer(&http), base_url, handshake: None };
    if let ["dialog", "oauth"] = *request.path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        return dialog::answer(&sim, &request);
    }
    request.handshake = subscriptions::handshake(&sim, &request).await;
    let Answer { response, fault } = api::answer(&sim, &request, false);
    files::fetch_soon(&sim, &request, &response);
    wait(&sim, fault.as_ref()).await;
    send(response, fault, &http).await
}

/// What addresses in answers start with.
pub(crate) fn base_url(sim: &Simulator, http: &HttpRequest) -> String {
    match &sim.config.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", http.connection_info().host()),
    }
}

/// `method=delete` in a POST, for clients that can send nothing else.
fn overridden(method: Method, params: &Params) -> Method {
    match params.get("method") {
        Some(named) if method == Method::Post => Method::parse(named),
        _ => method,
    }
}

fn refuse_body(sim: &Simulator, refused: BodyRefused) -> HttpResponse {
    let error = match refused {
        BodyRefused::TooLarge => GraphError::body_too_large(),
        BodyRefused::Broken => GraphError::parameter("The request's body cannot be read."),
    };
    into_http(GraphResponse::failed(sim, error, versions::NEWEST))
}

async fn wait(sim: &Simulator, fault: Option<&FaultEffect>) {
    let latency = *sim.latency.lock();
    let jitter = match latency.jitter_ms {
        0 => 0,
        jitter_ms => Draw::seeded(0).named(&sim.trace_id()).below(jitter_ms + 1),
    };
    let on_demand = if let Some(FaultEffect::LatencyMs(ms)) = fault { *ms } else { 0 };
    let total = latency.ms + jitter + on_demand;
    if total > 0 {
        tokio::time::sleep(Duration::from_millis(total)).await;
    }
}

async fn send(response: GraphResponse, fault: Option<FaultEffect>, http: &HttpRequest) -> HttpResponse {
    /// Nobody waits longer.
    const HANG: Duration = Duration::from_hours(1);
    match fault {
        Some(FaultEffect::Hang) => {
            tokio::time::sleep(HANG).await;
            HttpResponse::GatewayTimeout().finish()
        }
        Some(FaultEffect::Html) => HttpResponse::BadGateway()
            .content_type("text/html; charset=utf-8")
            .body("<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body></html>"),
        Some(FaultEffect::Empty) => HttpResponse::Ok().finish(),
        Some(FaultEffect::ResetBefore | FaultEffect::ResetAfter) => reset(http),
        Some(FaultEffect::Truncate) => truncated(&response),
        _ => into_http(response),
    }
}

fn into_http(response: GraphResponse) -> HttpResponse {
    let mut builder = HttpResponse::build(StatusCode::from_u16(response.status).unwrap_or(StatusCode::BAD_REQUEST));
    for (name, value) in &response.headers {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            builder.insert_header((HeaderName::from_static(name), value));
        }
    }
    builder.body(response.body)
}

/// The client sees the connection end without an answer.
fn reset(http: &HttpRequest) -> HttpResponse {
    if let Some(Connection(stream)) = http.conn_data::<Connection>() {
        // An error means that the client has gone already.
        let _gone = stream.shutdown(std::net::Shutdown::Both);
    }
    HttpResponse::BadGateway().finish()
}

/// The header promises the whole body; half of it comes.
fn truncated(response: &GraphResponse) -> HttpResponse {
    let half = Bytes::copy_from_slice(response.body.get(..response.body.len() / 2).unwrap_or_default());
    let length = u64::try_from(response.body.len()).unwrap_or(0);
    let parts = [Ok(half), Err(std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "cut on demand"))];
    HttpResponse::Ok()
        .content_type("application/json; charset=UTF-8")
        .no_chunking(length)
        .streaming(stream::iter(parts))
}
