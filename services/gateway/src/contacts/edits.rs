//! `GET /api/contacts/{id}/edits`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::{ContactId, UserId};
use pagekeeper_runtime::http::Query;
use pagekeeper_store::{AccountTx, StoreError, contacts};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};
use crate::extract::paging::Paging;

/// A contact's edits, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactEditList {
    data: Vec<ContactEdit>,
    /// Leads to older ones; null at the end.
    next_cursor: Option<String>,
}

/// Somebody's edit of a contact.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactEdit {
    #[schema(example = 88)]
    id: i64,
    at: DateTime<Utc>,
    #[schema(example = 5)]
    user_id: Option<i64>,
    /// Null once the person left the account.
    #[schema(example = "Linh Trần")]
    user_name: Option<String>,
    /// Each field's value before and after.
    #[schema(value_type = Object, example = json!({"email": {"old": null, "new": "freja@example.dk"}}))]
    changes: Value,
}

/// List a contact's edits
///
/// Who changed what: whatever somebody wrote over is still here.
#[utoipa::path(tag = "Inbox", params(("id" = i64, Path, description = "The contact", example = 4711), Paging),
    responses((status = 200, description = "Edits, newest first", body = ContactEditList)))]
#[get("/api/contacts/{id}/edits")]
pub(crate) async fn list_contact_edits(
    scope: Authorised<ReadInbox>,
    path: web::Path<i64>,
    paging: Query<Paging>,
) -> Answer<web::Json<ContactEditList>> {
    let (id, limit, cursor) = (ContactId::new(path.into_inner()), paging.limit.get(), paging.cursor()?);
    let mut rows = scope
        .run(async move |tx: &mut AccountTx| {
            let rows = contacts::list_edits(tx, id, cursor, limit + 1).await?;
            if rows.is_empty() {
                contacts::find(tx, id).await?.ok_or(StoreError::NotFound)?;
            }
            Ok(rows)
        })
        .await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.cursor().encode());
    Ok(web::Json(ContactEditList { data: rows.into_iter().map(ContactEdit::from).collect(), next_cursor }))
}

impl From<contacts::ContactEdit> for ContactEdit {
    fn from(row: contacts::ContactEdit) -> Self {
        Self {
            id: row.id,
            at: row.at,
            user_id: row.user_id.map(UserId::get),
            user_name: row.user_name,
            changes: row.changes,
        }
    }
}
