//! `queue`, `page`, `reason`, `older_than`: which of the entries.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::found::Found;
use super::id::{ParkedId, QUARANTINE};

const REASON_MAX_CHARACTERS: usize = 200;
const PAGE_MAX_LENGTH: usize = 32;
const OLDEST_DAYS: i64 = 3_650;

/// The same words in a query and in a body.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FilterTexts<'a> {
    pub(super) queue: Option<&'a str>,
    pub(super) page: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
    pub(super) older_than: Option<&'a str>,
}

/// Which entries; the default: all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) ids: Option<HashSet<ParkedId>>,
    pub(super) queue: Option<String>,
    /// A connection's id, or Meta's id of its Page.
    pub(super) page: Option<String>,
    /// A part of it, whatever the case.
    pub(super) reason: Option<String>,
    pub(super) parked_before: Option<DateTime<Utc>>,
}

/// A filter that fits nothing that could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub(super) struct InvalidFilter {
    pub(super) field: &'static str,
    pub(super) problem: &'static str,
}

impl Filter {
    /// `queues`: the short names that there are.
    pub(super) fn parse(texts: FilterTexts<'_>, queues: &[&str], now: DateTime<Utc>) -> Result<Self, InvalidFilter> {
        let refuse = |field, problem| Err(InvalidFilter { field, problem });
        if texts.queue.is_some_and(|queue| queue != QUARANTINE && !queues.contains(&queue)) {
            return refuse("queue", "must be the name of a queue, as the list gives it, or quarantine");
        }
        let is_page =
            |page: &str| (1..=PAGE_MAX_LENGTH).contains(&page.len()) && page.bytes().all(|b| b.is_ascii_digit());
        if texts.page.is_some_and(|page| !is_page(page)) {
            return refuse("page", "must be the id of a connection or of a Page at Facebook");
        }
        let is_reason = |reason: &str| {
            (1..=REASON_MAX_CHARACTERS).contains(&reason.chars().count()) && !reason.chars().any(char::is_control)
        };
        if texts.reason.is_some_and(|reason| !is_reason(reason)) {
            return refuse("reason", "must be a part of a reason, 1 to 200 characters");
        }
        let parked_before = match texts.older_than.map(parse_age) {
            None => None,
            Some(Some(age)) => Some(now - age),
            Some(None) => return refuse("older_than", "must be an age like 90s, 30m, 2h or 7d"),
        };
        Ok(Self {
            ids: None,
            queue: texts.queue.map(str::to_owned),
            page: texts.page.map(str::to_owned),
            reason: texts.reason.map(str::to_lowercase),
            parked_before,
        })
    }

    pub(super) fn of_ids(ids: impl IntoIterator<Item = ParkedId>) -> Self {
        Self { ids: Some(ids.into_iter().collect()), ..Self::default() }
    }

    /// Whether any entry of this queue can fit.
    pub(super) fn allows_queue(&self, queue: &str) -> bool {
        let of_queue = |id: &ParkedId| match id {
            ParkedId::Message { queue: of, .. } => of == queue,
            ParkedId::Quarantined(_) => queue == QUARANTINE,
        };
        self.queue.as_ref().is_none_or(|wanted| wanted == queue)
            && self.ids.as_ref().is_none_or(|ids| ids.iter().any(of_queue))
    }

    pub(super) fn fits(&self, found: &Found) -> bool {
        let is_of_page = |page: &String| {
            found.page.as_ref().is_some_and(|of| {
                of.page_id.as_deref() == Some(page) || of.connection_id.is_some_and(|id| id.to_string() == *page)
            })
        };
        self.ids.as_ref().is_none_or(|ids| ids.contains(&found.id))
            && self.queue.as_ref().is_none_or(|queue| found.queue == *queue)
            && self.page.as_ref().is_none_or(is_of_page)
            && self.reason.as_ref().is_none_or(|reason| found.reason.to_lowercase().contains(reason))
            && self.parked_before.is_none_or(|before| found.parked_at.is_some_and(|at| at < before))
    }
}

/// A number with its unit.
fn parse_age(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().next_back()?;
    let number = text.strip_suffix(unit)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = number.parse().ok()?;
    let age = match unit {
        's' => TimeDelta::try_seconds(number),
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        _ => None,
    };
    age.filter(|age| *age <= TimeDelta::days(OLDEST_DAYS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(texts: FilterTexts<'_>) -> Result<Filter, InvalidFilter> {
        Filter::parse(texts, &["webhooks"], DateTime::UNIX_EPOCH + TimeDelta::days(10_000))
    }

    #[test]
    fn each_word_is_refused_by_its_name() {
        let none = FilterTexts::default();
        let long = "x".repeat(201);
        for (texts, field) in [
            (FilterTexts { queue: Some("sync-worker.webhooks"), ..none }, "queue"),
            (FilterTexts { queue: Some(""), ..none }, "queue"),
            (FilterTexts { page: Some("Café"), ..none }, "page"),
            (FilterTexts { page: Some(""), ..none }, "page"),
            (FilterTexts { reason: Some(""), ..none }, "reason"),
            (FilterTexts { reason: Some("\0"), ..none }, "reason"),
            (FilterTexts { reason: Some(&long), ..none }, "reason"),
            (FilterTexts { older_than: Some("2"), ..none }, "older_than"),
            (FilterTexts { older_than: Some("-2h"), ..none }, "older_than"),
            (FilterTexts { older_than: Some("2 h"), ..none }, "older_than"),
            (FilterTexts { older_than: Some("ä"), ..none }, "older_than"),
            (FilterTexts { older_than: Some("9223372036854775807d"), ..none }, "older_than"),
            (FilterTexts { older_than: Some("h"), ..none }, "older_than"),
        ] {
            assert_eq!(parse(texts).map_err(|invalid| invalid.field), Err(field), "{texts:?}");
        }
        assert_eq!(parse(none), Ok(Filter::default()));
        assert!(parse(FilterTexts { queue: Some("quarantine"), page: Some("7"), ..none }).is_ok());
    }

    #[test]
    fn ages_have_units() {
        let ages = ["90s", "30m", "2h", "7d"].map(|text| parse_age(text).unwrap().num_seconds());
        assert_eq!(ages, [90, 1_800, 7_200, 604_800]);
    }
}
