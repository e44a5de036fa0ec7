//! The log of Graph calls.

use actix_web::web::{Data, Query};
use serde::Deserialize;

use super::error::{Controlled, done, ok};
use crate::simulator::Simulator;

#[derive(Debug, Deserialize)]
pub(super) struct CallsQuery {
    /// Id of a Page.
    page: Option<String>,
    /// Part of the endpoint's name.
    endpoint: Option<String>,
    /// Only calls with a greater number.
    after: Option<u64>,
    #[serde(default = "hundred")]
    limit: usize,
}

fn hundred() -> usize {
    100
}

/// Newest first.
pub(super) async fn list(query: Query<CallsQuery>, sim: Data<Simulator>) -> Controlled {
    let found = sim.calls.list(
        |call| {
            query.page.as_ref().is_none_or(|page| call.page_id.as_ref() == Some(page))
                && query.endpoint.as_ref().is_none_or(|endpoint| call.endpoint.contains(endpoint.as_str()))
                && query.after.is_none_or(|after| call.seq > after)
        },
        query.limit,
    );
    ok(&found)
}

pub(super) async fn counts(sim: Data<Simulator>) -> Controlled {
    ok(&sim.calls.counts())
}

pub(super) async fn reset(sim: Data<Simulator>) -> Controlled {
    sim.calls.reset();
    done()
}
