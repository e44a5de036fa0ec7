//! How much waits in which queue, for Prometheus. Every gateway tells; the broker and the database are the same for all.

use std::time::Duration;

use actix_web::web;
use metrics::gauge;
use pagekeeper_store::SystemTx;
use pagekeeper_store::quarantine::review;
use tokio_util::sync::CancellationToken;

use super::id::short_name;
use crate::extract::api_error::ApiError;
use crate::state::State;

const EVERY: Duration = Duration::from_secs(15);

/// Until `stop`. While the broker or the database is away, the last figures stand.
pub(crate) async fn keep(state: web::Data<State>, stop: CancellationToken) {
    let mut interval = tokio::time::interval(EVERY);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        if let Ok(depths) = state.parked.depths().await {
            tell_depths(&depths);
        }
        let counting = async |tx: &mut SystemTx| review::count_by_reason(tx).await.map_err(ApiError::from);
        if let Ok(counts) = state.store.system(counting).await {
            for (reason, count) in counts {
                gauge!("pagekeeper_quarantined", "reason" => reason.as_str()).set(as_number(count));
            }
        }
    }
}

fn tell_depths(depths: &[(String, u32)]) {
    for (queue, ready) in depths {
        match queue.strip_suffix(".parked") {
            Some(home) => {
                gauge!("pagekeeper_parked_messages", "queue" => short_name(home).to_owned()).set(f64::from(*ready));
            }
            None => gauge!("pagekeeper_queue_messages", "queue" => short_name(queue).to_owned()).set(f64::from(*ready)),
        }
    }
}

/// A count ends far below what a number of Prometheus' holds.
fn as_number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
