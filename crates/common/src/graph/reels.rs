//! Reels of a Page, in steps: an upload is begun, the bytes are sent ([`super::UploadUrl`]), then it is published ("Reels
//! Publishing" of the Video API).

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::request::{Answer, Call};
use super::uploads::UploadUrl;
use crate::domain::ids::{PageId, VideoId};
use crate::lenient;

/// A reel whose bytes are awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedReel {
    pub video: VideoId,
    pub upload_url: UploadUrl,
}

/// How a reel is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReelPublication {
    pub description: Option<String>,
    pub when: ReelTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReelTime {
    /// A Page may publish 30 in 24 hours.
    Now,
    /// More than ten minutes and less than 29 days from now.
    At(DateTime<Utc>),
    /// Kept for a person to publish.
    Draft,
}

/// How far Meta is with a reel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReelStatus {
    pub state: ReelState,
    /// Bytes that have come: where an upload that broke off goes on.
    pub received: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReelState {
    Uploading,
    Processing,
    Ready,
    Published,
    Failed,
    Expired,
    /// Newer than this client.
    Unknown,
}

impl GraphClient {
    /// Begins a reel.
    pub async fn start_reel(&self, auth: &GraphAuth, page: &PageId) -> Result<Answer<StartedReel>, GraphError> {
        let call = Call::post("start_reel", &[page.as_str(), "video_reels"]).auth(auth).form("upload_phase", "start");
        let read = |body: &[u8]| {
            let wire: WireStarted = lenient::answer(body)?;
            Some(StartedReel { video: wire.video_id?, upload_url: self.upload_url(&wire.upload_url?)? })
        };
        self.send_and(call, read).await
    }

    pub async fn reel_status(&self, auth: &GraphAuth, video: &VideoId) -> Result<Answer<ReelStatus>, GraphError> {
        let call = Call::get("reel_status", &[video.as_str()]).auth(auth).query("fields", "status");
        self.send_and(call, |body| Some(lenient::answer::<WireVideo>(body)?.status?.status())).await
    }

    /// Publishes a reel whose bytes have all come.
    pub async fn finish_reel(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        video: &VideoId,
        publication: &ReelPublication,
    ) -> Result<Answer<()>, GraphError> {
        let mut call = Call::post("finish_reel", &[page.as_str(), "video_reels"])
            .auth(auth)
            .form("upload_phase", "finish")
            .form("video_id", video.as_str());
        call = match publication.when {
            ReelTime::Now => call.form("video_state", "PUBLISHED"),
            ReelTime::Draft => call.form("video_state", "DRAFT"),
            ReelTime::At(at) => {
                call.form("video_state", "SCHEDULED").form("scheduled_publish_time", at.timestamp().to_string())
            }
        };
        if let Some(description) = &publication.description {
            call = call.form("description", description.as_str());
        }
        self.send_change(call).await
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireStarted {
    #[serde(deserialize_with = "lenient::id")]
    video_id: Option<VideoId>,
    #[serde(deserialize_with = "lenient::text")]
    upload_url: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireVideo {
    #[serde(deserialize_with = "lenient::object")]
    status: Option<WireStatus>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireStatus {
    #[serde(deserialize_with = "lenient::text")]
    video_status: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    uploading_phase: Option<WirePhase>,
    #[serde(deserialize_with = "lenient::object")]
    publishing_phase: Option<WirePhase>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WirePhase {
    #[serde(deserialize_with = "lenient::text")]
    status: Option<String>,
    /// Meta's own spelling.
    #[serde(deserialize_with = "lenient::number")]
    bytes_transfered: Option<u64>,
}

impl WireStatus {
    fn status(self) -> ReelStatus {
        // Both spellings occur.
        let is_published = self
            .publishing_phase
            .and_then(|phase| phase.status)
            .is_some_and(|status| matches!(status.as_str(), "complete" | "completed"));
        let state = match self.video_status.as_deref() {
            Some("ready") if is_published => ReelState::Published,
            Some("ready") => ReelState::Ready,
            Some("uploading") => ReelState::Uploading,
            Some("upload_complete" | "processing") => ReelState::Processing,
            Some("upload_failed" | "error") => ReelState::Failed,
            Some("expired") => ReelState::Expired,
            _ => ReelState::Unknown,
        };
        let received = self.uploading_phase.and_then(|phase| phase.bytes_transfered).unwrap_or_default();
        ReelStatus { state, received }
    }
}
