//! `GET /api/connections/{id}/picture`

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::AccountTx;
use pagekeeper_store::connections::{self, Picture};

use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadConnections};

/// What a stored picture may be; anything else could be a page with scripts.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// A Page's picture
///
/// Our own copy; Facebook's addresses expire.
#[utoipa::path(tag = "Connections", params(("id" = i64, Path, description = "The connection", example = 7)),
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/jpeg")))]
#[get("/api/connections/{id}/picture")]
pub(crate) async fn connection_picture(
    scope: Authorised<ReadConnections>,
    path: web::Path<i64>,
) -> Answer<HttpResponse> {
    let id = ConnectionId::new(path.into_inner());
    let picture = scope.run(async move |tx: &mut AccountTx| Ok(connections::find_picture(tx, id).await?)).await?;
    answer(picture)
}

/// A stored picture as an answer; 404 without one.
pub(crate) fn answer(picture: Option<Picture>) -> Answer<HttpResponse> {
    let picture =
        picture.filter(|picture| PICTURES.contains(&picture.media_type.as_str())).ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, picture.media_type))
        .insert_header((CACHE_CONTROL, "private, max-age=3600"))
        .body(picture.bytes))
}
