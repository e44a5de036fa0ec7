//! `GET /api/messages/search`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use pagekeeper_common::domain::folding::words;
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::AccountTx;
use pagekeeper_store::messages::{self, MessageSearch};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::snippet::Snippet;
use super::views::ContactBrief;
use crate::connections::briefs::Briefs;
use crate::connections::views::ConnectionBrief;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};
use crate::extract::paging::{PageLimit, page_limit, parse_cursor};
use crate::state::State;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessagesQuery {
    /// Words that must all be in the message, without regard to accents and capitals; the last one may be unfinished. At
    /// most 200 characters.
    #[serde(default, deserialize_with = "crate::extract::paging::search_text")]
    #[param(value_type = String, required, max_length = 200, example = "giao hang da nang")]
    q: Option<String>,
    /// Only of this connection.
    #[serde(default, deserialize_with = "crate::extract::paging::number")]
    #[param(value_type = Option<i64>, example = 7)]
    connection_id: Option<i64>,
    /// Entries in one answer.
    #[serde(default, deserialize_with = "page_limit")]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: PageLimit,
    /// `next_cursor` of the answer before.
    cursor: Option<String>,
}

/// The messages that were found, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundMessages {
    data: Vec<FoundMessage>,
    /// Leads to older ones; null at the end.
    next_cursor: Option<String>,
}

/// A message that was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundMessage {
    #[schema(example = 990_120)]
    id: i64,
    /// Meta's id.
    #[schema(example = "m_AbCdEf")]
    mid: String,
    /// Written by the Page, not by the customer.
    from_page: bool,
    sent_at: DateTime<Utc>,
    snippet: Snippet,
    conversation: ConversationBrief,
}

/// The conversation that a message stands in.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversationBrief {
    #[schema(example = 120_034)]
    id: i64,
    connection: ConnectionBrief,
    contact: ContactBrief,
}

/// Search messages
///
/// Newest first. A new message is found within seconds.
#[utoipa::path(tag = "Inbox", params(MessagesQuery),
    responses((status = 200, description = "Messages", body = FoundMessages)))]
#[get("/api/messages/search")]
pub(crate) async fn search_messages(
    scope: Authorised<ReadInbox>,
    state: web::Data<State>,
    query: Query<MessagesQuery>,
) -> Answer<web::Json<FoundMessages>> {
    let Query(query) = query;
    let limit = query.limit.get();
    let search = MessageSearch {
        // Nothing asked for is nothing found.
        words: query.q.unwrap_or_default(),
        connection_id: query.connection_id.map(ConnectionId::new),
        after: parse_cursor(query.cursor.as_deref())?,
        limit: limit + 1,
    };
    let mut rows = scope.run(async |tx: &mut AccountTx| Ok(messages::search(tx, &search).await?)).await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.cursor().encode());
    let briefs = state.briefs.get(&scope, rows.iter().map(|row| row.connection_id)).await?;
    let asked = words(&search.words);
    let data = rows.into_iter().map(|row| FoundMessage::new(row, &asked, &briefs)).collect();
    Ok(web::Json(FoundMessages { data, next_cursor }))
}

impl FoundMessage {
    fn new(row: messages::FoundMessage, asked: &[String], briefs: &Briefs) -> Self {
        let connection = briefs.get(&row.connection_id);
        Self {
            id: row.id.get(),
            mid: row.mid.into_string(),
            from_page: row.from_page,
            sent_at: row.sent_at,
            snippet: Snippet::of(row.text.as_deref().unwrap_or_default(), asked),
            conversation: ConversationBrief {
                id: row.conversation_id.get(),
                connection: ConnectionBrief::new(row.connection_id, connection),
                contact: ContactBrief::new(row.contact_id, row.contact_name, row.contact_has_picture),
            },
        }
    }
}
