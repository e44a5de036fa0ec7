//! What can be asked for. Each subject brings its own commands.

use clap::{Args, Parser, Subcommand};

use crate::parked::ParkedCommand;

/// Pagekeeper from the command line.
#[derive(Debug, Parser)]
#[command(
    name = "pagekeeper",
    version,
    after_help = "Exit codes: 0 it is done, 1 it is not, 2 the call itself is wrong."
)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) gateway: Gateway,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the gateway is, and who asks.
#[derive(Debug, Args)]
pub(crate) struct Gateway {
    /// The gateway's address, like https://pagekeeper.example
    #[arg(long, env = "PAGEKEEPER_URL", value_name = "URL", global = true, hide_env_values = true)]
    pub(crate) url: Option<String>,

    /// Act as the operator, for all accounts: PAGEKEEPER_TOKEN is the cron secret then
    #[arg(long, global = true)]
    pub(crate) operator: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Messages that no further try could help
    #[command(subcommand)]
    Parked(ParkedCommand),
}
