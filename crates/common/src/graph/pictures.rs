//! A Page's picture, fetched when it connects, since Meta's addresses of pictures expire.

use bytes::{Bytes, BytesMut};
use url::Url;

use super::client::GraphClient;

/// Larger pictures are not stored: a profile picture of 200 pixels has a tenth of that.
const LARGEST: usize = 64 * 1024;

/// A small picture, of a kind that was recognised by its first bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub bytes: Bytes,
    pub content_type: &'static str,
}

#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error("the address of the picture cannot be used")]
    Address,
    #[error("the picture was not delivered")]
    Network(#[source] reqwest::Error),
    #[error("the picture was answered with status {0}")]
    Status(u16),
    #[error("the picture is larger than {LARGEST} bytes")]
    TooLarge,
    #[error("it is no picture of a kind that is shown")]
    Kind,
}

impl GraphClient {
    /// Fetches a picture from an address that Graph gave, without any token.
    pub async fn picture(&self, url: &str) -> Result<Picture, PictureError> {
        let url = Url::parse(url).map_err(|_error| PictureError::Address)?;
        // Without TLS only where Graph itself is called without: a simulator.
        let allowed = url.scheme() == "https" || (url.scheme() == "http" && self.base_url().scheme() == "http");
        if !allowed || !url.username().is_empty() || url.password().is_some() {
            return Err(PictureError::Address);
        }
        let failed = |error: reqwest::Error| PictureError::Network(error.without_url());
        let mut response = self.http().get(url).send().await.map_err(failed)?;
        if !response.status().is_success() {
            return Err(PictureError::Status(response.status().as_u16()));
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if bytes.len() + chunk.len() > LARGEST {
                return Err(PictureError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        let content_type = kind(&bytes).ok_or(PictureError::Kind)?;
        Ok(Picture { bytes: bytes.freeze(), content_type })
    }
}

/// What the first bytes say; what the sender says is not believed. SVG is left out: it can carry scripts.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
