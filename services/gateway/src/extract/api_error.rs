//! What a handler may fail with: a refusal, or the database. The one map from the latter to an answer.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::StoreError;

/// Seconds after which a caller may try again when the database was away.
const RETRY_AFTER: u32 = 5;

/// A problem on its way to the caller, also out of a transaction, which it rolls back.
#[derive(Debug, Clone)]
pub(crate) struct ApiError(Problem);

/// What handlers answer.
pub(crate) type Answer<T> = Result<T, ApiError>;

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            tracing::warn!(%error, "a request could not be answered: the database is away or busy");
            return Self(Problem::unavailable("the database is away or busy; try again", RETRY_AFTER));
        }
        match error {
            StoreError::NotFound => Self(Problem::not_found()),
            error => Self(Problem::internal(&error)),
        }
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        error.0
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.0.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.0.error_response()
    }
}
