//! Private servers, from the machine's packages: for the dev stack, and for tests that kill or freeze them.

mod postgres;
mod process;
mod rabbitmq;

pub use postgres::{PostgresOptions, PrivatePostgres, postgres_is_installed};
pub use rabbitmq::{PrivateRabbitMq, RabbitMqOptions, rabbitmq_is_installed};

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context as _, Result};

/// A port that nothing listens on at the moment.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on this machine")?;
    Ok(listener.local_addr()?.port())
}
