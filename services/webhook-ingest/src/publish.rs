//! The one task that everything durable passes through: it asks the [`Dispatcher`] what to do, and does it.

use std::convert::Infallible;
use std::future::pending;

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

pub(crate) struct Publishing {
    pub(crate) broker: Broker,
    pub(crate) spool: Spool,
    pub(crate) limits: DispatchLimits,
    pub(crate) room: Room,
    /// Tells the drain and the probes whether the breaker is closed.
    pub(crate) broker_confirms: watch::Sender<bool>,
}

impl Publishing {
    /// Works until nobody can send a parcel any more and the last one is settled.
    pub(crate) async fn run(self, mut parcels: mpsc::UnboundedReceiver<Parcel>) -> Result<(), Infallible> {
        let mut dispatcher = Dispatcher::new(self.limits);
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
            self.tell(&dispatcher);
        }
        Ok(())
    }

    async fn act(&self, action: Action) -> Done {
        match action {
            Action::Fly { bundle, deadline } => {
                let started = Instant::now();
                histogram!("pagekeeper_webhook_bundle_entries").record(bundle.entries);
                let is_confirmed = self.broker.publish([bundle.encoded.clone()], deadline).await == [true];
                histogram!("pagekeeper_webhook_confirm_duration_seconds").record(started.elapsed());
                Done::Landed { bundle, is_confirmed }
            }
            Action::Spool(bundles) => {
                let is_committed = self.spool.write(&bundles).await;
                Done::Spooled { bundles, is_committed }
            }
            Action::Canary => {
                let is_confirmed = self.broker.confirms_a_canary(Instant::now() + self.limits.broker).await;
                Done::CanaryLanded { is_confirmed }
            }
        }
    }

    fn tell(&self, dispatcher: &Dispatcher) {
        gauge!("pagekeeper_webhook_waiting_bytes").set(u32::try_from(self.room.taken()).unwrap_or(u32::MAX));
        let confirms = dispatcher.is_breaker_closed();
        let has_changed = self.broker_confirms.send_if_modified(|was| std::mem::replace(was, confirms) != confirms);
        if !has_changed {
            return;
        }
        gauge!("pagekeeper_webhook_breaker_open").set(if confirms { 0.0 } else { 1.0 });
        if confirms {
            tracing::info!(area = "webhook", "the broker confirms again: webhooks go to their queue");
        } else {
            tracing::warn!(area = "webhook", "the broker does not confirm in time: webhooks go to the spool");
        }
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}
