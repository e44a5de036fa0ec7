//! Signing webhooks as Meta does.

use ring::hmac;

/// The value of `X-Hub-Signature-256` for a body.
pub fn sign_webhook(app_secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes());
    format!("sha256={}", hex::encode(hmac::sign(&key, body)))
}
