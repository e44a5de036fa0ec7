//! Files that an app uploads in parts, and the reels that are made of them.

use serde::{Deserialize, Serialize};

use crate::clock::{DAY, Millis, SECOND};

/// How long Meta works on a video, in simulated time.
const WORK: Millis = 20 * SECOND;

pub(crate) type VideoNumber = u32;

/// How much of a file has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) received: u64,
    /// As the app said with the first part.
    pub(crate) size: Option<u64>,
    pub(crate) complete_ms: Option<Millis>,
}

/// Bytes that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) bytes: u64,
    pub(crate) size: u64,
    pub(crate) at_ms: Millis,
}

impl Upload {
    pub(crate) fn receive(&mut self, part: &Part) {
        self.received += part.bytes;
        self.size = Some(part.size);
        if self.received >= part.size {
            self.complete_ms = self.complete_ms.or(Some(part.at_ms));
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Videos(Vec<Video>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Video {
    pub(crate) kind: VideoKind,
    pub(crate) started_ms: Millis,
    pub(crate) upload: Upload,
    pub(crate) finish: Option<Finish>,
}

/// Only reels are counted against a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum VideoKind {
    #[default]
    Reel,
    Video,
}

/// What the app wants of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finish {
    pub(crate) at_ms: Millis,
    pub(crate) state: VideoState,
    pub(crate) description: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum VideoState {
    Draft,
    Published,
    Scheduled,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum VideoChange {
    Started {
        at_ms: Millis,
        #[serde(default)]
        kind: VideoKind,
    },
    Received {
        video: VideoNumber,
        part: Part,
    },
    Finished {
        video: VideoNumber,
        finish: Finish,
    },
}

impl Videos {
    pub(crate) fn apply(&mut self, change: VideoChange) {
        match change {
            VideoChange::Started { at_ms, kind } => {
                self.0.push(Video { kind, started_ms: at_ms, upload: Upload::default(), finish: None });
            }
            VideoChange::Received { video, part } => {
                if let Some(video) = self.video_mut(video) {
                    video.upload.receive(&part);
                }
            }
            VideoChange::Finished { video, finish } => {
                if let Some(video) = self.video_mut(video) {
                    video.finish = Some(finish);
                }
            }
        }
    }

    /// All of it, for the journal.
    pub(crate) fn changes(&self) -> Vec<VideoChange> {
        let mut changes = Vec::new();
        for (number, video) in (1..).zip(&self.0) {
            changes.push(VideoChange::Started { at_ms: video.started_ms, kind: video.kind });
            if let Upload { received, size: Some(size), complete_ms } = video.upload {
                let at_ms = complete_ms.unwrap_or(video.started_ms);
                changes.push(VideoChange::Received { video: number, part: Part { bytes: received, size, at_ms } });
            }
            if let Some(finish) = &video.finish {
                changes.push(VideoChange::Finished { video: number, finish: finish.clone() });
            }
        }
        changes
    }

    pub(crate) fn count(&self) -> VideoNumber {
        u32::try_from(self.0.len()).unwrap_or(0)
    }

    pub(crate) fn video(&self, number: VideoNumber) -> Option<&Video> {
        self.0.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    fn video_mut(&mut self, number: VideoNumber) -> Option<&mut Video> {
        self.0.get_mut(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    pub(crate) fn reels_published_since(&self, since: Millis) -> usize {
        let reels = self.0.iter().filter(|video| video.kind == VideoKind::Reel);
        let finishes = reels.filter_map(|video| video.finish.as_ref());
        finishes.filter(|finish| finish.state == VideoState::Published && finish.at_ms > since).count()
    }
}

impl Video {
    /// An upload that nobody finished in a day.
    pub(crate) fn is_expired(&self, now: Millis) -> bool {
        self.finish.is_none() && now - self.started_ms >= DAY
    }

    /// Meta has looked at all of it.
    pub(crate) fn is_processed(&self, now: Millis) -> bool {
        self.upload.complete_ms.is_some_and(|complete| now - complete >= WORK)
    }
}
