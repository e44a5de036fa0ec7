//! The gateway's program: the service, or with the argument `migrate` its database's migrations.

use std::env;
use std::process::ExitCode;

use pagekeeper_gateway::{Gateway, migrate};
use pagekeeper_runtime::service;

fn main() -> ExitCode {
    match env::args().nth(1).as_deref() {
        None => service::main::<Gateway>(),
        Some("migrate") => migrate::main(),
        Some(_) => usage(),
    }
}

#[expect(clippy::print_stderr, reason = "the answer to a person at a terminal")]
fn usage() -> ExitCode {
    eprintln!("usage: gateway [migrate]");
    ExitCode::from(64)
}
