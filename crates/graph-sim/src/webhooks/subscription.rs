//! The app's callback, and the handshake that proves it ("Getting started" of Webhooks).

use std::time::Duration;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AppSubscription {
    pub(crate) callback_url: String,
    pub(crate) fields: Vec<String>,
}

pub(crate) struct Handshake<'a> {
    pub(crate) callback_url: &'a str,
    pub(crate) verify_token: &'a str,
    pub(crate) challenge: &'a str,
    pub(crate) timeout: Duration,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeRefused {
    #[error("the URL is not valid")]
    Url,
    #[error("curl_errno = 7; curl_error = Failed to connect; HTTP Status Code = 0")]
    Unreachable(#[source] reqwest::Error),
    #[error("HTTP Status Code = {0}")]
    Status(u16),
    #[error("the URL did not return the expected challenge; HTTP Status Code = 200")]
    Challenge,
}

impl Handshake<'_> {
    pub(crate) async fn perform(&self, http: &reqwest::Client) -> Result<(), HandshakeRefused> {
        /// Longer answers are no challenge.
        const MOST: usize = 4_096;
        let mut url = url::Url::parse(self.callback_url).map_err(|_not_a_url| HandshakeRefused::Url)?;
        url.query_pairs_mut()
            .append_pair("hub.mode", "subscribe")
            .append_pair("hub.challenge", self.challenge)
            .append_pair("hub.verify_token", self.verify_token);
        let request = http.get(url).timeout(self.timeout);
        let mut response = request.send().await.map_err(HandshakeRefused::Unreachable)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(HandshakeRefused::Status(response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(HandshakeRefused::Unreachable)? {
            body.extend_from_slice(&chunk);
            if body.len() > MOST {
                return Err(HandshakeRefused::Challenge);
            }
        }
        if body == self.challenge.as_bytes() { Ok(()) } else { Err(HandshakeRefused::Challenge) }
    }
}
