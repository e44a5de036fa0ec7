//! The layers around an application, in one call.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::{DefaultHeaders, Next, from_fn};
use actix_web::{App, Error};
use serde::Deserialize;
use tracing_actix_web::TracingLogger;

use super::deadline::limit_body_time;
use super::empty_errors::explain_empty_errors;
use super::encoding::only_identity;
use super::extract;
use super::request_id::identify;
use super::root_span::RequestSpan;

/// The section of a service's public listener, usually `http`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Threads that handle requests; 0 is one per core.
    pub workers: usize,
    /// Largest body in bytes that the extractors read.
    pub body_limit: usize,
    /// Milliseconds in which a body must have arrived.
    pub body_timeout_ms: u64,
    /// Continue the caller's trace. Only behind a proxy that sets the header itself: else anyone chooses our trace ids.
    pub accept_traceparent: bool,
    /// Milliseconds that open requests get to finish when the service stops.
    pub shutdown_timeout_ms: u64,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            workers: 0,
            body_limit: 256 * 1024,
            body_timeout_ms: 10_000,
            accept_traceparent: false,
            shutdown_timeout_ms: 15_000,
        }
    }
}

/// Puts the layers around an application: request id and metrics, base security headers, span, 415 for compressed
/// bodies, time limit on bodies; problem answers for extractors, unknown routes and wrong methods. Call it before or after the
/// routes are registered.
pub fn chassis<T, B>(
    app: App<T>,
    config: &HttpConfig,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<T, B>>,
        Error = Error,
        InitError = (),
    > + use<T, B>,
>
where
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()>
        + 'static,
    B: MessageBody + 'static,
{
    let accept_traceparent = config.accept_traceparent;
    let body_timeout = Duration::from_millis(config.body_timeout_ms);
    let body_limit = config.body_limit;
    app.configure(|services| extract::configure(services, body_limit))
        .wrap(from_fn(move |request: ServiceRequest, next: Next<_>| limit_body_time(body_timeout, request, next)))
        .wrap(from_fn(only_identity))
        .wrap(from_fn(explain_empty_errors))
        .wrap(TracingLogger::<RequestSpan>::new())
        .wrap(security_headers())
        .wrap(from_fn(move |request: ServiceRequest, next: Next<_>| identify(accept_traceparent, request, next)))
}

/// Headers that fit an API; a route that sets one of them itself keeps its own.
fn security_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        .add((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"))
        .add((header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"))
        .add((header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .add((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ))
        .add((header::CACHE_CONTROL, "no-store"))
}
