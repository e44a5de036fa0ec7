//! Faults on demand: which calls fail, how, and how often.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::locks::Mutex;

/// The calls that fail: all conditions that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FaultRule {
    pub(crate) method: Option<String>,
    /// Part of the path as it was asked, or of the endpoint as the call log names it.
    pub(crate) path: Option<String>,
    /// Id of the Page that the call concerns.
    pub(crate) page: Option<String>,
    /// That many matching calls pass first.
    pub(crate) after: u64,
    /// Then so many fail; until cleared where not given.
    pub(crate) times: Option<u64>,
    /// Only in this span of simulated time, in milliseconds.
    pub(crate) from_ms: Option<Millis>,
    pub(crate) until_ms: Option<Millis>,
    pub(crate) effect: FaultEffect,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultEffect {
    /// Graph's error body.
    Error(ErrorFault),
    /// 502 with an HTML page.
    #[default]
    Html,
    /// 200 with no body.
    Empty,
    /// No answer, as long as the client waits.
    Hang,
    /// The answer breaks off in its middle.
    Truncate,
    /// The connection is reset before the call is looked at.
    ResetBefore,
    /// The call takes effect, then the connection is reset.
    ResetAfter,
    /// In a batch: `null` in place of the answer.
    NullItem,
    /// "Please reduce the amount of data you're asking for".
    ReduceData,
    /// A list of conversations without elements, and with a `next` that goes on.
    EmptyPage,
    /// A list of conversations or messages with one element, however many were asked for.
    ShortPage,
    LatencyMs(u64),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErrorFault {
    #[serde(default = "bad_request")]
    pub(crate) status: u16,
    pub(crate) code: i64,
    #[serde(default)]
    pub(crate) subcode: Option<i64>,
    #[serde(default)]
    pub(crate) message: Option<String>,
    #[serde(default)]
    pub(crate) is_transient: Option<bool>,
    /// The call takes effect all the same, as codes 1 and 2 may.
    #[serde(default)]
    pub(crate) applied: bool,
}

fn bad_request() -> u16 {
    400
}

impl FaultEffect {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Error(_) => "error",
            Self::Html => "html",
            Self::Empty => "empty",
            Self::Hang => "hang",
            Self::Truncate => "truncate",
            Self::ResetBefore => "reset_before",
            Self::ResetAfter => "reset_after",
            Self::NullItem => "null_item",
            Self::ReduceData => "reduce_data",
            Self::EmptyPage => "empty_page",
            Self::ShortPage => "short_page",
            Self::LatencyMs(_) => "latency_ms",
        }
    }
}

/// A rule with what became of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Fault {
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) rule: FaultRule,
    pub(crate) matched: u64,
    pub(crate) hits: u64,
}

/// What a rule is matched against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) endpoint: &'a str,
    pub(crate) page_id: Option<&'a str>,
    pub(crate) in_batch: bool,
    pub(crate) at_ms: Millis,
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// So that calls need no lock while there are none.
    count: AtomicUsize,
    list: Mutex<Vec<Fault>>,
    next_id: AtomicUsize,
}

impl Faults {
    pub(crate) fn add(&self, rule: FaultRule) -> u64 {
        let id = u64::try_from(self.next_id.fetch_add(1, Ordering::Relaxed)).unwrap_or(0) + 1;
        let mut list = self.list.lock();
        list.push(Fault { id, rule, matched: 0, hits: 0 });
        self.count.store(list.len(), Ordering::Release);
        id
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.list.lock().clone()
    }

    /// All of them where no id is given; tells whether there was such a one.
    pub(crate) fn clear(&self, id: Option<u64>) -> bool {
        let mut list = self.list.lock();
        let before = list.len();
        list.retain(|fault| id.is_some_and(|id| id != fault.id));
        self.count.store(list.len(), Ordering::Release);
        list.len() < before
    }

    /// The first rule that meets the call decides.
    pub(crate) fn next(&self, subject: Subject<'_>) -> Option<FaultEffect> {
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.list.lock().iter_mut().find_map(|fault| fault.meet(subject))
    }
}

impl Fault {
    fn meet(&mut self, subject: Subject<'_>) -> Option<FaultEffect> {
        if self.rule.times.is_some_and(|times| self.hits >= times) || !self.rule.concerns(subject) {
            return None;
        }
        self.matched += 1;
        if self.matched <= self.rule.after {
            return None;
        }
        self.hits += 1;
        Some(self.rule.effect.clone())
    }
}

impl FaultRule {
    fn concerns(&self, subject: Subject<'_>) -> bool {
        self.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(subject.method))
            && self.path.as_deref().is_none_or(|path| subject.path.contains(path) || subject.endpoint.contains(path))
            && self.page.as_deref().is_none_or(|page| subject.page_id == Some(page))
            && self.from_ms.is_none_or(|from| subject.at_ms >= from)
            && self.until_ms.is_none_or(|until| subject.at_ms < until)
            && (subject.in_batch || self.effect != FaultEffect::NullItem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject<'a>(path: &'a str, page_id: Option<&'a str>) -> Subject<'a> {
        Subject { method: "GET", path, endpoint: "GET /{page}/conversations", page_id, in_batch: false, at_ms: 0 }
    }

    #[test]
    fn a_rule_skips_then_hits_a_number_of_times() {
        let faults = Faults::default();
        faults.add(FaultRule {
            path: Some("conversations".to_owned()),
            after: 1,
            times: Some(2),
            ..FaultRule::default()
        });
        let hits: Vec<_> = (0..5).map(|_| faults.next(subject("/1/conversations", None)).is_some()).collect();
        assert_eq!(hits, [false, true, true, false, false]);
    }

    #[test]
    fn a_rule_may_hold_for_a_span_of_time() {
        let faults = Faults::default();
        faults.add(FaultRule { from_ms: Some(10), until_ms: Some(20), ..FaultRule::default() });
        let at = |at_ms| faults.next(Subject { at_ms, ..subject("/1", None) }).is_some();
        assert_eq!([at(9), at(10), at(19), at(20)], [false, true, true, false]);
    }

    #[test]
    fn a_rule_for_one_page_leaves_the_others_alone() {
        let faults = Faults::default();
        let id =
            faults.add(FaultRule { page: Some("1".to_owned()), effect: FaultEffect::Hang, ..FaultRule::default() });
        assert_eq!(faults.next(subject("/2", Some("2"))), None);
        assert_eq!(faults.next(subject("/1", Some("1"))), Some(FaultEffect::Hang));
        assert!(faults.clear(Some(id)));
        assert_eq!(faults.next(subject("/1", Some("1"))), None);
    }
}
