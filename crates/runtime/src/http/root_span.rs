//! The span of a request. It names the route, the method and the status, and no path, query, header or address:
//! links and callbacks carry secrets there.

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use opentelemetry::global;
use opentelemetry::propagation::Extractor;
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::RootSpanBuilder;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::request_id::{RequestContext, method_label};

pub(super) struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let context = request.extensions().get::<RequestContext>().cloned();
        let Some(context) = context else { return Span::none() };
        let method = method_label(request.method());
        let span = tracing::info_span!(
            "http.request",
            otel.name = format!("{method} {}", context.route),
            otel.kind = "server",
            http.request.method = method,
            http.route = &*context.route,
            http.response.status_code = Empty,
            otel.status_code = Empty,
            request_id = %context.id,
        );
        if context.continues_trace {
            let parent = global::get_text_map_propagator(|propagator| propagator.extract(&Headers(request.headers())));
            // Fails only where nobody collects spans.
            let _ = span.set_parent(parent);
        }
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, actix_web::Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            span.record("otel.status_code", "ERROR");
        }
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(actix_web::http::header::HeaderName::as_str).collect()
    }
}
