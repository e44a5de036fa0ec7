//! `GET /api/messages/{id}/attachments/{position}`

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RANGE,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, get, web};
use pagekeeper_common::domain::ids::MessageRowId;
use pagekeeper_common::domain::media::MediaUrl;
use pagekeeper_media::{File, NoFile};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::messages::KeptMedia;

use super::copies::copy_of;
use super::fresh::{find, not_given, refresh};
use super::present::{Presented, present, range};
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};
use crate::state::State;

/// A file of a stranger's: nothing in it may run or load anything, even when it is opened by itself.
const POLICY: &str = "sandbox; default-src 'none'";

/// A message's file
///
/// Read from our own copy where there is one (`media.copy`), else fetched from Meta, which keeps it; where its address has
/// expired, Facebook is asked for a fresh one first. Pictures, films
/// and sounds can be shown, everything else is a download. `Range` is passed on.
#[utoipa::path(tag = "Inbox", params(
    ("id" = i64, Path, description = "The message", example = 990_120),
    ("position" = u32, Path, description = "In the message's list of attachments, from 0", example = 0),
), responses(
    (status = 200, description = "The file", body = Vec<u8>, content_type = "image/jpeg"),
    (status = 206, description = "The part that `Range` asks for", body = Vec<u8>, content_type = "video/mp4"),
    (status = 410, description = "Facebook has the file no more"),
    (status = 416, description = "The file has no such part"),
    (status = 502, description = "The file is too large, or its store does not answer"),
    (status = 504, description = "Facebook did not give the file; try again"),
))]
#[get("/api/messages/{id}/attachments/{position}")]
pub(crate) async fn message_attachment(
    scope: Authorised<ReadInbox>,
    state: web::Data<State>,
    path: web::Path<(i64, u16)>,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let (id, position) = path.into_inner();
    let (id, position) = (MessageRowId::new(id), i32::from(position));
    let range = request.headers().get(RANGE).and_then(|range| range.to_str().ok()).and_then(range);
    let known = find(&scope, id, position).await?;
    if let Some(copy) = copy_of(&state, &known, range).await? {
        return Ok(copy);
    }
    if let Some(url) = &known.url {
        match state.cdn.fetch(url, range).await {
            Ok(file) => return Ok(answer(file, &known)),
            Err(NoFile::Expired) => {}
            Err(error) => return Err(problem(error).into()),
        }
    }
    let fresh = refresh(&state, &scope, id, position, &known).await?;
    let url: &MediaUrl = fresh.url.as_ref().ok_or_else(Problem::not_found)?;
    let file = state.cdn.fetch(url, range).await.map_err(problem)?;
    Ok(answer(file, &fresh))
}

fn answer(file: File, media: &KeptMedia) -> HttpResponse {
    let status = if file.is_part { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut response = begin(status, file.content_type.as_deref(), media);
    if let Some(content_range) = &file.content_range {
        response.insert_header((CONTENT_RANGE, content_range.as_str()));
    }
    if let Some(length) = file.length {
        response.no_chunking(length);
    }
    response.streaming(file.into_stream())
}

/// What is told of a file beside its bytes.
pub(super) fn begin(status: StatusCode, told_type: Option<&str>, media: &KeptMedia) -> HttpResponseBuilder {
    let name = media.attachment.as_ref().and_then(|attachment| attachment.name.as_deref());
    let Presented { media_type, disposition } = present(told_type, name);
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, media_type.as_ref()))
        .insert_header((CONTENT_DISPOSITION, disposition.to_string()))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "private, max-age=600"))
        .insert_header((ACCEPT_RANGES, "bytes"));
    response
}

pub(super) fn no_such_part() -> Problem {
    Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "the file has no such part")
}

fn problem(error: NoFile) -> Problem {
    match error {
        NoFile::Host => {
            tracing::warn!(area = "media", "a file is kept by a host that is not allowed (media.hosts)");
            Problem::not_found()
        }
        NoFile::Range => no_such_part(),
        NoFile::TooLarge => {
            Problem::new(StatusCode::BAD_GATEWAY, "the file is too large").with_kind("/problems/file-too-large")
        }
        NoFile::Expired => not_given(),
        error @ (NoFile::Status(_) | NoFile::Network(_)) => {
            tracing::warn!(area = "media", error = %Chain(&error), "a file could not be fetched");
            Problem::new(StatusCode::BAD_GATEWAY, "the file could not be fetched from Facebook").with_retry_after(10)
        }
    }
}
