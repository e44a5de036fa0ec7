//! What may be wrong with the place in a list of Facebook's. PURE but for counting.

use pagekeeper_common::graph::Decision;

use crate::runs::Failure;

/// A list that leads back to where it was would never end.
pub(super) fn circle(is_circle: bool) -> Result<(), Failure> {
    if is_circle {
        metrics::counter!("pagekeeper_sync_circles_total").increment(1);
        return Err(Failure::Graph(Decision::Unreadable.into()));
    }
    Ok(())
}

/// A cursor's end is told as a wrong parameter.
pub(super) fn is_refused_cursor(decision: Decision, had_cursor: bool) -> bool {
    had_cursor && decision == Decision::BadRequest
}
