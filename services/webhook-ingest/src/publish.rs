//! The task that makes things durable: it asks the [`Dispatcher`] what to do, and does it.

use std::future::pending;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use metrics::{gauge, histogram};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use crate::broker::Broker;
use crate::bundle::Parcel;
use crate::dispatch::{Action, DispatchLimits, Dispatcher, Done};
use crate::room::Room;
use crate::spool::Spool;

/// Parcels that are taken in before the next flight is made up.
const TAKEN_AT_ONCE: usize = 1024;

/// What publishers work with.
pub(crate) struct Publishing {
    pub(crate) broker: Broker,
    pub(crate) spool: Spool,
    pub(crate) limits: DispatchLimits,
    pub(crate) room: Room,
    /// How many publishers found that the broker does not confirm; for the drain and the probes.
    pub(crate) open_breakers: watch::Sender<usize>,
}

impl Publishing {
    /// A publisher: works until nobody can send it a parcel any more and the last one is settled.
    pub(crate) async fn run(self: Arc<Self>, mut parcels: mpsc::UnboundedReceiver<Parcel>) {
        let mut dispatcher = Dispatcher::new(self.limits);
        let mut was_closed = dispatcher.is_breaker_closed();
        let mut under_way = FuturesUnordered::new();
        let mut taken = Vec::with_capacity(TAKEN_AT_ONCE);
        let mut is_open = true;
        while is_open || !dispatcher.is_idle() {
            while dispatcher.takes_parcels()
                && let Ok(parcel) = parcels.try_recv()
            {
                dispatcher.accept(parcel);
            }
            while let Some(action) = dispatcher.next(Instant::now()) {
                under_way.push(self.act(action));
            }
            tokio::select! {
                // Not while all flights are in the air: each parcel would wake this task for nothing.
                count = parcels.recv_many(&mut taken, TAKEN_AT_ONCE), if is_open && dispatcher.takes_parcels() => {
                    is_open = count > 0;
                    taken.drain(..).for_each(|parcel| dispatcher.accept(parcel));
                }
                Some(done) = under_way.next() => dispatcher.done(done, Instant::now()),
                () = until(dispatcher.wake_at()) => {}
            }
            gauge!("pagekeeper_webhook_waiting_bytes").set(u32::try_from(self.room.taken()).unwrap_or(u32::MAX));
            let is_closed = dispatcher.is_breaker_closed();
            if std::mem::replace(&mut was_closed, is_closed) != is_closed {
                self.tell(is_closed);
            }
        }
    }

    async fn act(&self, action: Action) -> Done {
        match action {
            Action::Fly { bundles, deadline } => {
                let started = Instant::now();
                for bundle in &bundles {
                    histogram!("pagekeeper_webhook_bundle_entries").record(bundle.entries);
                }
                let flight = bundles.iter().map(|bundle| (bundle.queue, bundle.encoded.clone()));
                let confirmed = self.broker.publish(flight, deadline).await;
                histogram!("pagekeeper_webhook_confirm_duration_seconds").record(started.elapsed());
                Done::Landed(bundles.into_iter().zip(confirmed).collect())
            }
            Action::Spool(bundles) => {
                let is_committed = self.spool.write(&bundles).await;
                Done::Spooled { bundles, is_committed }
            }
            Action::Canary => {
                let is_confirmed = self.broker.confirms_canaries(Instant::now() + self.limits.broker).await;
                Done::CanaryLanded { is_confirmed }
            }
        }
    }

    /// One line when the first breaker opens, and one when the last is closed.
    fn tell(&self, is_closed: bool) {
        let mut open = 0;
        self.open_breakers.send_modify(|breakers| {
            *breakers = if is_closed { breakers.saturating_sub(1) } else { *breakers + 1 };
            open = *breakers;
        });
        match (is_closed, open) {
            (true, 0) => {
                gauge!("pagekeeper_webhook_breaker_open").set(0.0);
                tracing::info!(area = "webhook", "the broker confirms again: webhooks go to their queue");
            }
            (false, 1) => {
                gauge!("pagekeeper_webhook_breaker_open").set(1.0);
                tracing::warn!(area = "webhook", "the broker does not confirm in time: webhooks go to the spool");
            }
            _ => {}
        }
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}
