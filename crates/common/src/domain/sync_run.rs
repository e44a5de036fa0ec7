//! Sync runs: one piece of work on Facebook with a cursor, progress and a result. Killed anywhere, a run goes on from
//! its cursor.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

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
    /// All of a Page: its details, its customers, all conversations and all their messages.
    Full,
    /// What Facebook says of the Page itself.
    Details,
    /// A Page's customers and their names.
    Contacts,
    /// All messages of one conversation.
    Messages,
    /// What Facebook says of one conversation: how much of it is unread, and whether it can be answered.
    Status,
    /// Write fields of the Page to Facebook.
    UpdatePage,
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
    /// Failed as often as it is tried: a person may have it tried again.
    Parked,
    /// Ended early because somebody asked for it.
    Canceled,
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
    /// Where nobody says else: whoever connects Pages looks on until their first syncs have ended.
    pub const fn lane(self) -> Lane {
        match self {
            Self::Connect | Self::First => Lane::Interactive,
            _ => Lane::Background,
        }
    }

    /// Goes through all conversations of a Page with their messages; of these only one is at work on a Page at a time.
    pub const fn is_page_wide(self) -> bool {
        matches!(self, Self::First | Self::Incremental | Self::Backfill | Self::Full)
    }
}

names!(RunKind {
    Connect => "connect",
    First => "first",
    Incremental => "incremental",
    Backfill => "backfill",
    Full => "full",
    Details => "details",
    Contacts => "contacts",
    Messages => "messages",
    Status => "status",
    UpdatePage => "update_page",
});
names!(RunState {
    Queued => "queued",
    Running => "running",
    Succeeded => "succeeded",
    Failed => "failed",
    Parked => "parked",
    Canceled => "canceled",
});

impl RunState {
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Parked | Self::Canceled)
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
    FetchingContacts,
    FetchingConversations,
    FetchingOlderMessages,
    FetchingNames,
    UpdatingPage,
    Done,
}

names!(RunPhase {
    Waiting => "waiting",
    FetchingPages => "fetching_pages",
    Subscribing => "subscribing",
    FetchingDetails => "fetching_details",
    FetchingContacts => "fetching_contacts",
    FetchingConversations => "fetching_conversations",
    FetchingOlderMessages => "fetching_older_messages",
    FetchingNames => "fetching_names",
    UpdatingPage => "updating_page",
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
    /// Of the conversations of that time.
    #[serde(default)]
    pub newest_digest: Option<Uuid>,
    /// Conversations whose older messages are still to be fetched, with the cursor to go on from.
    pub older: Vec<OlderMessages>,
    /// Of the list of conversations.
    #[serde(default)]
    pub circle: CircleGuard,
    /// What comes before the list is done.
    #[serde(default)]
    pub prepared: bool,
    /// Messages that Facebook told beside those that came with the list.
    #[serde(default)]
    pub messages: u64,
}

/// A conversation with more messages than came with the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OlderMessages {
    pub thread_id: ThreadId,
    pub psid: String,
    /// Empty at the newest message.
    pub after: String,
    #[serde(default)]
    pub circle: CircleGuard,
}

/// Notices that a list leads back to where it was, which would never end. Of a circle of any length, by remembering one
/// cursor alone (Brent's algorithm).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CircleGuard {
    remembered: Option<String>,
    steps: u32,
    stretch: u32,
}

impl CircleGuard {
    /// Takes the next cursor; whether it was there before.
    pub fn is_closed_by(&mut self, cursor: &str) -> bool {
        if self.remembered.as_deref() == Some(cursor) {
            return true;
        }
        self.steps += 1;
        if self.steps > self.stretch {
            self.remembered = Some(cursor.to_owned());
            self.stretch = self.stretch.saturating_mul(2).max(1);
            self.steps = 0;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps until it is noticed that after `tail` cursors the list goes round `length` of them.
    fn noticed_after(tail: u32, length: u32) -> u32 {
        let mut guard = CircleGuard::default();
        let cursor = |step: u32| if step < tail { step } else { tail + (step - tail) % length };
        (0..10_000).find(|step| guard.is_closed_by(&cursor(*step).to_string())).unwrap()
    }

    #[test]
    fn a_list_in_a_circle_is_noticed_within_a_few_rounds_and_one_that_ends_never_is() {
        for tail in 0..20 {
            for length in 1..20 {
                assert!(noticed_after(tail, length) <= 3 * (tail + length) + 2, "{tail} {length}");
            }
        }
        let mut guard = CircleGuard::default();
        assert!((0..1_000).all(|cursor: u32| !guard.is_closed_by(&cursor.to_string())));
    }

    #[test]
    fn kinds_states_and_phases_survive_their_names() {
        assert_eq!(RunKind::parse("first"), Some(RunKind::First));
        assert_eq!(RunState::parse("failed"), Some(RunState::Failed));
        assert_eq!(RunPhase::parse("fetching_conversations"), Some(RunPhase::FetchingConversations));
        assert_eq!(RunPhase::parse("dancing"), None);
        assert!(RunState::Failed.has_ended() && !RunState::Running.has_ended());
    }
}
