//! The log of Graph calls, without tokens and texts, for tests to ask.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::clock::Millis;
use crate::locks::Mutex;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct CallRecord {
    pub(crate) seq: u64,
    pub(crate) at_ms: Millis,
    pub(crate) method: &'static str,
    /// As `GET /{page}/conversations`.
    pub(crate) endpoint: String,
    pub(crate) page_id: Option<String>,
    /// An item of a batch or one of several `ids`: each counts as a call.
    pub(crate) part_of_batch: bool,
    pub(crate) fields: Option<String>,
    pub(crate) limit: Option<String>,
    pub(crate) status: u16,
    pub(crate) code: Option<i64>,
    pub(crate) subcode: Option<i64>,
    pub(crate) fault: Option<&'static str>,
    pub(crate) answer_bytes: usize,
}

/// Counts since the start or the last reset.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct CallCounts {
    pub(crate) total: u64,
    pub(crate) errors: u64,
    pub(crate) by_endpoint: BTreeMap<String, u64>,
    /// Page id → endpoint → calls.
    pub(crate) by_page: BTreeMap<String, BTreeMap<String, u64>>,
}

#[derive(Debug, Default)]
pub(crate) struct CallLog(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    next_seq: u64,
    records: VecDeque<CallRecord>,
    counts: CallCounts,
}

const KEPT: usize = 50_000;

impl CallLog {
    /// Gives the record its number.
    pub(crate) fn push(&self, mut record: CallRecord) {
        let mut log = self.0.lock();
        record.seq = log.next_seq;
        log.next_seq += 1;
        log.counts.total += 1;
        log.counts.errors += u64::from(record.code.is_some());
        count(&mut log.counts.by_endpoint, &record.endpoint);
        if let Some(page) = &record.page_id {
            if !log.counts.by_page.contains_key(page) {
                log.counts.by_page.insert(page.clone(), BTreeMap::new());
            }
            if let Some(of_page) = log.counts.by_page.get_mut(page) {
                count(of_page, &record.endpoint);
            }
        }
        if log.records.len() == KEPT {
            log.records.pop_front();
        }
        log.records.push_back(record);
    }

    pub(crate) fn counts(&self) -> CallCounts {
        self.0.lock().counts.clone()
    }

    /// Newest first.
    pub(crate) fn list(&self, wanted: impl Fn(&CallRecord) -> bool, limit: usize) -> Vec<CallRecord> {
        self.0.lock().records.iter().rev().filter(|record| wanted(record)).take(limit).cloned().collect()
    }

    pub(crate) fn reset(&self) {
        let mut log = self.0.lock();
        log.records.clear();
        log.counts = CallCounts::default();
    }
}

fn count(counts: &mut BTreeMap<String, u64>, key: &str) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => {
            counts.insert(key.to_owned(), 1);
        }
    }
}
