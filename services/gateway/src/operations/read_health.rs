//! `GET /api/health`

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::health::{SystemHealth, SystemStatus};
use crate::extract::api_error::Answer;
use crate::state::State;

/// Is the system well?
///
/// Open to all, and tells totals only. Any warning makes it `degraded`; a database or broker that is away makes it
/// `unhealthy`, with status 503.
#[utoipa::path(tag = "Operations", responses(
    (status = 200, description = "Healthy, or degraded", body = SystemHealth),
    (status = 503, description = "Unhealthy", body = SystemHealth),
))]
#[get("/api/health")]
pub(crate) async fn read_health(request: HttpRequest, state: web::Data<State>) -> Answer<HttpResponse> {
    state.doors.health.pass(&request)?;
    let health = state.health.get(&state).await;
    Ok(match health.status {
        SystemStatus::Unhealthy => HttpResponse::ServiceUnavailable().json(health),
        SystemStatus::Healthy | SystemStatus::Degraded => HttpResponse::Ok().json(health),
    })
}
