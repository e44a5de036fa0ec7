//! Whoever runs the system: knows the cron secret, and acts for no account.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use pagekeeper_runtime::problem::Problem;
use pagekeeper_runtime::secret;

use super::api_error::ApiError;
use crate::auth::authenticate::bearer;
use crate::state::State;

/// A caller with the cron secret; else 401. Wrong guesses are counted per address.
pub(crate) struct Operator;

impl FromRequest for Operator {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(check_operator(request).map(|()| Self).map_err(Into::into))
    }
}

/// Refuses whoever does not know the cron secret.
pub(crate) fn check_operator(request: &HttpRequest) -> Result<(), Problem> {
    let state = request.app_data::<web::Data<State>>().ok_or_else(Problem::not_found)?;
    let given = bearer(request)?.ok_or_else(|| Problem::unauthorized("the cron secret is missing"))?;
    if secret::is_equal(&state.config.cron.secret, given) {
        return Ok(());
    }
    state.doors.refused.pass(request)?;
    Err(Problem::unauthorized("the cron secret is wrong"))
}
