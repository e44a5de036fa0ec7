//! `GET /api/facebook/pages/{page_id}/sync-status`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_store::{AccountTx, StoreError, connections, sync_runs};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadConnections};

#[derive(Serialize, ToSchema)]
pub(crate) struct SyncStatus {
    page: StatusPage,
    statistics: Statistics,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct StatusPage {
    #[schema(example = 7)]
    id: i64,
    #[schema(example = "Café Nord")]
    name: String,
    /// `connecting`, `connected`, `reauthorization_required` or `disconnected`.
    #[schema(example = "connected")]
    status: &'static str,
    last_synced_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Statistics {
    #[schema(example = 340)]
    total_conversations: u64,
    #[schema(example = 338)]
    total_contacts: u64,
    #[schema(example = 6120)]
    total_messages: u64,
    #[schema(example = 47)]
    syncs_last_24h: u64,
    /// Seconds between the starts of two syncs; null with fewer than two.
    #[schema(example = 1800.0)]
    average_interval_s: Option<f64>,
}

/// A Page's sync status
#[utoipa::path(tag = "Sync", params(("page_id" = i64, Path, description = "Our id of the connection", example = 7)),
    responses((status = 200, description = "The Page and its figures", body = SyncStatus)))]
#[get("/api/facebook/pages/{page_id}/sync-status")]
pub(crate) async fn sync_status(
    scope: Authorised<ReadConnections>,
    path: web::Path<i64>,
) -> Answer<web::Json<SyncStatus>> {
    let id = ConnectionId::new(path.into_inner());
    let (page, figures) = scope
        .run(async move |tx: &mut AccountTx| {
            let page = connections::find(tx, id).await?.ok_or(StoreError::NotFound)?;
            Ok((page, sync_runs::statistics(tx, id).await?))
        })
        .await?;
    Ok(web::Json(SyncStatus {
        page: StatusPage {
            id: page.id.get(),
            name: page.name,
            status: page.state.as_str(),
            last_synced_at: page.last_synced_at,
        },
        statistics: Statistics {
            total_conversations: figures.total_conversations,
            total_contacts: figures.total_contacts,
            total_messages: figures.total_messages,
            syncs_last_24h: figures.syncs_last_24h,
            average_interval_s: figures.average_interval_s,
        },
    }))
}
