//! Parameters of a call, from its query, its body (form, JSON or multipart), and an app that gives its secret in a header.

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::web::Payload;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;

use crate::api::request::Params;

/// Bytes of a body at most.
const MOST_BYTES: usize = 4 << 20;
/// Bytes of a file at most, with what stands around it: 25 MB are documented.
const LARGEST_FILE: usize = 26 << 20;
/// Parts of a multipart body at most.
const MOST_PARTS: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyRefused {
    TooLarge,
    Broken,
}

pub(crate) async fn read(http: &HttpRequest, payload: Payload) -> Result<Params, BodyRefused> {
    let mut params = Params::default();
    params.push_urlencoded(http.query_string().as_bytes());
    push_basic(http, &mut params);
    let content_type = http.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_type.starts_with("multipart/") {
        read_multipart(http, payload, &mut params).await?;
        return Ok(params);
    }
    let body = read_body(payload).await?;
    if content_type.starts_with("application/json") {
        if !body.is_empty() && !params.push_json(&body) {
            return Err(BodyRefused::Broken);
        }
    } else {
        params.push_urlencoded(&body);
    }
    Ok(params)
}

/// `Authorization: Bearer …` or `OAuth …`.
pub(crate) fn bearer(http: &HttpRequest) -> Option<String> {
    let header = http.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
    known.then(|| token.trim().to_owned())
}

/// `Authorization: Basic …`, as OAuth's libraries send an app's id and secret (RFC 6749, section 2.3.1).
fn push_basic(http: &HttpRequest, params: &mut Params) {
    let Some((client_id, client_secret)) = basic(http) else { return };
    params.push("client_id", client_id);
    params.push("client_secret", client_secret);
}

fn basic(http: &HttpRequest) -> Option<(String, String)> {
    let (scheme, encoded) = http.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

async fn read_body(mut payload: Payload) -> Result<Vec<u8>, BodyRefused> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        body.extend_from_slice(&chunk.map_err(|_broken| BodyRefused::Broken)?);
        if body.len() > MOST_BYTES {
            return Err(BodyRefused::TooLarge);
        }
    }
    Ok(body)
}

async fn read_multipart(http: &HttpRequest, payload: Payload, params: &mut Params) -> Result<(), BodyRefused> {
    let mut parts = Multipart::new(http.headers(), payload);
    let mut bytes = 0;
    let mut count = 0;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|_broken| BodyRefused::Broken)?;
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.content_disposition().is_some_and(|disposition| disposition.get_filename().is_some());
        let mut value = Vec::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|_broken| BodyRefused::Broken)?;
            bytes += chunk.len();
            // Of a file only its size is kept.
            if !is_file {
                value.extend_from_slice(&chunk);
            }
            if bytes > if is_file { LARGEST_FILE } else { MOST_BYTES } {
                return Err(BodyRefused::TooLarge);
            }
        }
        if is_file {
            value = format!("{bytes} bytes").into_bytes();
        }
        count += 1;
        if count > MOST_PARTS {
            return Err(BodyRefused::TooLarge);
        }
        params.push(name, String::from_utf8_lossy(&value).into_owned());
    }
    Ok(())
}
