//! Pages whose webhooks do not arrive although their token is fine. PURE.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Webhooks take seconds; what is noted of the last one is exact to a minute.
const GRACE: TimeDelta = TimeDelta::minutes(3);

/// Why a Page was not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deafness {
    /// Facebook no longer sends its events, or not all of them.
    Unsubscribed,
    /// Facebook says that it does.
    Silent,
}

impl Deafness {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unsubscribed => "unsubscribed",
            Self::Silent => "silent",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::Unsubscribed, Self::Silent].into_iter().find(|known| known.as_str() == name)
    }
}

/// What is known of a Page when a sync has just looked at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// When a webhook of it came last.
    pub webhook_at: Option<DateTime<Utc>>,
    /// Since when Facebook is asked to send them.
    pub subscribed_at: Option<DateTime<Utc>>,
    /// The newest that was known before this sync.
    pub known_up_to: Option<DateTime<Utc>>,
    /// The newest that this sync saw on Facebook.
    pub happened_at: Option<DateTime<Utc>>,
}

/// What happened without being heard, where a webhook should have told of it by now.
pub fn unheard(heard: Heard, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let happened_at = heard.happened_at?;
    let is_news = heard.known_up_to.is_none_or(|known| happened_at > known);
    let listened_since = heard.webhook_at.max(heard.subscribed_at)?;
    let is_late = happened_at < now - GRACE;
    (is_news && is_late && happened_at > listened_since + GRACE).then_some(happened_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap()
    }

    fn heard(webhook: i64, known: i64, happened: i64) -> Heard {
        Heard {
            webhook_at: Some(at(webhook)),
            subscribed_at: Some(at(0)),
            known_up_to: Some(at(known)),
            happened_at: Some(at(happened)),
        }
    }

    #[test]
    fn what_a_sync_finds_long_after_the_last_webhook_was_not_heard() {
        assert_eq!(unheard(heard(10, 10, 30), at(40)), Some(at(30)));
    }

    #[test]
    fn a_webhook_that_may_still_come_is_not_missed() {
        assert_eq!(unheard(heard(10, 10, 39), at(40)), None);
        assert_eq!(unheard(heard(29, 10, 30), at(40)), None, "heard to the minute");
    }

    #[test]
    fn what_was_known_or_came_before_the_subscription_is_no_news() {
        assert_eq!(unheard(heard(10, 30, 30), at(40)), None);
        let never = Heard { webhook_at: None, subscribed_at: Some(at(35)), ..heard(0, 10, 30) };
        assert_eq!(unheard(never, at(60)), None);
        let unsubscribed = Heard { webhook_at: None, subscribed_at: None, ..heard(0, 10, 30) };
        assert_eq!(unheard(unsubscribed, at(60)), None, "it never was to be heard");
    }
}
