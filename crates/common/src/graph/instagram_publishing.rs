//! Publishing on Instagram, in steps: a container is made, Meta fetches and checks its file, then it is published ("Content
//! Publishing" of the Instagram Platform).
//!
//! A container makes publishing safe to repeat: after a doubtful answer its status says whether it was published.

use serde::Deserialize;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::request::{Answer, Call};
use super::uploads::UploadUrl;
use crate::domain::ids::{ContainerId, InstagramAccountId, MediaId};
use crate::lenient::{self, Decode};

const SUBCODE_DIGITS: usize = 7;

/// What a container is to become. Meta fetches the files when it works on the container, so they must be public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewContainer {
    /// JPEG, at most 8 MB.
    Image {
        image_url: String,
        caption: Option<String>,
        alt_text: Option<String>,
    },
    /// MOV or MP4, 3 seconds to 15 minutes, at most 300 MB.
    Reel {
        video_url: String,
        caption: Option<String>,
        share_to_feed: bool,
    },
    /// One of a carousel's 2 to 10.
    CarouselImage {
        image_url: String,
    },
    CarouselVideo {
        video_url: String,
    },
    Carousel {
        children: Vec<ContainerId>,
        caption: Option<String>,
    },
    StoryImage {
        image_url: String,
    },
    StoryVideo {
        video_url: String,
    },
}

/// A video that the app uploads by itself, which only logins with Facebook may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadedContainer {
    Reel { caption: Option<String>, share_to_feed: bool },
    Story,
}

/// How far Meta is with a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerStatus {
    InProgress,
    /// May be published.
    Finished,
    /// Is published: never publish it again.
    Published,
    /// Cannot be published; the subcode says why, where Meta tells it.
    Failed {
        subcode: Option<i64>,
    },
    /// Was not published in 24 hours.
    Expired,
    /// Newer than this client.
    Unknown,
}

/// How much may be published in how long; Meta's pages name different numbers, so it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishingQuota {
    pub used: u64,
    pub total: Option<u64>,
    /// Seconds.
    pub duration_s: Option<u64>,
}

impl GraphClient {
    /// Makes a container; an account may make 400 in 24 hours.
    pub async fn create_container(
        &self,
        auth: &GraphAuth,
        account: &InstagramAccountId,
        container: &NewContainer,
    ) -> Result<Answer<ContainerId>, GraphError> {
        let call = Call::post("create_container", &[account.as_str(), "media"]).auth(auth);
        self.send_and(described(call, container), |body| lenient::answer::<WireContainer>(body)?.id).await
    }

    /// Makes a container for a reel or a story whose bytes the app sends itself, then as any other.
    pub async fn create_uploaded_container(
        &self,
        auth: &GraphAuth,
        account: &InstagramAccountId,
        container: &UploadedContainer,
    ) -> Result<Answer<(ContainerId, UploadUrl)>, GraphError> {
        let call =
            Call::post("create_container", &[account.as_str(), "media"]).auth(auth).form("upload_type", "resumable");
        let call = match container {
            UploadedContainer::Reel { caption, share_to_feed } => {
                let call = call.form("media_type", "REELS").form("share_to_feed", share_to_feed.to_string());
                captioned(call, caption.as_deref())
            }
            UploadedContainer::Story => call.form("media_type", "STORIES"),
        };
        let read = |body: &[u8]| {
            let wire: WireContainer = lenient::answer(body)?;
            Some((wire.id?, self.upload_url(&wire.uri?)?))
        };
        self.send_and(call, read).await
    }

    /// To be asked once in a while, Meta says each minute for five minutes.
    pub async fn container_status(
        &self,
        auth: &GraphAuth,
        container: &ContainerId,
    ) -> Result<Answer<ContainerStatus>, GraphError> {
        let call =
            Call::get("container_status", &[container.as_str()]).auth(auth).query("fields", "status_code,status");
        self.send_and(call, |body| lenient::answer::<WireStatus>(body)?.status()).await
    }

    /// Publishes a finished container. It may answer that the container is not ready although its status says so: then
    /// the same container again.
    pub async fn publish_container(
        &self,
        auth: &GraphAuth,
        account: &InstagramAccountId,
        container: &ContainerId,
    ) -> Result<Answer<MediaId>, GraphError> {
        let call = Call::post("publish_container", &[account.as_str(), "media_publish"])
            .auth(auth)
            .form("creation_id", container.as_str());
        self.send_and(call, |body| lenient::answer::<WirePublished>(body)?.id).await
    }

    pub async fn publishing_quota(
        &self,
        auth: &GraphAuth,
        account: &InstagramAccountId,
    ) -> Result<Answer<Option<PublishingQuota>>, GraphError> {
        let call = Call::get("publishing_quota", &[account.as_str(), "content_publishing_limit"])
            .auth(auth)
            .query("fields", "config,quota_usage");
        let answer = self.send_page(call).await?;
        Ok(answer.map(|page| page.data.into_iter().next()))
    }
}

fn captioned<'a>(call: Call<'a>, caption: Option<&'a str>) -> Call<'a> {
    match caption {
        Some(caption) => call.form("caption", caption),
        None => call,
    }
}

fn described<'a>(call: Call<'a>, container: &'a NewContainer) -> Call<'a> {
    match container {
        NewContainer::Image { image_url, caption, alt_text } => {
            let call = captioned(call.form("image_url", image_url.as_str()), caption.as_deref());
            match alt_text {
                Some(alt_text) => call.form("alt_text", alt_text.as_str()),
                None => call,
            }
        }
        NewContainer::Reel { video_url, caption, share_to_feed } => {
            let call = call.form("media_type", "REELS").form("video_url", video_url.as_str());
            captioned(call.form("share_to_feed", share_to_feed.to_string()), caption.as_deref())
        }
        NewContainer::CarouselImage { image_url } => {
            call.form("image_url", image_url.as_str()).form("is_carousel_item", "true")
        }
        NewContainer::CarouselVideo { video_url } => {
            call.form("media_type", "VIDEO").form("video_url", video_url.as_str()).form("is_carousel_item", "true")
        }
        NewContainer::Carousel { children, caption } => {
            let children = children.iter().map(ContainerId::as_str).collect::<Vec<_>>().join(",");
            captioned(call.form("media_type", "CAROUSEL").form("children", children), caption.as_deref())
        }
        NewContainer::StoryImage { image_url } => {
            call.form("media_type", "STORIES").form("image_url", image_url.as_str())
        }
        NewContainer::StoryVideo { video_url } => {
            call.form("media_type", "STORIES").form("video_url", video_url.as_str())
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireContainer {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<ContainerId>,
    #[serde(deserialize_with = "lenient::text")]
    uri: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WirePublished {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<MediaId>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireStatus {
    #[serde(deserialize_with = "lenient::text")]
    status_code: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    status: Option<String>,
}

impl WireStatus {
    fn status(self) -> Option<ContainerStatus> {
        Some(match self.status_code?.as_str() {
            "IN_PROGRESS" => ContainerStatus::InProgress,
            "FINISHED" => ContainerStatus::Finished,
            "PUBLISHED" => ContainerStatus::Published,
            "EXPIRED" => ContainerStatus::Expired,
            "ERROR" => ContainerStatus::Failed { subcode: self.status.as_deref().and_then(subcode) },
            _ => ContainerStatus::Unknown,
        })
    }
}

/// "Error: Media upload has failed with error code 2207026": the text alone tells it.
fn subcode(status: &str) -> Option<i64> {
    let number = status.rsplit(|character: char| !character.is_ascii_digit()).find(|digits| !digits.is_empty())?;
    (number.len() == SUBCODE_DIGITS).then(|| number.parse().ok()).flatten()
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireQuota {
    #[serde(deserialize_with = "lenient::number")]
    quota_usage: Option<u64>,
    #[serde(deserialize_with = "lenient::object")]
    config: Option<WireQuotaConfig>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireQuotaConfig {
    #[serde(deserialize_with = "lenient::number")]
    quota_total: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    quota_duration: Option<u64>,
}

impl Decode for PublishingQuota {
    type Wire = WireQuota;

    fn decode(wire: WireQuota) -> Option<Self> {
        let config = wire.config.unwrap_or_default();
        Some(Self { used: wire.quota_usage?, total: config.quota_total, duration_s: config.quota_duration })
    }
}
