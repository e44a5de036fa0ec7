//! Waiting for conditions. Level-triggered: the condition is looked at again and again until it holds, so nothing is
//! missed and nothing sleeps longer than it must.

use std::time::{Duration, Instant};

/// How often a condition is looked at.
const INTERVAL: Duration = Duration::from_millis(20);

/// What a condition found.
#[derive(Debug)]
pub enum Poll<T> {
    Ready(T),
    /// Not yet, and what was found instead: shown if the wait fails.
    NotYet(String),
}

impl<T> Poll<T> {
    /// Ready with `found`, or not yet with `status`.
    pub fn when(found: Option<T>, status: impl Into<String>) -> Self {
        found.map_or_else(|| Self::NotYet(status.into()), Self::Ready)
    }
}

/// Waits until the condition is ready and gives what it found.
///
/// # Panics
///
/// After `limit`, with the condition's last status. The limit is a net for a system that hangs, not a measure of speed: be generous.
pub async fn wait_for<T>(what: &str, limit: Duration, mut condition: impl AsyncFnMut() -> Poll<T>) -> T {
    let start = Instant::now();
    loop {
        match condition().await {
            Poll::Ready(found) => return found,
            Poll::NotYet(status) => {
                assert!(start.elapsed() < limit, "waited {limit:?} for {what}; last seen: {status}");
            }
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_waits_until_the_condition_holds() {
        let mut looks = 0;
        let found = wait_for("three looks", Duration::from_secs(5), async || {
            looks += 1;
            Poll::when((looks == 3).then_some(looks), format!("{looks} looks"))
        })
        .await;
        assert_eq!(found, 3);
    }
}
