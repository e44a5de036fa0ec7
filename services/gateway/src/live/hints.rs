//! Hints that this gateway gives to all gateways: somebody read a conversation, or disconnected a Page.

use pagekeeper_bus::{Outgoing, Publisher};
use pagekeeper_contracts::Contract;

/// Sends without waiting: a hint that is lost only makes a screen late.
#[derive(Clone)]
pub(crate) struct Hints {
    publisher: Publisher,
}

impl Hints {
    pub(crate) fn new(publisher: Publisher) -> Self {
        Self { publisher }
    }

    pub(crate) fn send<M: Contract>(&self, fact: &M) {
        let (publisher, outgoing) = (self.publisher.clone(), Outgoing::of(fact));
        tokio::spawn(async move {
            if let Err(error) = publisher.publish(outgoing).await {
                tracing::debug!(area = "live", %error, "a hint was not sent");
            }
        });
    }
}
