//! What was delivered, tried and given up: for tests and for people who look.

use std::collections::VecDeque;

use serde::Serialize;

use crate::clock::Millis;
use crate::locks::Mutex;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    pub(crate) seq: u64,
    pub(crate) at_ms: Millis,
    pub(crate) pages: Vec<String>,
    pub(crate) entries: usize,
    pub(crate) mids: Vec<String>,
    /// 1 for the first.
    pub(crate) attempt: u32,
    pub(crate) status: Option<u16>,
    pub(crate) outcome: Outcome,
    /// Real time.
    pub(crate) duration_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Delivered,
    /// Another answer than 200.
    Refused,
    TimedOut,
    Unreachable,
    /// Not sent: `refuse` is on, or nobody is subscribed any more.
    NotSent,
}

/// What Meta tells the developers of the app.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Alert {
    pub(crate) at_ms: Millis,
    pub(crate) page_id: String,
    pub(crate) kind: AlertKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlertKind {
    /// After 15 minutes.
    Failing,
    /// After an hour: the app is unsubscribed from the Page.
    Disabled,
}

#[derive(Debug, Default)]
pub(crate) struct DeliveryLedger {
    deliveries: Mutex<Deliveries>,
    alerts: Mutex<Vec<Alert>>,
}

#[derive(Debug, Default)]
struct Deliveries {
    next_seq: u64,
    kept: VecDeque<Delivery>,
    totals: Totals,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Totals {
    pub(crate) requests: u64,
    pub(crate) delivered_requests: u64,
    pub(crate) delivered_entries: u64,
    pub(crate) failed_requests: u64,
}

const KEPT: usize = 20_000;
const KEPT_ALERTS: usize = 1_000;

impl DeliveryLedger {
    /// Gives the delivery its number.
    pub(crate) fn push(&self, mut delivery: Delivery) {
        let mut deliveries = self.deliveries.lock();
        delivery.seq = deliveries.next_seq;
        deliveries.next_seq += 1;
        deliveries.totals.requests += 1;
        if delivery.outcome == Outcome::Delivered {
            deliveries.totals.delivered_requests += 1;
            deliveries.totals.delivered_entries += u64::try_from(delivery.entries).unwrap_or(0);
        } else {
            deliveries.totals.failed_requests += 1;
        }
        if deliveries.kept.len() == KEPT {
            deliveries.kept.pop_front();
        }
        deliveries.kept.push_back(delivery);
    }

    /// In the order in which they ended, from a number on.
    pub(crate) fn list(&self, from_seq: u64, limit: usize) -> Vec<Delivery> {
        let deliveries = self.deliveries.lock();
        deliveries.kept.iter().filter(|delivery| delivery.seq >= from_seq).take(limit).cloned().collect()
    }

    pub(crate) fn totals(&self) -> Totals {
        self.deliveries.lock().totals
    }

    pub(crate) fn alert(&self, alert: Alert) {
        let mut alerts = self.alerts.lock();
        let known = alerts.iter().any(|known| known.page_id == alert.page_id && known.kind == alert.kind);
        if (alert.kind == AlertKind::Disabled || !known) && alerts.len() < KEPT_ALERTS {
            alerts.push(alert);
        }
    }

    pub(crate) fn alerts(&self) -> Vec<Alert> {
        self.alerts.lock().clone()
    }
}
