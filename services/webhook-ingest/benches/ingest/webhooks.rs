//! Signed webhooks as whole HTTP requests.

use std::sync::Arc;

use pagekeeper_testkit::sign_webhook;
use serde_json::json;

/// A usual message of a customer, padded to this many bytes.
const BODY_BYTES: usize = 600;

/// So many different webhooks, in turn of 50 conversations of one Page.
pub(crate) fn signed_requests(count: u64, app_secret: &str) -> Arc<[Vec<u8>]> {
    (0..count).map(|number| request(&body(number), app_secret)).collect()
}

fn body(number: u64) -> String {
    let with_text = |text: &str| {
        let message = json!({
            "sender": { "id": format!("68992{:011}", number % 50) },
            "recipient": { "id": "1122334455" },
            "timestamp": 1_700_000_000_000 + number,
            "message": { "mid": format!("m_{number:020}"), "text": text },
        });
        let entry = json!({ "id": "1122334455", "time": 1_700_000_000_000 + number, "messaging": [message] });
        json!({ "object": "page", "entry": [entry] }).to_string()
    };
    let frame = with_text("").len();
    with_text(&"x".repeat(BODY_BYTES.saturating_sub(frame)))
}

fn request(body: &str, app_secret: &str) -> Vec<u8> {
    let signature = sign_webhook(app_secret, body.as_bytes());
    format!(
        "POST /api/webhook HTTP/1.1\r\nhost: ingest\r\ncontent-type: application/json\r\n\
         x-hub-signature-256: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
