//! Metrics of the process: recorded through the `metrics` macros anywhere, rendered for Prometheus on the operations port.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// A recorder is process-wide by the nature of the `metrics` macros; so is its handle.
static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Histograms named `…_seconds` get these buckets: from half a millisecond (a commit) to a minute (a sync step).
const SECONDS: [f64; 16] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// All other histograms count things (a batch, a bundle): powers of two up to 1,024.
const COUNTS: [f64; 11] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// Histograms grow until their samples are folded; this often is enough at any rate of ours.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
#[error("the metrics recorder could not be installed")]
pub struct MetricsError(#[source] metrics_exporter_prometheus::BuildError);

/// Renders what the process has recorded.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Installs the recorder; a second call in the same process gets the first one's. Needs a tokio runtime.
    pub fn install() -> Result<Self, MetricsError> {
        if let Some(handle) = HANDLE.get() {
            return Ok(Self { handle: handle.clone() });
        }
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .and_then(|builder| builder.set_buckets(&COUNTS))
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(MetricsError)?;
        let handle = HANDLE.get_or_init(|| handle).clone();
        tokio::spawn(keep_up(handle.clone()));
        Ok(Self { handle })
    }

    /// The page in Prometheus's text format.
    pub fn render(&self) -> String {
        self.handle.render()
    }
}

async fn keep_up(handle: PrometheusHandle) {
    let mut interval = tokio::time::interval(UPKEEP_EVERY);
    loop {
        interval.tick().await;
        handle.run_upkeep();
        if let Some(bytes) = resident_memory() {
            metrics::gauge!("process_resident_memory_bytes").set(bytes);
        }
    }
}

/// As the kernel counts it; none where there is no `/proc`.
fn resident_memory() -> Option<f64> {
    resident_of(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn resident_of(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u32 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(f64::from(kilobytes) * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_from_the_kernels_words() {
        assert_eq!(resident_of("Name:\tgateway\nVmRSS:\t   2048 kB\nThreads:\t4\n"), Some(2_097_152.0));
        assert_eq!(resident_of("Name:\tgateway\n"), None);
    }
}
