//! Refusals of the control API: `{"error":"…"}`.

use actix_web::error::JsonPayloadError;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde_json::json;

/// What a control route answers.
pub(super) type Controlled = Result<HttpResponse, ControlError>;

#[derive(Debug, thiserror::Error)]
pub(super) enum ControlError {
    #[error("{0}")]
    NotFound(&'static str),
    #[error("{0}")]
    Invalid(String),
}

impl ResponseError for ControlError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(json!({ "error": self.to_string() }))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is actix's")]
pub(crate) fn refuse_json(error: JsonPayloadError, _request: &HttpRequest) -> actix_web::Error {
    ControlError::Invalid(error.to_string()).into()
}

pub(super) fn ok(value: &impl serde::Serialize) -> Controlled {
    let body = serde_json::to_vec(value).map_err(|error| ControlError::Invalid(error.to_string()))?;
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}

pub(super) fn done() -> Controlled {
    ok(&json!({ "ok": true }))
}
