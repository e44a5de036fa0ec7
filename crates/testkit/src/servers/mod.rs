//! Private servers, from the machine's packages: for the dev stack, and for tests that kill or freeze them.

mod postgres;
mod process;
mod rabbitmq;

pub use postgres::{PostgresOptions, PrivatePostgres, postgres_is_installed};
pub use rabbitmq::{PrivateRabbitMq, RabbitMqOptions, rabbitmq_is_installed};

use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;

use anyhow::{Result, bail};

/// Below what the kernel gives to outgoing connections (32,768 and above on Linux): one of those could take a port
/// between its choice and its server's start, or while its server is down.
const PORTS: Range<u16> = 15_000..32_000;
const MOST_TRIES: u32 = 1_000;

/// A port that nothing listens on at the moment, chosen by chance, so that two who ask at once get different ones.
pub fn free_port() -> Result<u16> {
    for _ in 0..MOST_TRIES {
        let port = fastrand::u16(PORTS);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port on this machine")
}
