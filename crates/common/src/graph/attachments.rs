//! Files that are uploaded once and sent to many, by their id ("Attachment Upload API" of the Messenger Platform).

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::conversations::Platform;
use super::error::GraphError;
use super::request::{Answer, Call, File};
use super::send::SendableKind;
use crate::domain::ids::{AttachmentId, PageId};
use crate::lenient;

/// A file to upload, at most 25 MB.
#[derive(Debug, Clone)]
pub enum AttachmentUpload {
    /// Meta fetches it.
    Url(String),
    File {
        name: String,
        mime_type: String,
        bytes: Bytes,
    },
}

impl GraphClient {
    /// Uploads a file for messages of one platform.
    pub async fn upload_attachment(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        platform: Platform,
        kind: SendableKind,
        upload: &AttachmentUpload,
    ) -> Result<Answer<AttachmentId>, GraphError> {
        let mut call = Call::post("upload_attachment", &[page.as_str(), "message_attachments"])
            .auth(auth)
            .form("platform", platform.name());
        let payload = match upload {
            AttachmentUpload::Url(url) => json!({ "url": url, "is_reusable": true }),
            AttachmentUpload::File { name, mime_type, bytes } => {
                call = call.file(File { field: "filedata", name, mime_type, bytes: bytes.clone() });
                json!({ "is_reusable": true })
            }
        };
        let message = json!({ "attachment": { "type": kind, "payload": payload } });
        self.send_and(call.form("message", message.to_string()), |body| {
            lenient::answer::<WireAttachment>(body)?.attachment_id
        })
        .await
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireAttachment {
    #[serde(deserialize_with = "lenient::id")]
    attachment_id: Option<AttachmentId>,
}
