//! Whether a run that Facebook did not let through is tried again, and when. PURE.

use std::time::Duration;

use pagekeeper_common::domain::lane::Lane;
use pagekeeper_common::graph::Decision;

/// Waits before the next try of a run that somebody waits for: most faults of Facebook's are over in a moment.
const INTERACTIVE: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(30)];

/// What becomes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Again(Duration),
    /// A person may have it tried again.
    Park,
    /// Trying again does not help before somebody has done something else: logged in, granted a permission.
    Fail,
}

/// After a failure that followed on `attempts` others without any progress in between; `background` are the waits of a run
/// that nobody waits for. Single calls were tried several times already.
pub fn after_failure(decision: Decision, attempts: u32, lane: Lane, background: &[Duration]) -> Next {
    match decision {
        Decision::Throttled { retry_after, .. } => Next::Again(retry_after.unwrap_or(Duration::from_mins(1))),
        Decision::Transient
        | Decision::HalveLimit
        | Decision::NotReady
        | Decision::Refused
        | Decision::Unknown
        | Decision::Unreadable
        | Decision::Network(_) => {
            let waits = match lane {
                Lane::Interactive => &INTERACTIVE,
                Lane::Background => background,
            };
            let attempts = usize::try_from(attempts).unwrap_or(usize::MAX);
            waits.get(attempts).map_or(Next::Park, |wait| Next::Again(*wait))
        }
        Decision::BadRequest
        | Decision::PolicyBlocked
        | Decision::WindowClosed
        | Decision::RecipientUnreachable
        | Decision::AppSecretProof
        | Decision::AppCredentials => Next::Park,
        Decision::TokenExpired
        | Decision::TokenDead(_)
        | Decision::PermissionMissing
        | Decision::Gone
        | Decision::CodeRejected(_) => Next::Fail,
    }
}

#[cfg(test)]
mod tests {
    use pagekeeper_common::graph::{NetworkFault, ThrottleScope, TokenDeath};

    use super::*;

    const BACKGROUND: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(5)];

    #[test]
    fn what_may_pass_is_tried_a_few_times_and_then_parked() {
        let mut waits = Vec::new();
        let last = loop {
            let attempts = u32::try_from(waits.len()).unwrap();
            match after_failure(Decision::Network(NetworkFault::Timeout), attempts, Lane::Background, &BACKGROUND) {
                Next::Again(wait) => waits.push(wait),
                last => break last,
            }
        };
        assert_eq!((waits, last), (BACKGROUND.to_vec(), Next::Park));
        assert_eq!(
            after_failure(Decision::Transient, 0, Lane::Interactive, &BACKGROUND),
            Next::Again(Duration::from_secs(2))
        );
    }

    #[test]
    fn a_limit_is_waited_for_without_counting() {
        let refused = Decision::Throttled { scope: ThrottleScope::Page, retry_after: Some(Duration::from_secs(90)) };
        assert_eq!(after_failure(refused, 99, Lane::Background, &BACKGROUND), Next::Again(Duration::from_secs(90)));
    }

    #[test]
    fn what_a_person_has_to_mend_is_neither_tried_nor_parked() {
        for decision in [Decision::PermissionMissing, Decision::TokenDead(TokenDeath::RoleLost), Decision::Gone] {
            assert_eq!(after_failure(decision, 0, Lane::Background, &BACKGROUND), Next::Fail);
        }
        assert_eq!(after_failure(Decision::BadRequest, 0, Lane::Background, &BACKGROUND), Next::Park);
    }
}
