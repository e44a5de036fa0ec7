//! The bytes of a file, sent to Meta's host for them ("Resumable uploads" of the Instagram Platform, "Reels Publishing" of
//! the Video API). What broke off goes on from the byte that Meta is at.

use bytes::Bytes;
use reqwest::header::AUTHORIZATION;
use reqwest::{RequestBuilder, StatusCode};
use serde::Deserialize;
use url::Url;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::{Decision, Failure, GraphError};
use super::request::Answer;
use crate::lenient;

/// Where the bytes of one file go: the address that Meta gave for it, which must be used as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadUrl(Url);

/// A part of a file.
#[derive(Debug, Clone)]
pub struct FilePart {
    /// Of its first byte.
    pub offset: u64,
    /// Of the whole file.
    pub file_size: u64,
    /// To the file's end; Meta keeps what comes before a connection breaks.
    pub bytes: Bytes,
}

impl GraphClient {
    /// None where the address is not on the host for uploads: the token goes with the bytes, and to nobody else.
    pub(super) fn upload_url(&self, address: &str) -> Option<UploadUrl> {
        let url = Url::parse(address).ok()?;
        (url.origin() == self.upload_host().origin()).then_some(UploadUrl(url))
    }

    /// Sends the rest of a file. A transient failure means: ask how much has come, and send from there.
    pub async fn upload_part(
        &self,
        auth: &GraphAuth,
        url: &UploadUrl,
        part: FilePart,
    ) -> Result<Answer<()>, GraphError> {
        let request = self
            .http()
            .post(url.0.clone())
            .header("offset", part.offset)
            .header("file_size", part.file_size)
            .body(part.bytes);
        self.upload(auth, request).await
    }

    /// Has Meta fetch the file itself.
    pub async fn upload_from(
        &self,
        auth: &GraphAuth,
        url: &UploadUrl,
        file_url: &Url,
    ) -> Result<Answer<()>, GraphError> {
        self.upload(auth, self.http().post(url.0.clone()).header("file_url", file_url.as_str())).await
    }

    async fn upload(&self, auth: &GraphAuth, request: RequestBuilder) -> Result<Answer<()>, GraphError> {
        let request = request.header(AUTHORIZATION, format!("OAuth {}", auth.token().expose()));
        self.send_request("upload", request, 1, read).await
    }
}

/// Meta's host for uploads has errors of another form.
fn read(status: StatusCode, body: &[u8]) -> Result<(), Failure> {
    let answer: WireUpload = lenient::answer(body).unwrap_or_default();
    match answer.debug_info {
        None if status.is_success() && answer.success == Some(true) => Ok(()),
        Some(WireDebugInfo { retriable: Some(true), .. }) => Err(Failure::of(Decision::Transient)),
        None if status.is_server_error() => Err(Failure::of(Decision::Transient)),
        Some(_) => Err(Failure::of(Decision::BadRequest)),
        None => Err(Failure::of(Decision::Unreadable)),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireUpload {
    #[serde(deserialize_with = "lenient::truth")]
    success: Option<bool>,
    #[serde(deserialize_with = "lenient::object")]
    debug_info: Option<WireDebugInfo>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireDebugInfo {
    #[serde(deserialize_with = "lenient::truth")]
    retriable: Option<bool>,
}
