//! `GET /api/contacts`

use actix_web::{get, web};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::AccountTx;
use pagekeeper_store::contacts::{self, ContactSearch};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::views::ContactLine;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};
use crate::extract::paging::{PageLimit, page_limit, parse_cursor};
use crate::state::State;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactsQuery {
    /// Parts of the name, the e-mail address or the telephone number, without regard to accents and capitals; at most
    /// 200 characters. Each word must be found.
    #[serde(default, deserialize_with = "crate::extract::paging::search_text")]
    #[param(value_type = Option<String>, max_length = 200, example = "nguyen lan")]
    q: Option<String>,
    /// Only of this connection.
    #[serde(default, deserialize_with = "crate::extract::paging::number")]
    #[param(value_type = Option<i64>, example = 7)]
    connection_id: Option<i64>,
    /// Only those with this tag.
    #[serde(default, deserialize_with = "crate::extract::paging::search_text")]
    #[param(value_type = Option<String>, max_length = 200, example = "vegan")]
    tag: Option<String>,
    /// Entries in one answer.
    #[serde(default, deserialize_with = "page_limit")]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: PageLimit,
    /// `next_cursor` of the answer before.
    cursor: Option<String>,
}

/// A page of contacts, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactList {
    data: Vec<ContactLine>,
    /// Leads to older ones; null at the end.
    next_cursor: Option<String>,
}

/// List or search contacts
///
/// The newest first. A new contact is found within seconds, and by what people wrote of it at once.
#[utoipa::path(tag = "Inbox", params(ContactsQuery),
    responses((status = 200, description = "Contacts", body = ContactList)))]
#[get("/api/contacts")]
pub(crate) async fn list_contacts(
    scope: Authorised<ReadInbox>,
    state: web::Data<State>,
    query: Query<ContactsQuery>,
) -> Answer<web::Json<ContactList>> {
    let Query(query) = query;
    let limit = query.limit.get();
    let search = ContactSearch {
        words: query.q,
        connection_id: query.connection_id.map(ConnectionId::new),
        tag: query.tag,
        after: parse_cursor(query.cursor.as_deref())?,
        limit: limit + 1,
    };
    let mut rows = scope
        .run(async |tx: &mut AccountTx| {
            let rows = contacts::search(tx, &search).await?;
            let unseen = rows.iter().filter(|row| row.wants_picture).map(|row| row.id);
            contacts::want_pictures(tx, &unseen.collect::<Vec<_>>()).await?;
            Ok(rows)
        })
        .await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.cursor().encode());
    let briefs = state.briefs.get(&scope, rows.iter().map(|row| row.connection_id)).await?;
    Ok(web::Json(ContactList {
        data: rows.into_iter().map(|row| ContactLine::new(row, &briefs)).collect(),
        next_cursor,
    }))
}
