//! The parts that routes share. One per process; handlers get it as `web::Data<State>`.

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use pagekeeper_bus::{Bus, ParkedQueues};
use pagekeeper_common::domain::clock::Clock;
use pagekeeper_common::graph::GraphClient;
use pagekeeper_media::{Cdn, MediaStore};
use pagekeeper_outbox::OutboxBell;
use pagekeeper_runtime::shutdown::Shutdown;
use pagekeeper_store::{KeyRing, Store};
use url::Url;

use crate::Config;
use crate::auth::access_tokens::AccessTokens;
use crate::connections::briefs::BriefCache;
use crate::conversations::totals::ConversationTotals;
use crate::extract::doors::Doors;
use crate::live::hints::Hints;
use crate::live::hub::Hub;
use crate::live::seats::Seats;
use crate::media::refreshes::Refreshes;
use crate::operations::health::HealthCache;

/// What a gateway is made of.
pub(crate) struct State {
    pub(crate) config: Config,
    /// For extractors, logins and background tasks. Handlers reach an account's rows through their extractor.
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) parked: ParkedQueues,
    pub(crate) graph: GraphClient,
    pub(crate) cdn: Cdn,
    /// None where copies are not wanted.
    pub(crate) media_store: Option<MediaStore>,
    pub(crate) refreshes: Refreshes,
    pub(crate) keys: KeyRing,
    pub(crate) access_tokens: AccessTokens,
    pub(crate) hub: Hub,
    pub(crate) hints: Hints,
    /// Wakes the outbox's relay after a commit.
    pub(crate) bell: OutboxBell,
    pub(crate) seats: Seats,
    pub(crate) briefs: BriefCache,
    pub(crate) totals: ConversationTotals,
    pub(crate) doors: Arc<Doors>,
    pub(crate) health: HealthCache,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) shutdown: Shutdown,
    pub(crate) address: PublicAddress,
}

impl State {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Where Facebook sends browsers back to; the same text in the dialog and in the exchange.
    pub(crate) fn redirect_uri(&self) -> String {
        match &self.config.login.redirect_uri {
            Some(uri) => uri.to_string(),
            None => format!("{}/auth/facebook/callback", self.address.origin()),
        }
    }
}

/// How browsers reach this gateway. Where the configuration does not say, it is known once the port is bound.
#[derive(Debug, Default)]
pub(crate) struct PublicAddress(OnceLock<String>);

impl PublicAddress {
    pub(crate) fn configured(url: Option<&Url>) -> Self {
        let address = Self::default();
        if let Some(url) = url {
            address.set(url.origin().ascii_serialization());
        }
        address
    }

    /// The first one stays.
    pub(crate) fn set(&self, origin: String) {
        let _ = self.0.set(origin);
    }

    /// `scheme://host[:port]`
    pub(crate) fn origin(&self) -> &str {
        self.0.get().map_or("http://localhost", String::as_str)
    }
}
