//! Compressed bodies are refused before anything reads them: a few kilobytes could unpack to gigabytes.

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::middleware::Next;

use crate::problem::Problem;

pub(super) async fn only_identity<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let plain = request
        .headers()
        .get_all(CONTENT_ENCODING)
        .all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if plain {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    let problem = Problem::unsupported_media_type("only bodies without a content encoding are read");
    Ok(request.error_response(problem).map_into_right_body())
}
