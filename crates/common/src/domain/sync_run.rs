//! Sync runs: one piece of work on Facebook with a cursor, progress and a result. Killed anywhere, a run goes on from
//! its cursor.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::ThreadId;
use super::lane::Lane;

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Fetch a person's Pages, store and subscribe them; each Page's first sync is a run of its own below this one.
    Connect,
    /// A Page's first sync: its newest conversations, at most 500.
    First,
    /// What changed since the last watermark.
    Incremental,
    /// What the first sync's cap or time left out, and messages older than a conversation's newest ones.
    Backfill,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Queued,
    Running,
    Succeeded,
    /// Ended, and some of it did not work; the result says what.
    Failed,
}

macro_rules! names {
    ($type:ident { $($variant:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

impl RunKind {
    /// Whoever connects Pages looks on until their first syncs have ended.
    pub const fn lane(self) -> Lane {
        match self {
            Self::Connect | Self::First => Lane::Interactive,
            Self::Incremental | Self::Backfill => Lane::Background,
        }
    }
}

names!(RunKind { Connect => "connect", First => "first", Incremental => "incremental", Backfill => "backfill" });
names!(RunState { Queued => "queued", Running => "running", Succeeded => "succeeded", Failed => "failed" });

impl RunState {
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// What a run is doing, in the order in which a Page goes through it; the console has a sentence for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    Waiting,
    FetchingPages,
    Subscribing,
    FetchingDetails,
    FetchingConversations,
    FetchingOlderMessages,
    FetchingNames,
    Done,
}

names!(RunPhase {
    Waiting => "waiting",
    FetchingPages => "fetching_pages",
    Subscribing => "subscribing",
    FetchingDetails => "fetching_details",
    FetchingConversations => "fetching_conversations",
    FetchingOlderMessages => "fetching_older_messages",
    FetchingNames => "fetching_names",
    Done => "done",
});

/// Where a Page's run goes on after a crash. Saved in the transaction that stores the page of data before it.
/// Meta's cursors move while conversations do, so a refused one starts the listing anew: upserts make that harmless.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunCursor {
    /// Meta's `after` cursor of the next page of conversations; none before the first page.
    pub after: Option<String>,
    /// The listing has come to its end, its watermark or its cap.
    pub listed: bool,
    /// Conversations stored so far.
    pub conversations: u32,
    /// The newest `updated_time` seen: the next watermark.
    pub newest: Option<DateTime<Utc>>,
    /// Conversations whose older messages are still to be fetched, with the cursor to go on from.
    pub older: Vec<OlderMessages>,
}

/// A conversation with more messages than came with the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OlderMessages {
    pub thread_id: ThreadId,
    pub psid: String,
    pub after: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_states_and_phases_survive_their_names() {
        assert_eq!(RunKind::parse("first"), Some(RunKind::First));
        assert_eq!(RunState::parse("failed"), Some(RunState::Failed));
        assert_eq!(RunPhase::parse("fetching_conversations"), Some(RunPhase::FetchingConversations));
        assert_eq!(RunPhase::parse("dancing"), None);
        assert!(RunState::Failed.has_ended() && !RunState::Running.has_ended());
    }
}
