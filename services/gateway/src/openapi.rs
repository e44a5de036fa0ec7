//! `/openapi.json`: the API's description, made from the code. What all routes have in common is added here, so that
//! no route can forget it.

use actix_web::{HttpResponse, web};
use pagekeeper_runtime::problem::{FieldError, PROBLEM_JSON, ProblemBody};
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{OpenApi, PartialSchema, ToSchema};

/// An example.
const REQUEST_ID: &str = "0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e11";

const SESSION: &str = "session";
const BEARER: &str = "bearer";

/// Routes that ask for neither a session nor a bearer.
const OPEN: [&str; 5] = [
    "/api/health",
    "/auth/facebook/login",
    "/auth/facebook/callback",
    "/api/cron/sync-all-pages",
    "/api/cron/full-sync-all-pages",
];

/// Routes below it ask for the cron secret.
const OPERATIONS: &str = "/api/operations/";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Pagekeeper",
        description = "Connects Facebook Pages and keeps them connected, in sync and answered.\n\n\
            Programs send `Authorization: Bearer` with an API key (made in the console under Settings) or a \
            short-lived token. Browsers use the session's cookie and send `X-Pagekeeper-Csrf: 1` with everything \
            that changes something.\n\n\
            Lists are paged: `?limit=&cursor=` gives `{\"data\":[…],\"next_cursor\":…}`. Errors are \
            `application/problem+json`. An id of another account is 404.",
        license(name = "AGPL-3.0-only", identifier = "AGPL-3.0-only"),
    ),
    tags(
        (name = "Login", description = "Sessions and tokens"),
        (name = "Account", description = "The account's settings"),
        (name = "API keys", description = "Keys for programs"),
        (name = "Connections", description = "Connected Pages"),
        (name = "Sync", description = "Work on Facebook"),
        (name = "Parked", description = "Messages that no further try could help"),
        (name = "Inbox", description = "Conversations, messages, contacts"),
        (name = "Posts", description = "Posts and their comments"),
        (name = "Live", description = "What changes, as it changes"),
        (name = "Operations", description = "Health and schedules"),
    ),
)]
pub(crate) struct Description;

/// Adds what is common to the routes: credentials, and the ways in which each can be refused.
pub(crate) fn complete(mut api: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let components = api.components.get_or_insert_default();
    components.schemas.insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    components.schemas.insert(FieldError::name().into_owned(), FieldError::schema());
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(crate::auth::SESSION_COOKIE)));
    components.add_security_scheme(SESSION, cookie);
    let bearer =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An access token or an API key")).build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));

    for (path, item) in &mut api.paths.paths {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            complete_operation(path, operation);
        }
    }
    api
}

fn complete_operation(path: &str, operation: &mut Operation) {
    let mut refusals = vec![(429, "Too many requests", json!({"detail": "too many requests", "retry_after": 12}))];
    if path.starts_with("/api") {
        refusals.push((
            503,
            "The database or the broker is away",
            json!({"detail": "the database is away or busy; try again", "retry_after": 5}),
        ));
    }
    if !OPEN.contains(&path) && !path.starts_with(OPERATIONS) {
        operation.security = Some(vec![
            SecurityRequirement::new::<_, [&str; 0], &str>(SESSION, []),
            SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, []),
        ]);
        refusals.push((401, "No credentials, or wrong ones", json!({"detail": "sign in first"})));
        refusals.push((
            403,
            "The role or the key does not allow it",
            json!({"detail": "your role in this account does not allow it"}),
        ));
    }
    if path.contains('{') {
        refusals.push((404, "Nothing of this account has the id", json!({"detail": "there is nothing here"})));
    }
    if has_query(operation) {
        refusals.push((
            400,
            "A parameter does not fit",
            json!({"detail": "limit must be a number from 1 to 100", "field": "limit"}),
        ));
    }
    if operation.request_body.is_some() {
        refusals.push((400, "The body is not JSON", json!({"detail": "the body is not JSON"})));
        refusals.push((413, "The body is too large", json!({"detail": "the body is larger than 262144 bytes"})));
        refusals.push((
            415,
            "The body is not application/json",
            json!({"detail": "the body must be application/json"}),
        ));
        refusals.push((422, "A field does not fit", json!({"detail": "must not be empty", "field": "name"})));
    }
    for (status, description, example) in refusals {
        let response = || RefOr::T(problem_response(status, description, example));
        operation.responses.responses.entry(status.to_string()).or_insert_with(response);
    }
    fill_bodies(operation);
}

/// A route that names a refusal of its own says why; the shape of the body is the same for all.
fn fill_bodies(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let status = status.parse().unwrap_or_default();
        if (400..500).contains(&status) && !response.content.contains_key(PROBLEM_JSON) {
            *response = problem_response(status, &response.description, json!({"detail": response.description}));
        }
    }
}

fn has_query(operation: &Operation) -> bool {
    let parameters = operation.parameters.iter().flatten();
    parameters.into_iter().any(|one| matches!(one, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query))
}

fn problem_response(status: u16, description: &str, example: Value) -> Response {
    let title = actix_web::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut body = json!({"type": "about:blank", "title": title, "status": status, "request_id": REQUEST_ID});
    if let (Some(body), Value::Object(example)) = (body.as_object_mut(), example) {
        body.extend(example);
    }
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemBody::name()))).example(Some(body)).build();
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build()
}

/// The description as it is served.
#[derive(Clone)]
pub(crate) struct OpenApiJson(pub(crate) web::Bytes);

pub(crate) async fn serve(json: web::Data<OpenApiJson>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("cache-control", "no-cache"))
        .body(json.0.clone())
}
