//! `GET /api/conversations`

use actix_web::{get, web};
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::conversations::{self, InboxPage, PageStart};
use pagekeeper_store::{AccountTx, contacts};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::views::Conversation;
use crate::connections::briefs::Briefs;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};
use crate::extract::paging::{PageLimit, page_limit, parse_cursor};
use crate::state::State;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct InboxQuery {
    /// Entries in one answer.
    #[serde(default, deserialize_with = "page_limit")]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: PageLimit,
    /// `next_cursor` or `previous_cursor` of an answer before.
    cursor: Option<String>,
    /// From the cursor: `older` (as without it), or `newer`.
    #[serde(default)]
    #[param(inline)]
    direction: Direction,
    /// Only of this connection.
    #[serde(default, deserialize_with = "crate::extract::paging::number")]
    #[param(value_type = Option<i64>, example = 7)]
    connection_id: Option<i64>,
    /// `true`: only unread ones.
    #[serde(default, deserialize_with = "crate::extract::paging::flag")]
    #[param(value_type = Option<bool>)]
    unread: bool,
}

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    #[default]
    Older,
    Newer,
}

/// A page of the inbox, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversationList {
    data: Vec<Conversation>,
    /// Leads to older ones; null at the end.
    next_cursor: Option<String>,
    /// Leads to newer ones, with `direction=newer`.
    previous_cursor: Option<String>,
    /// About how many conversations the account has.
    #[schema(example = 12_000)]
    estimated_total: u64,
}

impl InboxQuery {
    /// One more than asked for: whether there is more after it.
    fn page(&self, cursor: Option<KeysetCursor>) -> InboxPage {
        InboxPage {
            connection_id: self.connection_id.map(ConnectionId::new),
            unread_only: self.unread,
            from: match (cursor, self.direction) {
                (None, _) => PageStart::Newest,
                (Some(cursor), Direction::Older) => PageStart::OlderThan(cursor),
                (Some(cursor), Direction::Newer) => PageStart::NewerThan(cursor),
            },
            limit: self.limit.get() + 1,
        }
    }
}

/// List conversations
///
/// Newest first, in both directions from any place.
#[utoipa::path(tag = "Inbox", params(InboxQuery),
    responses((status = 200, description = "A page of the inbox", body = ConversationList)))]
#[get("/api/conversations")]
pub(crate) async fn list_conversations(
    scope: Authorised<ReadInbox>,
    state: web::Data<State>,
    query: Query<InboxQuery>,
) -> Answer<web::Json<ConversationList>> {
    let page = query.page(parse_cursor(query.cursor.as_deref())?);
    let rows = scope
        .run(async |tx: &mut AccountTx| {
            let rows = conversations::list(tx, &page).await?;
            let unseen = rows.iter().filter(|row| row.contact_wants_picture).map(|row| row.contact_id);
            contacts::want_pictures(tx, &unseen.collect::<Vec<_>>()).await?;
            Ok(rows)
        })
        .await?;
    let briefs = state.briefs.get(&scope, rows.iter().map(|row| row.connection_id)).await?;
    // The estimate lags behind a first sync: never less than what is shown.
    let estimated_total = state.totals.get(&scope).await?.max(rows.len() as u64);
    Ok(web::Json(answer(rows, &briefs, estimated_total, &query)))
}

fn answer(
    mut rows: Vec<conversations::Conversation>,
    briefs: &Briefs,
    estimated_total: u64,
    query: &InboxQuery,
) -> ConversationList {
    let limit = query.limit.get() as usize;
    let has_more = rows.len() > limit;
    let is_newer = matches!(query.direction, Direction::Newer) && query.cursor.is_some();
    if has_more && is_newer {
        // Nearest to the cursor is last.
        rows.remove(0);
    }
    rows.truncate(limit);
    let at = |row: Option<&conversations::Conversation>| row.map(|row| row.cursor().encode());
    // Going up, what came before is older; at the top, the place itself is where newer ones will appear.
    let next_cursor = if has_more || is_newer { at(rows.last()) } else { None };
    let previous_cursor = at(rows.first()).or_else(|| query.cursor.clone());
    ConversationList {
        data: rows.into_iter().map(|row| Conversation::new(row, briefs)).collect(),
        next_cursor,
        previous_cursor,
        estimated_total,
    }
}
