//! What outlives the process: one JSON line per change, appended; replayed and compacted at the start.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::clock::{ClockSetting, Millis};
use crate::instagram_login::InstagramToken;
use crate::locks::Mutex;
use crate::oauth::death::Death;
use crate::oauth::grants::Grant;
use crate::oauth::tokens::StoredToken;
use crate::webhooks::subscription::AppSubscription;
use crate::world::PageSettings;
use crate::world::config::Task;
use crate::world::instagram::InstagramChange;
use crate::world::message_change::MessageChange;
use crate::world::posts::PostChange;
use crate::world::records::RecordChange;
use crate::world::surface::Surface;
use crate::world::thread::{CustomerChange, SentMessage};
use crate::world::uploads::VideoChange;

/// A change. Pages and people stand by their ids, so that a world of another size still finds them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// The first line.
    World {
        seed: u64,
        epoch_ms: Millis,
    },
    Clock {
        setting: ClockSetting,
    },
    TokenIssued {
        token: StoredToken,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived_from: Option<String>,
    },
    InstagramToken {
        token: InstagramToken,
    },
    TokensDied {
        access_tokens: Vec<String>,
        death: Death,
    },
    Granted {
        person_id: String,
        grant: Grant,
    },
    Role {
        person_id: String,
        page_id: String,
        tasks: Option<Vec<Task>>,
        #[serde(default)]
        through_business: bool,
    },
    AppSubscribed {
        #[serde(default)]
        surface: Surface,
        subscription: Option<AppSubscription>,
    },
    PageSubscribed {
        page_id: String,
        fields: Vec<String>,
    },
    Page {
        page_id: String,
        #[serde(flatten)]
        settings: PageSettings,
    },
    CustomerAdded {
        page_id: String,
        name: String,
    },
    CustomerChanged {
        page_id: String,
        conversation: u32,
        #[serde(flatten)]
        change: CustomerChange,
    },
    MessageSent {
        page_id: String,
        conversation: u32,
        message: SentMessage,
    },
    MessageChanged {
        page_id: String,
        conversation: u32,
        index: u32,
        change: MessageChange,
    },
    Record {
        page_id: String,
        change: RecordChange,
    },
    Post {
        page_id: String,
        change: PostChange,
    },
    Instagram {
        page_id: String,
        change: InstagramChange,
    },
    Video {
        page_id: String,
        change: VideoChange,
    },
}

impl Event {
    /// Of the changes to one Page.
    pub(crate) fn page_id(&self) -> Option<&str> {
        match self {
            Self::PageSubscribed { page_id, .. }
            | Self::Page { page_id, .. }
            | Self::CustomerAdded { page_id, .. }
            | Self::CustomerChanged { page_id, .. }
            | Self::MessageSent { page_id, .. }
            | Self::MessageChanged { page_id, .. }
            | Self::Record { page_id, .. }
            | Self::Post { page_id, .. }
            | Self::Instagram { page_id, .. }
            | Self::Video { page_id, .. } => Some(page_id),
            _ => None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("the journal {path} cannot be read or written")]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("line {line} of the journal {path} is damaged, and it is not the last one")]
    Damaged {
        path: PathBuf,
        line: usize,
        #[source]
        source: serde_json::Error,
    },
    #[error("the journal {path} belongs to a world of another seed ({journal_seed}, not {seed})")]
    OtherWorld { path: PathBuf, journal_seed: u64, seed: u64 },
}

/// Appends changes; without a file it forgets them.
#[derive(Debug, Default)]
pub(crate) struct Journal(Option<Mutex<File>>);

impl Journal {
    pub(crate) fn append(&self, event: &Event) {
        let Some(file) = &self.0 else { return };
        let Ok(mut line) = serde_json::to_vec(event) else { return };
        line.push(b'\n');
        if let Err(error) = file.lock().write_all(&line) {
            tracing::error!(area = "journal", error = %error, "a change could not be written to the journal");
        }
    }

    /// Replaces the file by these events and goes on appending to it.
    pub(crate) fn rewrite(path: &Path, events: impl Iterator<Item = Event>) -> Result<Self, JournalError> {
        let failed = |source| JournalError::File { path: path.to_owned(), source };
        let fresh = path.with_extension("new");
        let mut out = BufWriter::new(File::create(&fresh).map_err(failed)?);
        for event in events {
            serde_json::to_writer(&mut out, &event).map_err(|error| failed(error.into()))?;
            out.write_all(b"\n").map_err(failed)?;
        }
        out.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
        std::fs::rename(&fresh, path).map_err(failed)?;
        let file = OpenOptions::new().append(true).open(path).map_err(failed)?;
        Ok(Self(Some(Mutex::new(file))))
    }
}

/// Reads a journal; no file is an empty one, and a torn last line is left out.
pub(crate) fn read(path: &Path) -> Result<Vec<Event>, JournalError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(JournalError::File { path: path.to_owned(), source }),
    };
    let mut events = Vec::new();
    let mut lines = text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()).peekable();
    while let Some((number, line)) = lines.next() {
        match serde_json::from_slice(line) {
            Ok(event) => events.push(event),
            Err(_torn) if lines.peek().is_none() => {}
            Err(source) => return Err(JournalError::Damaged { path: path.to_owned(), line: number + 1, source }),
        }
    }
    Ok(events)
}
