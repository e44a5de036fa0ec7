//! Finding entries in both places. Each look is bounded, by the bus and by the database's limit.

use std::collections::{BTreeMap, HashSet};

use pagekeeper_store::quarantine::review::QuarantineFilter;

use super::filter::Filter;
use super::found::{Found, Place};
use super::id::{ParkedId, QUARANTINE, short_name};
use super::viewer::Viewer;
use crate::extract::api_error::Answer;
use crate::state::State;

/// What a search has found, in the list's order.
#[derive(Debug, Default)]
pub(super) struct Search {
    pub(super) found: Vec<Found>,
    /// By queue, whatever was filtered; only of the queues that were looked at.
    pub(super) totals: BTreeMap<String, u64>,
    pub(super) is_complete: bool,
}

/// Those behind `after` that fit, at most `limit`; and whether there are more.
pub(super) async fn search(
    state: &State,
    viewer: &Viewer<'_>,
    filter: &Filter,
    after: Option<&Place>,
    limit: usize,
    queues: &[String],
) -> Answer<(Search, bool)> {
    let mut search = messages(state, viewer, filter, queues).await?;
    if let Some(after) = after {
        search.found.retain(|found| found.place() > *after);
    }
    if filter.allows_queue(QUARANTINE) {
        let wanted = quarantine_filter(viewer, filter, after);
        // One more than wanted tells whether there are more.
        let most = u32::try_from(limit.saturating_add(1)).unwrap_or(u32::MAX);
        let entries = viewer.quarantined(&wanted, most, false).await?;
        search.found.extend(entries.iter().map(|entry| Found::of_quarantine(viewer, entry)));
    }
    search.found.sort_by_cached_key(Found::place);
    let has_more = search.found.len() > limit;
    search.found.truncate(limit);
    Ok((search, has_more))
}

/// The names of the queues that this filter needs, as the broker has them.
pub(super) fn queues_of(state: &State, filter: &Filter) -> Vec<String> {
    let all = state.parked.home_queues();
    all.into_iter().filter(|queue| filter.allows_queue(short_name(queue))).collect()
}

async fn messages(state: &State, viewer: &Viewer<'_>, filter: &Filter, queues: &[String]) -> Answer<Search> {
    let mut search = Search { is_complete: true, ..Search::default() };
    for queue in queues {
        let browsed = state.parked.browse(queue, |parked| Found::of_message(viewer, parked)).await?;
        search.is_complete &= browsed.is_complete;
        let name = short_name(queue);
        search.totals.insert(name.to_owned(), browsed.kept.len() as u64);
        if filter.allows_queue(name) {
            search.found.extend(browsed.kept);
        }
    }
    viewer.fill_in_pages(&mut search.found).await?;
    // Two copies of one message, which a broker that went away at the wrong time leaves, are one entry.
    let mut seen = HashSet::new();
    search.found.retain(|found| filter.fits(found) && seen.insert(found.id.clone()));
    Ok(search)
}

pub(super) fn quarantine_filter(viewer: &Viewer<'_>, filter: &Filter, after: Option<&Place>) -> QuarantineFilter {
    let id_of = |id: &ParkedId| match id {
        ParkedId::Quarantined(id) => Some(*id),
        ParkedId::Message { .. } => None,
    };
    // Messages stand before the quarantine's entries of the same time.
    let after = after.and_then(|(micros, id)| {
        let at = chrono::DateTime::from_timestamp_micros(*micros)?;
        Some((at, id_of(id).unwrap_or(i64::MIN)))
    });
    QuarantineFilter {
        ids: filter.ids.as_ref().map(|ids| ids.iter().filter_map(id_of).collect()),
        owners: viewer.owners_of(filter.page.as_deref()),
        reason: filter.reason.clone(),
        received_before: filter.parked_before,
        after,
    }
}
