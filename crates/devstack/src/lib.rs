//! Everything on one machine: a private PostgreSQL and RabbitMQ, a simulated Facebook, the services and the console.
//! People start it with `cargo dev`; the end-to-end tests start the same [`stack::Stack`] with servers of their own.
//!
//! Each service runs as a child process of this binary (`devstack service NAME`): it can be killed, frozen and
//! measured alone, and it ends with its parent.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that talks to a person at a terminal")]

pub mod api;
pub mod child;
pub mod command_line;
mod console_build;
mod database;
pub mod demo;
mod dev;
mod environment;
pub mod folder;
mod install;
mod ports;
mod processes;
mod report;
pub mod secrets;
mod servers;
pub mod service;
pub mod simulator_child;
pub mod stack;
mod terminal;
mod test;

use std::process::ExitCode;

use clap::Parser as _;

use crate::command_line::{Command, CommandLine};

/// Exit code for a command line that cannot be carried out (`EX_USAGE`).
const USAGE: u8 = 64;

/// The whole program. Errors are one line that says what to do.
pub fn main() -> ExitCode {
    let command_line = match CommandLine::try_parse() {
        Ok(command_line) => command_line,
        Err(error) if error.use_stderr() => {
            let _ = error.print();
            return ExitCode::from(USAGE);
        }
        Err(help) => {
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    if let Some(Command::Service { name }) = command_line.command {
        return service::run(name);
    }
    pagekeeper_testkit::init();
    let outcome =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(anyhow::Error::from).and_then(
            |runtime| {
                runtime.block_on(async {
                    match command_line.command {
                        Some(Command::Test(options)) => Box::pin(test::run(&options)).await,
                        _ => Box::pin(dev::run(&command_line.dev)).await,
                    }
                })
            },
        );
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cargo dev: {error:#}");
            ExitCode::FAILURE
        }
    }
}
