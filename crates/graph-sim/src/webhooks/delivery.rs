//! Deliveries: sent at once, tried again at once, then ever later; after an hour the Page is unsubscribed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::event::{self, Event};
use super::ledger::{Alert, AlertKind, Delivery, Outcome};
use super::modes::Modes;
use super::queue::Batch;
use super::signature;
use crate::clock::{HOUR, MINUTE, Millis, SECOND};
use crate::simulator::Simulator;
use crate::world::ids::PageIndex;
use crate::world::surface::Surface;

/// Simulated time before each later try; the last one repeats.
const LATER: [Millis; 5] = [15 * SECOND, MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE];
const ALERT_AFTER: Millis = 15 * MINUTE;
const UNSUBSCRIBE_AFTER: Millis = HOUR;
/// Of fields other than messages.
const GIVE_UP_AFTER: Millis = 36 * HOUR;

/// A client for callbacks: no proxy, no redirects; times are limited by each request.
pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("Webhooks/1.0 (https://fb.me/webhooks)")
        .build()
}

/// Delivers until stopped.
pub(crate) async fn run(sim: Arc<Simulator>, stop: CancellationToken) {
    loop {
        start_waiting(&sim, &stop);
        tokio::select! {
            () = sim.webhooks.work.notified() => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Starts as many requests as may run at once.
fn start_waiting(sim: &Arc<Simulator>, stop: &CancellationToken) {
    let modes = sim.webhooks.modes();
    if modes.paused {
        return;
    }
    loop {
        let batch = {
            let mut queue = sim.webhooks.queue.lock();
            if queue.figures().in_flight >= modes.concurrency.max(1) { None } else { queue.take(modes.max_entries) }
        };
        let Some(batch) = batch else { return };
        let (sim, stop) = (sim.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = deliver(&sim, batch) => {}
                () = stop.cancelled() => {}
            }
        });
    }
}

/// A request that is tried until it succeeds or its Pages are unsubscribed.
struct Request {
    surface: Surface,
    pages: Vec<PageIndex>,
    body: Vec<u8>,
    entries: usize,
    mids: Vec<String>,
    /// Messages are among the entries.
    has_messages: bool,
    attempts: u32,
}

async fn deliver(sim: &Arc<Simulator>, batch: Batch) {
    let mut request = Request {
        surface: batch.surface,
        body: sim
            .varies()
            .reshape(sim.webhooks.style, event::body(batch.surface, batch.events.iter().map(|e| e.entry.as_slice()))),
        entries: batch.events.len(),
        has_messages: batch.events.iter().any(Event::is_messaging),
        mids: batch.events.iter().filter_map(|event| event.mid.clone()).collect(),
        pages: batch.pages,
        attempts: 0,
    };
    drop(batch.events);
    let delivered = try_at_once(sim, &mut request).await;
    sim.webhooks.queue.lock().release(&request.pages);
    sim.webhooks.work.notify_one();
    if !delivered {
        try_later(sim, request).await;
    }
}

/// A Page that fails already gets one try only, so that a dead receiver is not stormed.
async fn try_at_once(sim: &Simulator, request: &mut Request) -> bool {
    let failing = request.pages.iter().any(|page| sim.webhooks.failing_since(*page).is_some());
    let tries = if failing { 1 } else { 1 + sim.webhooks.modes().immediate_retries };
    for _ in 0..tries {
        if attempt(sim, request).await {
            return true;
        }
    }
    false
}

async fn try_later(sim: &Simulator, mut request: Request) {
    let mut pauses = LATER.iter().copied();
    let mut pause = SECOND;
    let mut due = || {
        pause = pauses.next().unwrap_or(pause);
        sim.clock.now_ms() + pause
    };
    // Known before the entries count as waiting: a test that sees them wait may move the clock at once.
    let mut next = due();
    let give_up_at = sim.clock.now_ms() + GIVE_UP_AFTER;
    sim.webhooks.queue.lock().waiting_more(request.entries);
    loop {
        sim.clock.sleep_until(next).await;
        let left = still_subscribed(sim, &request) && sim.clock.now_ms() < give_up_at;
        if !left || attempt(sim, &mut request).await {
            let mut queue = sim.webhooks.queue.lock();
            queue.waiting_less(request.entries);
            if !left {
                queue.count_dropped(request.entries);
            }
            return;
        }
        next = due();
    }
}

fn still_subscribed(sim: &Simulator, request: &Request) -> bool {
    sim.webhooks.app_subscription(request.surface).is_some()
        && request.pages.iter().any(|page| !sim.webhooks.page_fields(page.owner()).is_empty())
}

async fn attempt(sim: &Simulator, request: &mut Request) -> bool {
    request.attempts += 1;
    let started = Instant::now();
    let modes = sim.webhooks.modes();
    let (outcome, status) = match sim.webhooks.app_subscription(request.surface) {
        Some(subscription) if !modes.refuse => post(sim, &subscription.callback_url, &modes, &request.body).await,
        _ => (Outcome::NotSent, None),
    };
    sim.webhooks.ledger.push(Delivery {
        seq: 0,
        at_ms: sim.clock.now_ms(),
        pages: request.pages.iter().filter_map(|page| sim.world.page(*page)).map(|page| page.id.clone()).collect(),
        entries: request.entries,
        mids: request.mids.clone(),
        attempt: request.attempts,
        status,
        outcome,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    });
    let delivered = outcome == Outcome::Delivered;
    for page in &request.pages {
        if delivered {
            sim.webhooks.failing.lock().remove(page);
        } else {
            note_failure(sim, *page, request.has_messages);
        }
    }
    delivered
}

/// Only 200 counts: Meta's guides ask for "200 OK" everywhere.
pub(super) async fn post(sim: &Simulator, url: &str, modes: &Modes, body: &[u8]) -> (Outcome, Option<u16>) {
    let secret = &sim.config.app.secret;
    let mut request = sim
        .webhooks
        .http
        .post(url)
        .timeout(Duration::from_millis(modes.timeout_ms))
        .header("content-type", "application/json")
        .body(body.to_vec());
    if let Some(signature) = signature::header(modes.signature, secret, body) {
        request = request.header("x-hub-signature-256", signature);
    }
    if modes.sha1 {
        request = request.header("x-hub-signature", signature::sha1(secret, body));
    }
    match request.send().await {
        Ok(response) if response.status() == reqwest::StatusCode::OK => (Outcome::Delivered, Some(200)),
        Ok(response) => (Outcome::Refused, Some(response.status().as_u16())),
        Err(error) if error.is_timeout() => (Outcome::TimedOut, None),
        Err(_unreachable) => (Outcome::Unreachable, None),
    }
}

fn note_failure(sim: &Simulator, index: PageIndex, has_messages: bool) {
    let now = sim.clock.now_ms();
    let Some(page) = sim.world.page(index.owner()) else { return };
    let since = *sim.webhooks.failing.lock().entry(index).or_insert(now);
    let failed_for = now - since;
    let alert = |kind| sim.webhooks.ledger.alert(Alert { at_ms: now, page_id: page.id.clone(), kind });
    if failed_for >= UNSUBSCRIBE_AFTER && has_messages {
        if !sim.webhooks.page_fields(page.index).is_empty() {
            sim.unsubscribe_page(page);
            alert(AlertKind::Disabled);
        }
    } else if failed_for >= ALERT_AFTER {
        alert(AlertKind::Failing);
    }
}
