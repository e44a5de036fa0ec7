//! `GET /api/connections/{id}`

use actix_web::{get, web};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_store::{AccountTx, StoreError, connections};

use super::views::Connection;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadConnections};

/// Read a connection
#[utoipa::path(tag = "Connections", params(("id" = i64, Path, description = "The connection", example = 7)),
    responses((status = 200, description = "The connection", body = Connection)))]
#[get("/api/connections/{id}")]
pub(crate) async fn read_connection(
    scope: Authorised<ReadConnections>,
    path: web::Path<i64>,
) -> Answer<web::Json<Connection>> {
    let id = ConnectionId::new(path.into_inner());
    scope.run(async move |tx: &mut AccountTx| read(tx, id).await).await.map(web::Json)
}

/// 404 where the account has no such connection.
pub(crate) async fn read(tx: &mut AccountTx, id: ConnectionId) -> Answer<Connection> {
    let overview = connections::list_overviews(tx, Some(id)).await?.pop();
    Ok(overview.ok_or(StoreError::NotFound)?.into())
}
