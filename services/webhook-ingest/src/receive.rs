//! `POST /api/webhook`: checked, split, and answered with 200 only once every entry is durable.

use std::io;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use chrono::Utc;
use futures_util::StreamExt;
use metrics::counter;
use opentelemetry::trace::TraceContextExt;
use pagekeeper_bus::WebhookQueues;
use pagekeeper_runtime::http::{BodyError, read_body};
use pagekeeper_runtime::problem::Problem;
use secrecy::SecretString;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::bundle::{BundleLimits, Durability, Parcel};
use crate::pack::{Packed, Postmark, pack};
use crate::room::{NoRoom, Reservation, Room};
use crate::signature::{AppSecrets, SIGNATURE_HEADER, Signature, SignatureError};
use crate::split::{Split, split};

/// Seconds after which Meta may try again what we could not keep.
const RETRY_AFTER_S: u32 = 5;

/// What the routes share.
pub(crate) struct Ingest {
    pub(crate) verify_token: SecretString,
    pub(crate) app_secrets: AppSecrets,
    pub(crate) body_limit: usize,
    pub(crate) body_time_limit: Duration,
    pub(crate) bundle_limits: BundleLimits,
    pub(crate) queues: WebhookQueues,
    /// From a request's arrival to its answer.
    pub(crate) answer_limit: Duration,
    pub(crate) room: Room,
    pub(crate) parcels: mpsc::UnboundedSender<Parcel>,
}

/// Why a webhook is not taken.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Signature(#[from] SignatureError),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    #[error("neither the broker nor the spool took it in time")]
    NotDurable,
}

pub(crate) async fn receive(
    request: HttpRequest,
    payload: web::Payload,
    ingest: web::Data<Ingest>,
) -> Result<HttpResponse, Problem> {
    let arrived = Instant::now();
    let taken = timeout_at(arrived + ingest.answer_limit, ingest.take(&request, payload, arrived));
    let outcome = taken.await.unwrap_or(Err(Refusal::NotDurable));
    let label = outcome.as_ref().map_or_else(Refusal::label, |()| "accepted");
    counter!("pagekeeper_webhook_posts_total", "outcome" => label).increment(1);
    outcome?;
    Ok(HttpResponse::Ok().finish())
}

impl Ingest {
    async fn take(&self, request: &HttpRequest, payload: web::Payload, arrived: Instant) -> Result<(), Refusal> {
        let values = request.headers().get_all(SIGNATURE_HEADER);
        let signature = Signature::from_header_values(values.map(HeaderValue::as_bytes))?;
        let (body, held) = self.read(payload).await?;
        self.app_secrets.verify(&body, &signature)?;

        let split = split(&body);
        count(&split);
        let packed = pack(&body, split, &postmark(), self.bundle_limits, self.queues);
        let answers = self.hand_over(packed, arrived)?;
        drop((body, held));
        for answer in answers {
            if !matches!(answer.await, Ok(Durability::Broker | Durability::Spool)) {
                return Err(Refusal::NotDurable);
            }
        }
        Ok(())
    }

    async fn read(&self, payload: web::Payload) -> Result<(Bytes, Reservation), Refusal> {
        let mut held = self.room.reserve(0)?;
        let chunks = payload.map(|chunk| {
            let chunk = chunk?;
            held.grow(chunk.len()).map_err(|NoRoom| PayloadError::Io(io::ErrorKind::OutOfMemory.into()))?;
            Ok(chunk)
        });
        match read_body(chunks, self.body_limit, self.body_time_limit).await {
            Ok(body) => Ok((body, held)),
            Err(BodyError::Broken(PayloadError::Io(error))) if error.kind() == io::ErrorKind::OutOfMemory => {
                Err(NoRoom.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Room for all of it is taken first: a POST is never kept in part for want of room.
    fn hand_over(&self, packed: Vec<Packed>, arrived: Instant) -> Result<Vec<oneshot::Receiver<Durability>>, Refusal> {
        let held = packed.iter().map(|packed| self.room.reserve(packed.encoded.len()));
        let held = held.collect::<Result<Vec<_>, _>>()?;
        let parcels = packed.into_iter().zip(held).map(|(packed, held)| {
            let (parcel, answer) = Parcel::new(packed, arrived, held);
            self.parcels.send(parcel).map_err(|_stopped| Refusal::NotDurable)?;
            Ok(answer)
        });
        parcels.collect()
    }
}

fn postmark() -> Postmark {
    Postmark { received_at: Utc::now().timestamp_micros(), traceparent: current_traceparent() }
}

/// The W3C trace context of this request; empty where nobody collects spans.
fn current_traceparent() -> String {
    let context = tracing::Span::current().context();
    let span = context.span();
    let span = span.span_context();
    if !span.is_valid() {
        return String::new();
    }
    format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags())
}

fn count(split: &Split<'_>) {
    match split {
        Split::Entries { object, entries } => {
            counter!("pagekeeper_webhook_entries_total", "object" => object.name()).increment(entries.len() as u64);
        }
        Split::Whole(reason) => {
            counter!("pagekeeper_webhook_unsplit_total", "reason" => reason.name()).increment(1);
        }
    }
}

impl Refusal {
    /// As a metric's label.
    fn label(&self) -> &'static str {
        match self {
            Self::Signature(SignatureError::Missing) => "unsigned",
            Self::Signature(SignatureError::Malformed) => "signature_malformed",
            Self::Signature(SignatureError::Forged) => "forged",
            Self::Body(BodyError::TooLarge { .. }) => "too_large",
            Self::Body(BodyError::TooSlow) => "too_slow",
            Self::Body(BodyError::Broken(_)) => "broken_off",
            Self::NoRoom(_) => "no_room",
            Self::NotDurable => "not_durable",
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Signature(error) => Self::forbidden(error.to_string()).with_field("X-Hub-Signature-256"),
            Refusal::Body(error) => error.into(),
            Refusal::NoRoom(error) => Self::unavailable(error.to_string(), RETRY_AFTER_S),
            error @ Refusal::NotDurable => Self::unavailable(error.to_string(), RETRY_AFTER_S),
        }
    }
}
