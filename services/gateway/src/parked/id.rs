//! `webhooks:0197c1d2-…` and `quarantine:91`: what the list calls its entries. Safe in a path.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The quarantine's name among the queues.
pub(super) const QUARANTINE: &str = "quarantine";

/// Most queues are sync-worker's; its name says nothing to people.
const WORKER: &str = "sync-worker.";

/// Ordered as the list is where two were parked at the same time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ParkedId {
    /// Of a queue, by its short name.
    Message {
        queue: String,
        id: Uuid,
    },
    Quarantined(i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an id that the list gave out")]
pub(super) struct InvalidParkedId;

/// How the list calls a queue.
pub(super) fn short_name(queue: &str) -> &str {
    queue.strip_prefix(WORKER).unwrap_or(queue)
}

impl fmt::Display for ParkedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message { queue, id } => write!(f, "{queue}:{id}"),
            Self::Quarantined(id) => write!(f, "{QUARANTINE}:{id}"),
        }
    }
}

impl FromStr for ParkedId {
    type Err = InvalidParkedId;

    /// Only as [`fmt::Display`] writes it.
    fn from_str(text: &str) -> Result<Self, InvalidParkedId> {
        let (queue, id) = text.split_once(':').ok_or(InvalidParkedId)?;
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        if queue.is_empty() || queue.len() > 100 || !queue.bytes().all(is_name) {
            return Err(InvalidParkedId);
        }
        let parsed = if queue == QUARANTINE {
            Self::Quarantined(id.parse().map_err(|_not_a_number| InvalidParkedId)?)
        } else {
            let id = Uuid::parse_str(id).map_err(|_not_an_id| InvalidParkedId)?;
            Self::Message { queue: queue.to_owned(), id }
        };
        if parsed.to_string() == text { Ok(parsed) } else { Err(InvalidParkedId) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written_and_in_no_other_way() {
        for text in ["webhooks:0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e11", "quarantine:91", "quarantine:-1"] {
            assert_eq!(text.parse::<ParkedId>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "91",
            ":91",
            "quarantine:",
            "quarantine:091",
            "quarantine:+1",
            "quarantine:99999999999999999999",
            "webhooks:91",
            "webhooks:0197C1D2-7e2a-7b61-a7a5-0d2f6a1c9e11",
            "webhooks:0197c1d27e2a7b61a7a50d2f6a1c9e11",
            "web hooks:0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e11",
            "WEBHOOKS:0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e11",
        ] {
            assert_eq!(text.parse::<ParkedId>(), Err(InvalidParkedId), "{text}");
        }
    }

    #[test]
    fn only_the_workers_name_is_left_out() {
        assert_eq!(short_name("sync-worker.commands.background"), "commands.background");
        assert_eq!(short_name("token-refresher.commands"), "token-refresher.commands");
    }
}
