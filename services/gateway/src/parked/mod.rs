//! What no further try could help: shown with its reason, replayed or dropped. Parked messages live in RabbitMQ's parked
//! queues, webhooks that could not be stored in the quarantine; here both are one list.
//!
//! A replay is safe at any time: whoever handles a message may see it again. A message that was replayed, and whose
//! parked copy stayed since the broker went away in between, is handled twice, to the same effect.
//!
//! An account sees what is of its own: commands by their account, webhooks by the Page that they are of. What belongs to
//! nobody (it cannot be read, or its Page is nobody's) is seen by the operator, who has the cron secret and uses the same
//! routes below `/api/operations`; the operator sees everything and no customer's words.

mod content;
mod filter;
mod found;
mod id;
mod search;
mod settle;
mod viewer;
mod views;

pub(crate) mod drop;
pub(crate) mod gauges;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod replay;

use pagekeeper_bus::ParkedError;
use pagekeeper_runtime::problem::Problem;

use crate::extract::api_error::ApiError;

/// Seconds after which a caller may try again when the broker was away.
const RETRY_AFTER: u32 = 5;

impl From<ParkedError> for ApiError {
    fn from(error: ParkedError) -> Self {
        tracing::warn!(area = "parked", %error, "parked messages cannot be reached");
        Problem::unavailable("the broker is away or busy; try again", RETRY_AFTER).into()
    }
}
