//! The operations port of a service: `/livez`, `/readyz`, `/metrics`. Not for the public.

use std::net::SocketAddr;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{App, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::health::Health;
use crate::http::server::BindError;
use crate::http::{BoundServer, HttpConfig, bind};
use crate::metrics::Metrics;

/// The section `operations`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OperationsConfig {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
}

impl Default for OperationsConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 0)) }
    }
}

/// Answers probes and metrics until `stop`; comes back at once with the address. Probes are answered while the
/// service itself still waits for what it needs, and while it drains.
pub fn serve_operations(
    config: &OperationsConfig,
    health: Health,
    metrics: Metrics,
    stop: CancellationToken,
) -> Result<SocketAddr, BindError> {
    let http = HttpConfig { listen: config.listen, workers: 1, shutdown_timeout_ms: 1_000, ..HttpConfig::default() };
    let server: BoundServer = bind(&http, move || {
        App::new()
            .app_data(web::Data::new(health.clone()))
            .app_data(web::Data::new(metrics.clone()))
            .route("/livez", web::get().to(livez))
            .route("/readyz", web::get().to(readyz))
            .route("/metrics", web::get().to(render_metrics))
    })?;
    let address = server.address();
    tokio::spawn(async move {
        if let Err(error) = server.run_until(stop.clone(), stop).await {
            tracing::error!(area = "operations", %error, "the operations port failed");
        }
    });
    Ok(address)
}

/// The process answers: all that a restart could mend.
async fn livez() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({ "alive": true }))
}

async fn readyz(health: web::Data<Health>) -> HttpResponse {
    let report = health.report().await;
    let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")).json(report)
}

async fn render_metrics(metrics: web::Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")).body(metrics.render())
}
