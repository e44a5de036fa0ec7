//! `GET /api/parked`, `GET /api/operations/parked`

use actix_web::{get, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pagekeeper_runtime::http::Query;
use pagekeeper_runtime::problem::Problem;
use serde::Deserialize;
use utoipa::IntoParams;

use super::filter::{Filter, FilterTexts};
use super::found::{Found, Place};
use super::id::{QUARANTINE, short_name};
use super::search::search;
use super::viewer::Viewer;
use super::views::ParkedList;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageConnections};
use crate::extract::operator::Operator;
use crate::extract::paging::{PageLimit, page_limit};
use crate::state::State;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParkedQuery {
    /// Only of this queue, or `quarantine`.
    #[param(example = "webhooks")]
    queue: Option<String>,
    /// Only of this Page: its connection's id, or its id at Facebook.
    #[param(example = "7")]
    page: Option<String>,
    /// Only where the reason holds this text.
    reason: Option<String>,
    /// Only those that were parked so long ago: `90s`, `30m`, `2h`, `7d`.
    #[param(example = "2h")]
    older_than: Option<String>,
    /// Entries in one answer.
    #[serde(default, deserialize_with = "page_limit")]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: PageLimit,
    /// `next_cursor` of the answer before.
    cursor: Option<String>,
}

/// List parked messages
///
/// What no further try could help, with the reason, the longest parked first: messages of the account's own Pages, and
/// its own commands.
#[utoipa::path(tag = "Parked", params(ParkedQuery),
    responses((status = 200, description = "Parked messages", body = ParkedList)))]
#[get("/api/parked")]
pub(crate) async fn list_parked(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    query: Query<ParkedQuery>,
) -> Answer<web::Json<ParkedList>> {
    list(&state, &Viewer::of_account(&scope).await?, &query).await
}

/// List all parked messages
///
/// Of every account, and of none: what cannot be read, and what is of a Page that nobody has connected. Needs
/// `Authorization: Bearer` with the cron secret.
#[utoipa::path(tag = "Operations", params(ParkedQuery), responses(
    (status = 200, description = "Parked messages", body = ParkedList),
    (status = 401, description = "The secret is missing or wrong"),
))]
#[get("/api/operations/parked")]
pub(crate) async fn list_all_parked(
    _: Operator,
    state: web::Data<State>,
    query: Query<ParkedQuery>,
) -> Answer<web::Json<ParkedList>> {
    list(&state, &Viewer::Operator(&state), &query).await
}

async fn list(state: &State, viewer: &Viewer<'_>, query: &ParkedQuery) -> Answer<web::Json<ParkedList>> {
    let texts = FilterTexts {
        queue: query.queue.as_deref(),
        page: query.page.as_deref(),
        reason: query.reason.as_deref(),
        older_than: query.older_than.as_deref(),
    };
    let queues = state.parked.home_queues();
    let names: Vec<&str> = queues.iter().map(|queue| short_name(queue)).collect();
    let filter = Filter::parse(texts, &names, state.now())
        .map_err(|invalid| Problem::bad_request(invalid.to_string()).with_field(invalid.field))?;
    let after = query.cursor.as_deref().map(parse_cursor).transpose()?;

    let limit = query.limit.get() as usize;
    let (search, has_more) = search(state, viewer, &filter, after.as_ref(), limit, &queues).await?;
    let mut totals = search.totals;
    totals.insert(QUARANTINE.to_owned(), viewer.count_quarantined().await?);
    let next_cursor = search.found.last().filter(|_| has_more).map(cursor_of);
    Ok(web::Json(ParkedList {
        data: search.found.into_iter().map(Into::into).collect(),
        next_cursor,
        totals,
        complete: search.is_complete,
    }))
}

fn cursor_of(found: &Found) -> String {
    let (micros, id) = found.place();
    URL_SAFE_NO_PAD.encode(format!("{micros} {id}"))
}

/// 400 for what no answer of ours contained.
fn parse_cursor(cursor: &str) -> Result<Place, Problem> {
    let invalid = || Problem::bad_request("cursor is not one that this route gave out").with_field("cursor");
    let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or_else(invalid)?;
    let (micros, id) = text.split_once(' ').ok_or_else(invalid)?;
    match (micros.parse(), id.parse()) {
        (Ok(micros), Ok(id)) => Ok((micros, id)),
        _ => Err(invalid()),
    }
}
