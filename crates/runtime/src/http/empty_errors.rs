//! A body for refusals that come without one: actix answers a wrong method, among others, with a bare status.

use actix_web::Error;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::middleware::Next;

use crate::problem::{PROBLEM_JSON, Problem};

pub(super) async fn explain_empty_errors<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let response = next.call(request).await?;
    let status = response.status();
    let is_bare =
        (status.is_client_error() || status.is_server_error()) && !response.headers().contains_key(CONTENT_TYPE);
    if !is_bare {
        return Ok(response.map_into_left_body());
    }
    let problem = Problem::new(status, explanation(status));
    Ok(response.map_body(|head, _| {
        head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        EitherBody::right(BoxBody::new(problem.to_json()))
    }))
}

fn explanation(status: StatusCode) -> &'static str {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => "this route does not take this method",
        status => status.canonical_reason().unwrap_or("refused"),
    }
}
