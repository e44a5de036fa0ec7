//! How long to wait before trying again.

use std::time::Duration;

/// Exponential growth from `first` to at most `longest`, with jitter upward only: a wait that somebody asked for
/// (`Retry-After`, a regained-access time) is never undercut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    pub first: Duration,
    pub longest: Duration,
}

impl Backoff {
    /// The wait after `failures` failures in a row (1 for the first). `jitter` is a random number in `0.0..1.0`
    /// that adds up to a quarter.
    pub fn wait(&self, failures: u32, jitter: f64) -> Duration {
        let doubled = self.first.saturating_mul(1 << failures.saturating_sub(1).min(20));
        let wait = doubled.min(self.longest);
        wait + wait.mul_f64(jitter.clamp(0.0, 1.0) / 4.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BACKOFF: Backoff = Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(5) };

    #[test]
    fn it_doubles_up_to_the_longest_wait() {
        assert_eq!(BACKOFF.wait(1, 0.0), Duration::from_millis(200));
        assert_eq!(BACKOFF.wait(2, 0.0), Duration::from_millis(400));
        assert_eq!(BACKOFF.wait(99, 0.0), Duration::from_secs(5));
    }

    proptest! {
        #[test]
        fn jitter_never_shortens_a_wait(failures in 0u32..1000, jitter in 0.0f64..1.0) {
            let wait = BACKOFF.wait(failures, jitter);
            prop_assert!(wait >= BACKOFF.wait(failures, 0.0));
            prop_assert!(wait <= BACKOFF.longest.mul_f64(1.25));
        }
    }
}
