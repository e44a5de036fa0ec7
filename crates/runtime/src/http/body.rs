//! Reading a raw body, as a signature check needs it: bounded in size and in time.

use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

use crate::problem::Problem;

/// Room that is made at once; a body that turns out larger grows the buffer.
const FIRST_ROOM: usize = 16 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("the body did not arrive in time")]
    TooSlow,
    #[error("the body broke off")]
    Broken(#[source] PayloadError),
}

impl BodyError {
    pub(crate) fn from_payload(error: PayloadError, limit: usize) -> Self {
        match error {
            PayloadError::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Self::TooSlow,
            PayloadError::Overflow => Self::TooLarge { limit },
            error => Self::Broken(error),
        }
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { limit } => Self::payload_too_large(limit),
            BodyError::TooSlow => Self::request_timeout(),
            BodyError::Broken(_) => Self::bad_request("the body broke off"),
        }
    }
}

/// Reads a body of at most `limit` bytes that arrives within `time_limit`.
pub async fn read_body<P>(payload: P, limit: usize, time_limit: Duration) -> Result<Bytes, BodyError>
where
    P: Stream<Item = Result<Bytes, PayloadError>>,
{
    tokio::time::timeout(time_limit, collect(payload, limit)).await.unwrap_or(Err(BodyError::TooSlow))
}

async fn collect<P>(payload: P, limit: usize) -> Result<Bytes, BodyError>
where
    P: Stream<Item = Result<Bytes, PayloadError>>,
{
    let mut payload = std::pin::pin!(payload);
    let mut next = async || match payload.next().await {
        None => Ok(None),
        Some(Ok(chunk)) => Ok(Some(chunk)),
        Some(Err(error)) => Err(BodyError::from_payload(error, limit)),
    };

    let Some(first) = next().await? else { return Ok(Bytes::new()) };
    if first.len() > limit {
        return Err(BodyError::TooLarge { limit });
    }
    // Most webhooks arrive in one piece, which then needs no copy.
    let Some(second) = next().await? else { return Ok(first) };
    let mut body = BytesMut::with_capacity(FIRST_ROOM.max(first.len() + second.len()).min(limit));
    body.extend_from_slice(&first);
    let mut chunk = Some(second);
    while let Some(bytes) = chunk {
        if body.len() + bytes.len() > limit {
            return Err(BodyError::TooLarge { limit });
        }
        body.extend_from_slice(&bytes);
        chunk = next().await?;
    }
    Ok(body.freeze())
}
