//! `GET /api/webhook`: Meta asks whether this callback knows the verify token, and wants its challenge back.

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use pagekeeper_runtime::http::Query;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_runtime::secret;
use serde::Deserialize;

use crate::receive::Ingest;

const LONGEST_CHALLENGE: usize = 128;

#[derive(Debug, Deserialize)]
pub(crate) struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
    #[serde(rename = "hub.verify_token")]
    verify_token: Option<String>,
}

pub(crate) async fn answer_challenge(
    Query(handshake): Query<Handshake>,
    ingest: web::Data<Ingest>,
) -> Result<HttpResponse, Problem> {
    let given = handshake.verify_token.unwrap_or_default();
    if handshake.mode.as_deref() != Some("subscribe") || !secret::is_equal(&ingest.verify_token, &given) {
        return Err(Problem::forbidden("hub.mode must be `subscribe`, and hub.verify_token the one that was agreed"));
    }
    match handshake.challenge {
        Some(challenge) if is_harmless(&challenge) => {
            Ok(HttpResponse::Ok().content_type(ContentType::plaintext()).body(challenge))
        }
        _ => Err(Problem::bad_request("hub.challenge must be 1 to 128 letters, digits, `_` or `-`")
            .with_field("hub.challenge")),
    }
}

/// What is sent back as it came must not be able to mean anything to a browser.
fn is_harmless(challenge: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=LONGEST_CHALLENGE).contains(&challenge.len()) && challenge.bytes().all(is_allowed)
}
