//! Extractors whose refusals are problems that name the field at fault.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::{JsonPayloadError, PathError, QueryPayloadError, UrlencodedError};
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{self, FormConfig, JsonConfig, PathConfig, QueryConfig, ServiceConfig};
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::body::{BodyError, read_body};
use crate::problem::Problem;

/// An explanation of serde's that quotes a huge value is cut.
const LONGEST_DETAIL: usize = 300;

/// How large a body the extractors of a route read; a scope may carry its own as `app_data`.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

const DEFAULT_BODY_LIMIT: BodyLimit = BodyLimit(256 * 1024);

/// The time limit of the chassis is shorter; this one only holds where an application does without the chassis.
const BODY_TIME_LIMIT: Duration = Duration::from_secs(30);

/// A JSON body. 415 for another content type, 413 and 408 for one too large or too slow, 400 for what is not JSON,
/// 422 with the path of the field for JSON of another shape.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// The query string; 400 with the name of the parameter at fault.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = matches!(request.mime_type(), Ok(Some(mime)) if mime.essence_str() == "application/json");
        if !is_json {
            return ready(Err(Problem::unsupported_media_type("the body must be application/json"))).boxed_local();
        }
        let BodyLimit(limit) = request.app_data().copied().unwrap_or(DEFAULT_BODY_LIMIT);
        if declared_length(request).is_some_and(|length| length > limit) {
            return ready(Err(Problem::payload_too_large(limit))).boxed_local();
        }
        let payload = payload.take();
        async move {
            let body = read_body(payload, limit, BODY_TIME_LIMIT).await?;
            from_json(&body).map(Self)
        }
        .boxed_local()
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(request.query_string().as_bytes()));
        let parsed = serde_path_to_error::deserialize(pairs);
        ready(parsed.map(Self).map_err(|error| {
            let field = field_of(error.path(), &error.inner().to_string());
            let problem = Problem::bad_request(cut(&error.inner().to_string()));
            field.into_iter().fold(problem, Problem::with_field)
        }))
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Decodes a body that is already read, as [`Json`] does.
pub fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let inner = error.inner();
        let detail = inner.to_string();
        if !inner.is_data() {
            return Problem::bad_request(format!("the body is not JSON: {}", cut(&detail)));
        }
        let detail = cut(detail.rsplit_once(" at line ").map_or(detail.as_str(), |(reason, _)| reason));
        match field_of(error.path(), &detail) {
            Some(field) => Problem::unprocessable(field, detail),
            None => Problem::new(actix_web::http::StatusCode::UNPROCESSABLE_ENTITY, detail),
        }
    })?;
    deserializer.end().map_err(|_more| Problem::bad_request("the body has more after its JSON"))?;
    Ok(value)
}

/// Problem answers for actix's own extractors and for unknown routes.
pub(super) fn configure(services: &mut ServiceConfig, body_limit: usize) {
    services
        .app_data(BodyLimit(body_limit))
        .app_data(web::PayloadConfig::new(body_limit))
        .app_data(PathConfig::default().error_handler(|error, _| path_problem(&error).into()))
        .app_data(QueryConfig::default().error_handler(|error, _| query_problem(&error).into()))
        .app_data(
            JsonConfig::default().limit(body_limit).error_handler(move |error, _| json_problem(error, body_limit)),
        )
        .app_data(
            FormConfig::default().limit(body_limit).error_handler(move |error, _| form_problem(error, body_limit)),
        )
        .default_service(web::to(async || Err::<String, _>(Problem::not_found())));
}

/// A path that does not fit its route, such as a word in place of an id, is a path to nothing.
fn path_problem(_: &PathError) -> Problem {
    Problem::not_found()
}

fn query_problem(error: &QueryPayloadError) -> Problem {
    Problem::bad_request(cut(&error.to_string()))
}

fn json_problem(error: JsonPayloadError, limit: usize) -> Error {
    match error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => {
            Problem::payload_too_large(limit)
        }
        JsonPayloadError::ContentType => Problem::unsupported_media_type("the body must be application/json"),
        JsonPayloadError::Payload(error) => BodyError::from_payload(error, limit).into(),
        JsonPayloadError::Deserialize(error) if error.is_data() => {
            Problem::new(actix_web::http::StatusCode::UNPROCESSABLE_ENTITY, cut(&error.to_string()))
        }
        error => Problem::bad_request(cut(&error.to_string())),
    }
    .into()
}

fn form_problem(error: UrlencodedError, limit: usize) -> Error {
    match error {
        UrlencodedError::Overflow { .. } => Problem::payload_too_large(limit),
        UrlencodedError::ContentType => {
            Problem::unsupported_media_type("the body must be application/x-www-form-urlencoded")
        }
        UrlencodedError::Payload(error) => BodyError::from_payload(error, limit).into(),
        error => Problem::bad_request(cut(&error.to_string())),
    }
    .into()
}

/// The path serde was at; for a field that is missing or unknown, which has no path of its own, its name from the text.
fn field_of(path: &serde_path_to_error::Path, detail: &str) -> Option<String> {
    let parent = path.to_string();
    let named = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|start| detail.strip_prefix(start)?.split_once('`').map(|(name, _)| cut(name)));
    match (parent.as_str(), named) {
        (".", None) => None,
        (".", Some(name)) => Some(name),
        (parent, Some(name)) if !parent.ends_with(&name) => Some(format!("{parent}.{name}")),
        (parent, _) => Some(cut(parent)),
    }
}

fn declared_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_DETAIL) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
