use std::time::Duration;

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// How long each of many took.
#[derive(Debug, Clone)]
pub struct Latencies(Histogram<u64>);

/// Of microseconds.
impl From<Histogram<u64>> for Latencies {
    fn from(microseconds: Histogram<u64>) -> Self {
        Self(microseconds)
    }
}

impl Latencies {
    pub fn of(all: impl IntoIterator<Item = Duration>) -> Result<Self> {
        let mut microseconds = Histogram::new(3)?;
        for latency in all {
            microseconds.record(u64::try_from(latency.as_micros())?)?;
        }
        Ok(Self(microseconds))
    }

    /// In milliseconds.
    pub fn quantile(&self, quantile: f64) -> f64 {
        Duration::from_micros(self.0.value_at_quantile(quantile)).as_secs_f64() * 1000.0
    }
}

/// Starts so many requests per second, whether or not those before have ended, and takes the time of those that start
/// after the warm-up. `request` is given the number of the request, from 0 on.
///
/// # Errors
///
/// The first request that fails ends it.
pub async fn open_loop<F>(
    per_second: u32,
    warm_up: Duration,
    measured: Duration,
    request: impl Fn(u32) -> F,
) -> Result<Latencies>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let interval = Duration::from_secs(1) / per_second;
    let start = Instant::now();
    let mut under_way = JoinSet::new();
    for number in 0.. {
        let due = start + interval * number;
        if due >= start + warm_up + measured {
            break;
        }
        sleep_until(due).await;
        let request = request(number);
        let counts = due >= start + warm_up;
        under_way.spawn(async move {
            let started = Instant::now();
            request.await?;
            anyhow::Ok(counts.then(|| started.elapsed()))
        });
    }
    let mut latencies = Vec::new();
    while let Some(ended) = under_way.join_next().await {
        latencies.extend(ended.context("a request panicked")??);
    }
    Latencies::of(latencies)
}
