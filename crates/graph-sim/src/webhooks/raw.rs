//! Any bytes as a webhook, signed as the settings say: for receivers that must not believe everything.

use serde::Serialize;

use super::delivery::post;
use super::ledger::Outcome;
use crate::simulator::Simulator;
use crate::world::surface::Surface;

#[derive(Debug, Serialize)]
pub(crate) struct RawDelivery {
    pub(crate) outcome: Outcome,
    pub(crate) status: Option<u16>,
}

/// One try, ahead of everything that waits.
pub(crate) async fn post_once(sim: &Simulator, body: Vec<u8>) -> RawDelivery {
    let modes = sim.webhooks.modes();
    let (outcome, status) = match Surface::ALL.into_iter().find_map(|surface| sim.webhooks.app_subscription(surface)) {
        Some(subscription) => post(sim, &subscription.callback_url, &modes, &body).await,
        None => (Outcome::NotSent, None),
    };
    RawDelivery { outcome, status }
}
