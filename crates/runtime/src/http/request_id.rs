//! The id of a request: taken from `x-request-id` where a proxy in front gave a sane one, else made here; answered in
//! the same header, in each problem, and in the span around the work.

use std::fmt;
use std::rc::Rc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use metrics::{counter, histogram};
use uuid::Uuid;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST: usize = 64;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// At most 64 characters of `A-Z a-z 0-9 . _ -`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Rc<str>);

impl RequestId {
    fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(|id| is_sane(id));
        given.map_or_else(|| Self(Uuid::now_v7().to_string().into()), |id| Self(id.into()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of the request that the current task handles.
pub fn current() -> Option<RequestId> {
    CURRENT.try_with(Clone::clone).ok()
}

fn is_sane(id: &str) -> bool {
    (1..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// What the layers inside need to know of a request; stands in its extensions.
#[derive(Clone)]
pub(super) struct RequestContext {
    pub(super) id: RequestId,
    /// The route's pattern, never the path: a path may hold what a caller made up.
    pub(super) route: Rc<str>,
    /// Whether the caller's `traceparent` is believed.
    pub(super) continues_trace: bool,
}

/// The outermost layer: gives the request its id and counts it.
pub(super) async fn identify<B: MessageBody>(
    accept_traceparent: bool,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let route: Rc<str> = request.match_pattern().as_deref().unwrap_or("unmatched").into();
    let method = method_label(request.method());
    let context = RequestContext { id: id.clone(), route: Rc::clone(&route), continues_trace: accept_traceparent };
    request.extensions_mut().insert(context);

    let mut outcome = CURRENT.scope(id.clone(), next.call(request)).await;
    let status = match &mut outcome {
        Ok(response) => {
            if let Ok(value) = HeaderValue::from_str(&id.0) {
                response.headers_mut().insert(HEADER, value);
            }
            response.status()
        }
        Err(error) => error.as_response_error().status_code(),
    };
    let route = route.to_string();
    counter!("pagekeeper_http_requests_total", "method" => method, "route" => route.clone(), "status" => status.as_u16().to_string())
        .increment(1);
    histogram!("pagekeeper_http_request_duration_seconds", "route" => route).record(started.elapsed());
    outcome
}

/// A method is whatever the caller writes; a label must come from a short list.
pub(super) fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
