//! Logs and traces of a process. Libraries only use the `tracing` macros; the subscriber and the exporter live here.
//!
//! Logs go to stderr, so that stdout stays free for what a program prints on purpose. Every span has a trace id, also
//! where no collector is configured: the id stands in the logs and travels in messages, it is just not exported.

mod log_lines;

use std::io;
use std::time::Duration;

use opentelemetry::global;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::runtime;
use opentelemetry_sdk::trace::span_processor_with_async_runtime::BatchSpanProcessor;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use serde::Deserialize;
use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

pub use log_lines::LogFormat;
use log_lines::LogLines;

/// One export call, and the flush at the end, may take no longer than this.
const EXPORT_LIMIT: Duration = Duration::from_secs(5);
const FLUSH_LIMIT: Duration = Duration::from_secs(7);

/// The section `telemetry`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// What is logged, as `level` or `target=level,…`.
    pub log: String,
    /// `json` for machines, `text` for people.
    pub format: LogFormat,
    /// Base address of an OpenTelemetry collector that takes OTLP over HTTP, as `http://collector:4318`.
    pub otlp_endpoint: Option<String>,
    /// Share of traces that are exported, 0 to 1; a trace that was begun elsewhere keeps its own decision.
    pub sample_ratio: f64,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self { log: "info".to_owned(), format: LogFormat::Json, otlp_endpoint: None, sample_ratio: 1.0 }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("telemetry.log is not a filter")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    #[error("the client for telemetry.otlp_endpoint could not be made")]
    Client(#[source] reqwest::Error),
    #[error("telemetry.otlp_endpoint cannot be used")]
    Exporter(#[source] opentelemetry_otlp::ExporterBuildError),
    #[error("another subscriber is installed already")]
    Installed(#[source] tracing_subscriber::util::TryInitError),
}

/// Keeps the exporter; to be flushed before the process ends.
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
}

impl Telemetry {
    /// Exports what is still in memory. Comes back within seconds, also when the collector is away; the shutdown of
    /// the exporter blocks, so it gets a thread of its own.
    pub async fn flush(self) {
        let provider = self.provider;
        let shutdown = tokio::task::spawn_blocking(move || provider.shutdown());
        if tokio::time::timeout(FLUSH_LIMIT, shutdown).await.is_err() {
            tracing::warn!(area = "telemetry", "the last spans were not exported in time");
        }
    }
}

/// Installs logs and traces for the whole process. Needs a tokio runtime, and rustls' provider installed before.
pub fn init(service: &'static str, config: &TelemetryConfig) -> Result<Telemetry, TelemetryError> {
    let (subscriber, telemetry) = subscriber(service, config, io::stderr)?;
    subscriber.try_init().map_err(TelemetryError::Installed)?;
    log_panics();
    Ok(telemetry)
}

/// The same subscriber with its lines going to `writer`, not installed: for tests that read what is logged.
pub fn subscriber<W>(
    service: &'static str,
    config: &TelemetryConfig,
    writer: W,
) -> Result<(impl Subscriber + Send + Sync + use<W>, Telemetry), TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    // lapin logs each message that no queue takes, with its body.
    let directives = format!("{},lapin::returned_messages=off", config.log);
    let filter = EnvFilter::builder().parse(directives).map_err(TelemetryError::Filter)?;
    let provider = provider(service, config)?;
    global::set_text_map_propagator(TraceContextPropagator::new());
    let traces = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("pagekeeper"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false);
    let subscriber = tracing_subscriber::registry()
        .with(filter)
        .with(LogLines::new(service, config.format, writer).boxed())
        .with(traces);
    Ok((subscriber, Telemetry { provider }))
}

fn provider(service: &'static str, config: &TelemetryConfig) -> Result<SdkTracerProvider, TelemetryError> {
    let resource = Resource::builder().with_service_name(service).build();
    let builder = SdkTracerProvider::builder().with_resource(resource);
    let Some(endpoint) = &config.otlp_endpoint else {
        return Ok(builder.with_sampler(Sampler::AlwaysOff).build());
    };
    let client = reqwest::Client::builder().timeout(EXPORT_LIMIT).build().map_err(TelemetryError::Client)?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(TelemetryError::Exporter)?;
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.sample_ratio)));
    let processor = BatchSpanProcessor::builder(exporter, runtime::Tokio).build();
    Ok(builder.with_sampler(sampler).with_span_processor(processor).build())
}

/// A panic is logged with its place only: its message may hold what a customer wrote.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(area = "panic", place, "a task panicked");
    }));
}
