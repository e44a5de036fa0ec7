//! `signed_request`: what Meta posts when a person removes the app or asks for the deletion of their data (Facebook
//! Login, "Data Deletion Request Callback").

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, Utc};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::ids::FacebookUserId;

/// Meta's have about 300 characters.
const LONGEST: usize = 4_096;

/// Padded in some places and not in others.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// The person, by the id that this app knows.
    pub user_id: FacebookUserId,
    pub issued_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why a text is not a request of Meta's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignedRequestError {
    #[error("signed_request must be a signature and a payload in base64url, with a dot between")]
    Malformed,
    #[error("signed_request is not signed with the app's secret")]
    Forged,
    #[error("signed_request must name the algorithm HMAC-SHA256 and a user_id")]
    Incomplete,
}

impl SignedRequest {
    /// Checks the signature, which is over the payload as it is encoded, then reads the payload. Several secrets are
    /// accepted, so that one can replace another.
    pub fn verify(text: &str, secrets: &[SecretString]) -> Result<Self, SignedRequestError> {
        if text.len() > LONGEST {
            return Err(SignedRequestError::Malformed);
        }
        let (signature, payload) = text.split_once('.').ok_or(SignedRequestError::Malformed)?;
        let signature = decode(signature)?;
        let json = decode(payload)?;
        let is_signed = secrets.iter().any(|secret| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
            hmac::verify(&key, payload.as_bytes(), &signature).is_ok()
        });
        if !is_signed {
            return Err(SignedRequestError::Forged);
        }
        Self::read(&json).ok_or(SignedRequestError::Incomplete)
    }

    fn read(json: &[u8]) -> Option<Self> {
        let payload: Payload = serde_json::from_slice(json).ok()?;
        if !payload.algorithm?.eq_ignore_ascii_case("HMAC-SHA256") {
            return None;
        }
        let user_id = match payload.user_id? {
            UserId::Text(id) => id,
            UserId::Number(id) => id.to_string(),
        };
        let time =
            |seconds: Option<i64>| seconds.filter(|seconds| *seconds > 0).and_then(|s| DateTime::from_timestamp(s, 0));
        Some(Self {
            user_id: FacebookUserId::parse(&user_id).ok()?,
            issued_at: time(payload.issued_at),
            expires_at: time(payload.expires),
        })
    }
}

/// Some senders use base64's other alphabet.
fn decode(text: &str) -> Result<Vec<u8>, SignedRequestError> {
    let text =
        if text.contains(['+', '/']) { Cow::Owned(text.replace('+', "-").replace('/', "_")) } else { text.into() };
    BASE64.decode(text.as_bytes()).map_err(|_invalid| SignedRequestError::Malformed)
}

#[derive(Deserialize)]
struct Payload {
    algorithm: Option<String>,
    user_id: Option<UserId>,
    issued_at: Option<i64>,
    expires: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum UserId {
    Text(String),
    Number(u64),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Secret `appsecret`, over `{"algorithm":"HMAC-SHA256","expires":1291840400,"issued_at":1291836800,"user_id":"218471"}`.
    const VALID: &str = "N32LNcvDGXq0GI1jxm-tj1ysJh2uqkNIBcUhUmTp19k.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImV4cGlyZXMiOjEyOTE4NDA0MDAsImlzc3VlZF9hdCI6MTI5MTgzNjgwMCwidXNlcl9pZCI6IjIxODQ3MSJ9";

    fn verify(text: &str, secret: &str) -> Result<SignedRequest, SignedRequestError> {
        SignedRequest::verify(text, &[SecretString::from("another"), SecretString::from(secret)])
    }

    fn signed(payload: &str) -> String {
        let payload = BASE64.encode(payload);
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"appsecret");
        format!("{}.{payload}", BASE64.encode(hmac::sign(&key, payload.as_bytes())))
    }

    #[test]
    fn a_request_signed_by_the_secret_tells_whose_it_is() {
        let request = verify(VALID, "appsecret").unwrap();
        assert_eq!(request.user_id.as_str(), "218471");
        assert_eq!(request.issued_at.unwrap().timestamp(), 1_291_836_800);
        assert_eq!(request.expires_at.unwrap().timestamp(), 1_291_840_400);
        let padded = VALID.replace('.', "=.");
        assert_eq!(verify(&padded, "appsecret"), Ok(request), "a padded signature is the same");
    }

    #[test]
    fn a_forged_request_is_refused() {
        assert_eq!(verify(VALID, "secret"), Err(SignedRequestError::Forged));
        assert_eq!(verify(&VALID.replace("SJ9", "SJ8"), "appsecret"), Err(SignedRequestError::Forged));
        assert_eq!(SignedRequest::verify(VALID, &[]), Err(SignedRequestError::Forged));
    }

    #[test]
    fn what_is_not_of_the_form_is_refused() {
        for text in ["", ".", "a", "a.b.c", "ä.ö", "!.!", &"a.".repeat(LONGEST)] {
            assert!(verify(text, "appsecret").is_err(), "{text}");
        }
    }

    #[test]
    fn another_algorithm_or_nobodys_request_is_refused() {
        for payload in [
            r#"{"algorithm":"HMAC-SHA1","user_id":"1"}"#,
            r#"{"user_id":"1"}"#,
            r#"{"algorithm":"HMAC-SHA256"}"#,
            r#"{"algorithm":"HMAC-SHA256","user_id":""}"#,
            "[]",
            "not json",
        ] {
            assert_eq!(verify(&signed(payload), "appsecret"), Err(SignedRequestError::Incomplete), "{payload}");
        }
    }

    proptest! {
        #[test]
        fn what_was_signed_is_read_again(id in 1u64.., issued_at in 1i64..4_000_000_000, as_text: bool) {
            let id_json = if as_text { format!("\"{id}\"") } else { id.to_string() };
            let request = signed(&format!(r#"{{"algorithm":"hmac-sha256","user_id":{id_json},"issued_at":{issued_at},"new":[]}}"#));
            let read = verify(&request, "appsecret").unwrap();
            prop_assert_eq!(read.user_id.as_str(), id.to_string());
            prop_assert_eq!(read.issued_at.unwrap().timestamp(), issued_at);
        }
    }
}
