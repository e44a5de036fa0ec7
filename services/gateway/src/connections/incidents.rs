//! `GET /api/connections/{id}/incidents`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use pagekeeper_common::domain::deafness::Deafness;
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_store::{AccountTx, StoreError, connections};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::views::names;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadConnections};

/// The newest first, at most 100.
#[derive(Serialize, ToSchema)]
pub(crate) struct IncidentList {
    data: Vec<Incident>,
}

/// Something happened on a Page, and no webhook told of it. A sync found it and fetched what had been missed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Incident {
    #[schema(example = 3)]
    id: i64,
    /// `unsubscribed`: Facebook no longer sent the Page's events. `silent`: it says that it did.
    #[schema(schema_with = kind_schema)]
    kind: Deafness,
    found_at: DateTime<Utc>,
    /// The last webhook before; null if there never was one.
    heard_at: Option<DateTime<Utc>>,
    /// The newest that had happened unheard.
    happened_at: DateTime<Utc>,
    /// Conversations that had changed meanwhile.
    #[schema(example = 2)]
    conversations: u32,
    /// Messages that were missed, and fetched.
    #[schema(example = 5)]
    messages: u32,
    /// Whether Facebook took the subscription again.
    subscribed_again: bool,
}

/// Webhooks that did not come
///
/// When a connection was not heard although something happened, and what was done about it.
#[utoipa::path(tag = "Connections", params(("id" = i64, Path, description = "The connection", example = 7)),
    responses((status = 200, description = "Incidents", body = IncidentList)))]
#[get("/api/connections/{id}/incidents")]
pub(crate) async fn list_incidents(
    scope: Authorised<ReadConnections>,
    path: web::Path<i64>,
) -> Answer<web::Json<IncidentList>> {
    let id = ConnectionId::new(path.into_inner());
    let incidents = scope
        .run(async move |tx: &mut AccountTx| {
            connections::find(tx, id).await?.ok_or(StoreError::NotFound)?;
            Ok(connections::list_incidents(tx, id).await?)
        })
        .await?;
    Ok(web::Json(IncidentList { data: incidents.into_iter().map(Incident::from).collect() }))
}

impl From<connections::Incident> for Incident {
    fn from(row: connections::Incident) -> Self {
        let connections::Incident {
            id,
            kind,
            found_at,
            heard_at,
            happened_at,
            conversations,
            messages,
            subscribed_again,
        } = row;
        Self { id, kind, found_at, heard_at, happened_at, conversations, messages, subscribed_again }
    }
}

fn kind_schema() -> RefOr<Schema> {
    names(&[Deafness::Unsubscribed.as_str(), Deafness::Silent.as_str()], false)
}
