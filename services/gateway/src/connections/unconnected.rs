//! `GET /api/unconnected-pages`

use actix_web::{get, web};
use pagekeeper_common::domain::connection::ConnectionReason;
use pagekeeper_store::{AccountTx, sync_runs};
use serde::Serialize;
use utoipa::ToSchema;

use super::views::reason_schema;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadConnections};
use crate::sync::connect_result::ConnectResult;

#[derive(Serialize, ToSchema)]
pub(crate) struct UnconnectedPageList {
    data: Vec<GrantablePage>,
    next_cursor: Option<String>,
}

/// A Page that somebody manages on Facebook, and that is not connected.
#[derive(Serialize, ToSchema)]
pub(crate) struct GrantablePage {
    #[schema(example = "9988776655")]
    page_id: String,
    #[schema(example = "Cykelhuset Aarhus")]
    name: String,
    /// Pages that are not connected have no stored picture.
    picture_url: Option<String>,
    #[schema(schema_with = reason_schema)]
    reason: ConnectionReason,
    /// Logging in once more, and ticking this Page, may help.
    can_grant: bool,
}

/// List Pages that are not connected
///
/// Those that the last look for Pages found and could not connect, each with the reason.
#[utoipa::path(tag = "Connections", responses((status = 200, description = "The Pages", body = UnconnectedPageList)))]
#[get("/api/unconnected-pages")]
pub(crate) async fn list_unconnected_pages(
    scope: Authorised<ReadConnections>,
) -> Answer<web::Json<UnconnectedPageList>> {
    let run = scope.run(async move |tx: &mut AccountTx| Ok(sync_runs::find_last_connect(tx).await?)).await?;
    let result = run.and_then(|run| run.result).map(|result| ConnectResult::parse(&result)).unwrap_or_default();
    let data = result
        .unconnected()
        .map(|page| GrantablePage {
            page_id: page.page_id.clone(),
            name: page.name.clone(),
            picture_url: None,
            reason: page.reason(),
            can_grant: page.reason() != ConnectionReason::ConnectedElsewhere,
        })
        .collect();
    Ok(web::Json(UnconnectedPageList { data, next_cursor: None }))
}
