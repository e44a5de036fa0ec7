//! `X-Hub-Signature-256`: over the bytes that are sent, which are escaped ASCII already.

use ring::hmac;
use serde::{Deserialize, Serialize};

/// How deliveries are signed; all but the first are wrong on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignatureMode {
    #[default]
    Valid,
    Missing,
    /// Made with another secret.
    Wrong,
    /// Over the same JSON written with plain UTF-8: what a client that reserializes would compute.
    Reserialized,
}

pub(crate) fn sha256(app_secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes());
    format!("sha256={}", hex::encode(hmac::sign(&key, body)))
}

/// The old header `X-Hub-Signature`.
pub(crate) fn sha1(app_secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, app_secret.as_bytes());
    format!("sha1={}", hex::encode(hmac::sign(&key, body)))
}

/// The header's value; `None`: it is not sent.
pub(crate) fn header(mode: SignatureMode, app_secret: &str, body: &[u8]) -> Option<String> {
    match mode {
        SignatureMode::Valid => Some(sha256(app_secret, body)),
        SignatureMode::Missing => None,
        SignatureMode::Wrong => Some(sha256("another secret", body)),
        SignatureMode::Reserialized => {
            let plain = serde_json::from_slice::<serde_json::Value>(body).map(|value| value.to_string());
            Some(sha256(app_secret, plain.unwrap_or_default().as_bytes()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors_agree() {
        let courier = sha256("sesame", b"hello world");
        assert_eq!(courier, "sha256=f39034b29165ec6a5104d9aef27266484ab26c8caa7bca8bcb2dd02e8be61b17");
        let messenger4j = r#"{"object":"page","entry":[{"id":"1717527131834678","time":1475942721780,"messaging":[{"sender":{"id":"1256217357730577"},"recipient":{"id":"1717527131834678"},"timestamp":1475942721741,"message":{"mid":"mid.1475942721728:3b9e3646712f9bed52","seq":123,"text":"34wrr3wr"}}]}]}"#;
        let signature = sha1("60efff025951cddde78c8d03de52cc90", messenger4j.as_bytes());
        assert_eq!(signature, "sha1=3daa41999293ff66c3eb313e04bcf77861bb0276");
    }

    #[test]
    fn a_reserialized_body_has_another_signature() {
        let body = br#"{"text":"\u00e4\u00f6\u00e5 https:\/\/ex.am\/a"}"#;
        assert_ne!(header(SignatureMode::Reserialized, "s", body), header(SignatureMode::Valid, "s", body));
        assert_eq!(header(SignatureMode::Missing, "s", body), None);
    }
}
