//! `POST /api/connections/{id}/disconnect`

use actix_web::{post, web};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_contracts::v1::{ConnectionChanged, DisconnectPage};
use pagekeeper_outbox as outbox;
use pagekeeper_store::{AccountTx, connections};
use serde::Serialize;
use utoipa::ToSchema;

use super::read::read;
use super::views::Connection;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageConnections};
use crate::state::State;

#[derive(Serialize, ToSchema)]
pub(crate) struct Disconnected {
    #[schema(example = true)]
    success: bool,
    connection: Connection,
}

/// Disconnect a Page
///
/// It is switched off at once, its tokens are wiped and its subscription at Facebook ends. Its history stays: connecting
/// the Page again goes on where it was.
#[utoipa::path(tag = "Connections", params(("id" = i64, Path, description = "The connection", example = 7)),
    responses((status = 200, description = "The connection, switched off", body = Disconnected)))]
#[post("/api/connections/{id}/disconnect")]
pub(crate) async fn disconnect_connection(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    path: web::Path<i64>,
) -> Answer<web::Json<Disconnected>> {
    let id = ConnectionId::new(path.into_inner());
    let account_id = scope.principal.account.get();
    let connection = scope
        .run(async move |tx: &mut AccountTx| {
            if connections::disconnect(tx, id).await? {
                let command = DisconnectPage { account_id, connection_id: id.get() };
                outbox::enqueue(tx, &command).await?;
            }
            read(tx, id).await
        })
        .await?;
    let user = scope.principal.user;
    tracing::info!(area = "connections", account.id = account_id, connection.id = %id, user.id = %user, "disconnected");
    state.bell.ring();
    state.hints.send(&ConnectionChanged { account_id, connection_id: id.get(), page_id: connection.page_id.clone() });
    Ok(web::Json(Disconnected { success: true, connection }))
}
