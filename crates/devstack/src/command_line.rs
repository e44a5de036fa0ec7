//! What can be asked of `cargo dev`.

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Pagekeeper on one machine: PostgreSQL, RabbitMQ, a simulated Facebook, the services and the console.
///
/// `DATABASE_URL` (an administrator's) and `AMQP_URL` make it use servers of yours instead of private ones.
#[derive(Debug, Parser)]
#[command(name = "cargo dev", bin_name = "cargo dev", version, args_conflicts_with_subcommands = true)]
pub struct CommandLine {
    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub dev: DevOptions,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run every test: Rust, the console's units, and the browser end to end.
    Test(TestOptions),
    /// Run one service in this process; the dev stack starts its children with it.
    #[command(hide = true)]
    Service { name: ServiceName },
}

#[derive(Debug, Clone, Args)]
pub struct DevOptions {
    /// Forget all data of earlier starts.
    #[arg(long)]
    pub fresh: bool,

    /// Print no colours and open no browser.
    #[arg(long)]
    pub headless: bool,

    /// Start only these services.
    #[arg(long, value_name = "SERVICE", value_delimiter = ',')]
    pub with: Vec<ServiceName>,

    /// Start all but these services.
    #[arg(long, value_name = "SERVICE", value_delimiter = ',', conflicts_with = "with")]
    pub without: Vec<ServiceName>,

    #[command(flatten)]
    pub world: WorldOptions,
}

/// How large the simulated Facebook is. The sizes are kept from the first start on, until `--fresh`.
#[derive(Debug, Clone, Args)]
pub struct WorldOptions {
    /// Pages of the simulated person with many Pages.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub pages: Option<u16>,

    /// Conversations in each of these Pages.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub conversations: Option<u32>,

    /// Messages in each of these conversations.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub messages: Option<u32>,

    /// Milliseconds that each simulated Graph call takes.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=60_000))]
    pub latency: u64,
}

#[derive(Debug, Clone, Args)]
pub struct TestOptions {
    /// Only these parts.
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    pub only: Vec<TestPart>,

    /// Passed to `cargo test`, for instance `-p pagekeeper-store` or a test's name.
    #[arg(last = true)]
    pub cargo_test: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TestPart {
    Rust,
    Console,
    Browser,
}

/// What the dev stack runs as child processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub enum ServiceName {
    GraphSim,
    Gateway,
    WebhookIngest,
    SyncWorker,
}

impl ServiceName {
    /// In the order in which they start.
    pub const ALL: [Self; 4] = [Self::GraphSim, Self::Gateway, Self::WebhookIngest, Self::SyncWorker];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GraphSim => "graph-sim",
            Self::Gateway => "gateway",
            Self::WebhookIngest => "webhook-ingest",
            Self::SyncWorker => "sync-worker",
        }
    }
}

impl DevOptions {
    /// The services that `--with` and `--without` leave. The simulator counts as one.
    pub fn services(&self) -> Vec<ServiceName> {
        ServiceName::ALL
            .into_iter()
            .filter(|name| if self.with.is_empty() { !self.without.contains(name) } else { self.with.contains(name) })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> CommandLine {
        CommandLine::try_parse_from(std::iter::once("cargo dev").chain(arguments.iter().copied())).unwrap()
    }

    #[test]
    fn with_and_without_choose_services() {
        assert_eq!(parse(&[]).dev.services(), ServiceName::ALL);
        assert_eq!(parse(&["--with", "gateway"]).dev.services(), [ServiceName::Gateway]);
        assert!(!parse(&["--without", "sync-worker,graph-sim"]).dev.services().contains(&ServiceName::SyncWorker));
        assert!(CommandLine::try_parse_from(["cargo dev", "--with", "gateway", "--without", "gateway"]).is_err());
        assert!(CommandLine::try_parse_from(["cargo dev", "--with", "nothing"]).is_err());
    }
}
