//! `pagekeeper`, the command line: a client of the gateway's API. A file for each subject.

mod api;
mod command_line;
mod failure;
mod output;
mod parked;

use std::process::ExitCode;

use clap::Parser as _;

use crate::api::Api;
use crate::command_line::{Command, CommandLine};
use crate::failure::Failure;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // Another provider cannot have been chosen before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match run(CommandLine::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure.to_string());
            failure.exit_code()
        }
    }
}

async fn run(command_line: CommandLine) -> Result<(), Failure> {
    let api = Api::new(&command_line.gateway)?;
    match command_line.command {
        Command::Parked(command) => parked::run(&api, command).await,
    }
}
