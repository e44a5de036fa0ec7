//! `cargo dev`: see [`pagekeeper_devstack`].

use std::process::ExitCode;

fn main() -> ExitCode {
    pagekeeper_devstack::main()
}
