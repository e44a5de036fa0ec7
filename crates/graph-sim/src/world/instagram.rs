//! The Instagram professional account that is linked to a Page: its media, and what is being published.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::draw::Draw;
use super::texts;
use super::uploads::{Part, Upload};
use crate::clock::{DAY, Millis, SECOND};

/// Of each account; media 1 is the oldest.
pub(crate) const GENERATED_MEDIA: u32 = 30;

/// A container that was not published ends after this.
const CONTAINER_LIFE: Millis = DAY;
/// How long Meta works on a container, in simulated time.
const IMAGE_WORK: Millis = 2 * SECOND;
const VIDEO_WORK: Millis = 20 * SECOND;

pub(crate) type MediaNumber = u32;
pub(crate) type ContainerNumber = u32;

#[derive(Debug)]
pub(crate) struct Instagram {
    draw: Draw,
    epoch_ms: Millis,
    containers: Vec<Container>,
    published: Vec<PublishedMedia>,
    /// Written while the simulator runs.
    comments: BTreeMap<MediaNumber, u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MediaKind {
    Image,
    Reel,
    StoryImage,
    StoryVideo,
    CarouselImage,
    CarouselVideo,
    Carousel,
}

impl MediaKind {
    pub(crate) fn is_video(self) -> bool {
        matches!(self, Self::Reel | Self::StoryVideo | Self::CarouselVideo)
    }

    pub(crate) fn is_carousel_item(self) -> bool {
        matches!(self, Self::CarouselImage | Self::CarouselVideo)
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Image | Self::StoryImage | Self::CarouselImage => "IMAGE",
            Self::Reel | Self::StoryVideo | Self::CarouselVideo => "VIDEO",
            Self::Carousel => "CAROUSEL_ALBUM",
        }
    }

    pub(crate) fn product_type(self) -> &'static str {
        match self {
            Self::Reel => "REELS",
            Self::StoryImage | Self::StoryVideo => "STORY",
            Self::Image | Self::Carousel | Self::CarouselImage | Self::CarouselVideo => "FEED",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Container {
    pub(crate) at_ms: Millis,
    pub(crate) kind: MediaKind,
    #[serde(default)]
    pub(crate) caption: String,
    #[serde(default)]
    pub(crate) children: Vec<ContainerNumber>,
    /// The subcode with which Meta's work on it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<i64>,
    /// How much has come of a file that the app uploads by itself; none where Meta fetches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) upload: Option<Upload>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublishedMedia {
    pub(crate) at_ms: Millis,
    pub(crate) container: ContainerNumber,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum InstagramChange {
    Container {
        container: Container,
    },
    Published {
        media: PublishedMedia,
    },
    Received {
        container: ContainerNumber,
        part: Part,
    },
    /// What it says is told by the webhook alone.
    Commented {
        media: MediaNumber,
    },
    /// Meta could not have the file.
    NotFetched {
        container: ContainerNumber,
        subcode: i64,
    },
}

/// `status_code` of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContainerStatus {
    InProgress,
    Finished,
    Published,
    Failed(i64),
    Expired,
}

/// A medium as Graph shows it.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    pub(crate) number: MediaNumber,
    pub(crate) at_ms: Millis,
    pub(crate) kind: MediaKind,
    pub(crate) caption: Option<String>,
    pub(crate) likes: u64,
    pub(crate) comments: u64,
    pub(crate) reach: u64,
}

impl Instagram {
    pub(crate) fn new(draw: Draw, epoch_ms: Millis) -> Self {
        Self {
            draw: draw.named("instagram"),
            epoch_ms,
            containers: Vec::new(),
            published: Vec::new(),
            comments: BTreeMap::new(),
        }
    }

    pub(crate) fn apply(&mut self, change: InstagramChange) {
        match change {
            InstagramChange::Container { container } => self.containers.push(container),
            InstagramChange::Published { media } => self.published.push(media),
            InstagramChange::Received { container, part } => {
                if let Some(upload) = self.container_mut(container).and_then(|container| container.upload.as_mut()) {
                    upload.receive(&part);
                }
            }
            InstagramChange::Commented { media } => *self.comments.entry(media).or_default() += 1,
            InstagramChange::NotFetched { container, subcode } => {
                if let Some(container) = self.container_mut(container) {
                    container.failure = Some(subcode);
                }
            }
        }
    }

    /// All of it, for the journal.
    pub(crate) fn changes(&self) -> Vec<InstagramChange> {
        let containers = self.containers.iter().cloned().map(|container| InstagramChange::Container { container });
        let published = self.published.iter().cloned().map(|media| InstagramChange::Published { media });
        let comments = self.comments.iter().flat_map(|(media, count)| {
            std::iter::repeat_n(InstagramChange::Commented { media: *media }, usize::try_from(*count).unwrap_or(0))
        });
        containers.chain(published).chain(comments).collect()
    }

    pub(crate) fn media_count(&self) -> MediaNumber {
        GENERATED_MEDIA + u32::try_from(self.published.len()).unwrap_or(0)
    }

    pub(crate) fn container_count(&self) -> ContainerNumber {
        u32::try_from(self.containers.len()).unwrap_or(0)
    }

    pub(crate) fn container(&self, number: ContainerNumber) -> Option<&Container> {
        self.containers.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    fn container_mut(&mut self, number: ContainerNumber) -> Option<&mut Container> {
        self.containers.get_mut(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// The number that the next comment gets.
    pub(crate) fn next_comment(&self) -> u32 {
        self.comments.values().sum::<u32>() + 1
    }

    pub(crate) fn status(&self, number: ContainerNumber, now: Millis) -> Option<ContainerStatus> {
        let container = self.container(number)?;
        if self.published.iter().any(|media| media.container == number) {
            return Some(ContainerStatus::Published);
        }
        let work = if container.kind.is_video() { VIDEO_WORK } else { IMAGE_WORK };
        let begun_ms = match &container.upload {
            None => Some(container.at_ms),
            Some(upload) => upload.complete_ms,
        };
        Some(match container.failure {
            _ if now - container.at_ms >= CONTAINER_LIFE => ContainerStatus::Expired,
            _ if begun_ms.is_none_or(|begun| now - begun < work) => ContainerStatus::InProgress,
            Some(subcode) => ContainerStatus::Failed(subcode),
            None => ContainerStatus::Finished,
        })
    }

    /// Published, and made, since then.
    pub(crate) fn published_since(&self, since: Millis) -> u32 {
        u32::try_from(self.published.iter().filter(|media| media.at_ms > since).count()).unwrap_or(u32::MAX)
    }

    pub(crate) fn made_since(&self, since: Millis) -> u32 {
        u32::try_from(self.containers.iter().filter(|container| container.at_ms > since).count()).unwrap_or(u32::MAX)
    }

    pub(crate) fn media(&self, number: MediaNumber) -> Option<Media> {
        let mut media = self.uncommented(number)?;
        media.comments += u64::from(self.comments.get(&number).copied().unwrap_or_default());
        Some(media)
    }

    fn uncommented(&self, number: MediaNumber) -> Option<Media> {
        if let Some(position) = number.checked_sub(GENERATED_MEDIA + 1) {
            let published = self.published.get(usize::try_from(position).ok()?)?;
            let container = self.container(published.container)?;
            return Some(Media {
                number,
                at_ms: published.at_ms,
                kind: container.kind,
                caption: Some(container.caption.clone()).filter(|caption| !caption.is_empty()),
                likes: 0,
                comments: 0,
                reach: 0,
            });
        }
        (number > 0).then(|| self.generated(number))
    }

    fn generated(&self, number: MediaNumber) -> Media {
        let draw = self.draw.at(u64::from(number));
        let kind = match draw.named("kind").below(5) {
            0 => MediaKind::Reel,
            1 => MediaKind::Carousel,
            _ => MediaKind::Image,
        };
        let likes = draw.named("likes").below(900);
        Media {
            number,
            at_ms: self.epoch_ms - Millis::from(GENERATED_MEDIA - number + 1) * 3 * DAY,
            kind,
            caption: (!draw.named("words").one_in(6)).then(|| texts::page_text(draw)),
            likes,
            comments: draw.named("comments").below(60),
            reach: likes * 7 + draw.named("reach").below(500),
        }
    }
}
