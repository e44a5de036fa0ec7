//! The simulator as a program: `graph-sim --help`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use pagekeeper_graph_sim::{
    AppConfig, CallbackUrls, ClockMode, DemoSizes, JsonStyle, Latency, RunningSim, SimConfig, WorldConfig,
    run_until_stopped,
};
use tokio_util::sync::CancellationToken;

/// A simulated Facebook: OAuth dialog, Graph API, webhooks, and a phone that plays a customer.
#[derive(Debug, Parser)]
#[command(name = "graph-sim", version)]
struct Arguments {
    /// Address to listen on; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:8100")]
    listen: SocketAddr,
    /// What addresses in answers start with, where it is not the address that was called.
    #[arg(long)]
    public_url: Option<String>,
    #[arg(long, default_value_t = AppConfig::default().id)]
    app_id: String,
    #[arg(long, env = "GRAPH_SIM_APP_SECRET", hide_env_values = true, default_value_t = AppConfig::default().secret)]
    app_secret: String,
    /// File in which tokens, subscriptions, messages and the clock outlive the process.
    #[arg(long)]
    journal: Option<PathBuf>,
    /// Another seed, another world.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Pages of the person with many Pages.
    #[arg(long, default_value_t = DemoSizes::default().pages)]
    many_pages: u16,
    /// Conversations in each of them.
    #[arg(long, default_value_t = DemoSizes::default().conversations)]
    conversations: u32,
    /// Messages in each of these.
    #[arg(long, default_value_t = DemoSizes::default().messages)]
    messages: u32,
    /// Real time that each Graph call takes.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// Up to so much more, at random.
    #[arg(long, default_value_t = 0)]
    latency_jitter_ms: u64,
    /// Simulated seconds per real second.
    #[arg(long, default_value_t = 1.0)]
    clock_scale: f64,
    /// The clock stands still at these milliseconds since 1970 until the control API moves it.
    #[arg(long)]
    clock_explicit_ms: Option<i64>,
    /// Counts calls without refusing any.
    #[arg(long)]
    no_limits: bool,
    /// Plain UTF-8 in answers and webhooks, in place of Meta's escapes.
    #[arg(long)]
    plain_json: bool,
    /// Refuses calls without `appsecret_proof`.
    #[arg(long)]
    require_appsecret_proof: bool,
    /// Where the app is told that a person removed it.
    #[arg(long)]
    deauthorize_url: Option<String>,
    /// Where the app is asked to delete a person's data.
    #[arg(long)]
    data_deletion_url: Option<String>,
    /// Id or name of a person whom the login dialog lets pass at once.
    #[arg(long)]
    auto_approve: Option<String>,
    /// Threads that answer calls.
    #[arg(long, default_value_t = 1)]
    workers: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter =
        tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_unset| "info,actix_server=warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    match run_until_stopped(config(Arguments::parse()), announce, stop).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
            tracing::error!(area = "start", "{error}{source}");
            ExitCode::FAILURE
        }
    }
}

fn config(arguments: Arguments) -> SimConfig {
    let sizes =
        DemoSizes { pages: arguments.many_pages, conversations: arguments.conversations, messages: arguments.messages };
    SimConfig {
        listen: arguments.listen,
        public_url: arguments.public_url,
        workers: arguments.workers,
        app: AppConfig { id: arguments.app_id, secret: arguments.app_secret, ..AppConfig::default() },
        world: WorldConfig { seed: arguments.seed, ..WorldConfig::demo(sizes) },
        clock: match arguments.clock_explicit_ms {
            Some(start_ms) => ClockMode::Explicit { start_ms },
            None => ClockMode::Auto { scale: arguments.clock_scale },
        },
        journal: arguments.journal,
        enforce_limits: !arguments.no_limits,
        latency: Latency { ms: arguments.latency_ms, jitter_ms: arguments.latency_jitter_ms },
        json_style: if arguments.plain_json { JsonStyle::Plain } else { JsonStyle::Meta },
        require_appsecret_proof: arguments.require_appsecret_proof,
        callbacks: CallbackUrls { deauthorize: arguments.deauthorize_url, data_deletion: arguments.data_deletion_url },
        auto_approve: arguments.auto_approve,
        ..SimConfig::default()
    }
}

/// One line of JSON on standard output, for the program that started this one.
fn announce(running: &RunningSim) {
    let line = serde_json::json!({
        "service": "graph-sim",
        "address": running.address().to_string(),
        "base_url": running.base_url(),
    });
    // Nobody may be reading.
    let _unread = writeln!(std::io::stdout(), "{line}");
    tracing::info!(area = "start", base_url = running.base_url(), "the simulated Facebook answers");
}

async fn stop_on_signal(stop: CancellationToken) {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_no_signals_here) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminated => {}
        _interrupted = tokio::signal::ctrl_c() => {}
    }
    stop.cancel();
}
