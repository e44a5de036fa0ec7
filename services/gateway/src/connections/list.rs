//! `GET /api/connections`

use actix_web::{get, web};
use pagekeeper_common::domain::connection::ConnectionState;
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::AccountTx;
use pagekeeper_store::connections::{self, ConnectionOverview};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::views::Connection;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadConnections};
use crate::extract::paging::{PageLimit, page_limit, parse_cursor};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectionsQuery {
    /// Entries in one answer.
    #[serde(default, deserialize_with = "page_limit")]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: PageLimit,
    /// `next_cursor` of the answer before.
    cursor: Option<String>,
    /// Only those in this state: `connecting`, `connected`, `reauthorization_required` or `disconnected`.
    #[param(value_type = Option<String>, example = "connected")]
    state: Option<ConnectionState>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ConnectionList {
    data: Vec<Connection>,
    next_cursor: Option<String>,
}

/// List connections
///
/// By name, disconnected ones too.
#[utoipa::path(tag = "Connections", params(ConnectionsQuery),
    responses((status = 200, description = "Connected Pages", body = ConnectionList)))]
#[get("/api/connections")]
pub(crate) async fn list_connections(
    scope: Authorised<ReadConnections>,
    query: Query<ConnectionsQuery>,
) -> Answer<web::Json<ConnectionList>> {
    let cursor = parse_cursor(query.cursor.as_deref())?;
    let all = scope.run(async move |tx: &mut AccountTx| Ok(connections::list_overviews(tx, None).await?)).await?;
    Ok(web::Json(page(all, cursor, &query)))
}

/// An account has few Pages, so they are read whole and cut here; the cursor names the last one that was shown.
fn page(all: Vec<ConnectionOverview>, cursor: Option<KeysetCursor>, query: &ConnectionsQuery) -> ConnectionList {
    let cursor_of = |overview: &ConnectionOverview| KeysetCursor {
        at: overview.connection.created_at,
        id: overview.connection.id.get(),
    };
    let shown_before = |overview: &ConnectionOverview| cursor.is_some_and(|cursor| cursor_of(overview) != cursor);
    let wanted = |overview: &ConnectionOverview| query.state.is_none_or(|state| overview.connection.state == state);
    let skipped = usize::from(cursor.is_some());

    let mut rest: Vec<ConnectionOverview> =
        all.into_iter().skip_while(shown_before).skip(skipped).filter(wanted).collect();
    let limit = query.limit.get() as usize;
    let has_more = rest.len() > limit;
    rest.truncate(limit);
    let next_cursor = rest.last().filter(|_| has_more).map(|last| cursor_of(last).encode());
    ConnectionList { data: rest.into_iter().map(Connection::from).collect(), next_cursor }
}
