//! Files of which sync-worker has made a copy.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_RANGE;
use pagekeeper_media::MediaKey;
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::messages::{KeptMedia, MediaCopy};

use super::attachment::{begin, no_such_part};
use super::present::part_of;
use crate::extract::api_error::Answer;
use crate::state::State;

/// The copy, or a part of it; none where there is none, or where the store does not give it now: Meta has the file too.
pub(super) async fn copy_of(state: &State, media: &KeptMedia, range: Option<&str>) -> Answer<Option<HttpResponse>> {
    let (Some(store), Some(copy)) = (&state.media_store, &media.copy) else { return Ok(None) };
    let MediaCopy { account_id, key, media_type, length } = copy;
    let part = match range {
        Some(range) => Some(part_of(range, *length).ok_or_else(no_such_part)?),
        None => None,
    };
    let key = MediaKey { account_id: *account_id, file: *key };
    let bytes = match store.get(key, part.clone()).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            tracing::warn!(area = "media", "a copy is not in the store (media.store)");
            return Ok(None);
        }
        Err(error) => {
            tracing::warn!(area = "media", error = %Chain(&error), "the store did not give a copy");
            return Ok(None);
        }
    };
    let Some(part) = part else {
        let mut response = begin(StatusCode::OK, media_type.as_deref(), media);
        return Ok(Some(response.no_chunking(*length).streaming(bytes)));
    };
    let mut response = begin(StatusCode::PARTIAL_CONTENT, media_type.as_deref(), media);
    response.insert_header((CONTENT_RANGE, format!("bytes {}-{}/{length}", part.start, part.end - 1)));
    Ok(Some(response.no_chunking(part.end - part.start).streaming(bytes)))
}
