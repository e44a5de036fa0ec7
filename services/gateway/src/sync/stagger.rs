//! When each of many Pages starts, so that they do not all call at once. PURE.

use std::num::NonZeroU32;
use std::time::Duration;

use pagekeeper_common::domain::ids::ConnectionId;

/// How long after the others a Page starts, where `pages` start together, `per_second` on average. It is the same each time, so that a Page keeps its
/// distance between two syncs; and it has nothing to do with the Page's account, so that one with many Pages is not before
/// one with a few.
pub(super) fn delay(connection: ConnectionId, pages: usize, per_second: NonZeroU32) -> Duration {
    let window_ms = (pages as u64).saturating_mul(1_000) / u64::from(per_second.get());
    Duration::from_millis(scattered(connection.get()) % window_ms.max(1))
}

/// Fibonacci hashing: neighbouring ids end far from each other.
fn scattered(id: i64) -> u64 {
    id.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIFTY: NonZeroU32 = NonZeroU32::new(50).unwrap();

    #[test]
    fn pages_are_spread_evenly_and_each_keeps_its_place() {
        let pages = 1_000;
        let mut per_second = [0; 20];
        for id in 1..=1_000 {
            let delay = delay(ConnectionId::new(id), pages, FIFTY);
            assert_eq!(delay, super::delay(ConnectionId::new(id), pages, FIFTY));
            per_second[usize::try_from(delay.as_secs()).unwrap()] += 1;
        }
        assert!(per_second.iter().all(|count| (30..=70).contains(count)), "{per_second:?}");
    }

    #[test]
    fn a_few_pages_start_at_once() {
        assert!(delay(ConnectionId::new(7), 2, FIFTY) < Duration::from_millis(40));
        assert_eq!(delay(ConnectionId::new(7), 0, FIFTY), Duration::ZERO);
    }
}
