//! The servers that the tests of one run share: those of the environment (`cargo dev test` sets it), else private ones
//! of this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use tokio::sync::OnceCell;

use crate::servers::{PrivatePostgres, PrivateRabbitMq};

static IS_DURABLE: AtomicBool = AtomicBool::new(false);

/// A private PostgreSQL that is started from now on syncs to the disk.
pub(crate) fn make_durable() {
    IS_DURABLE.store(true, Ordering::Relaxed);
}

/// An administrator's address of the shared PostgreSQL.
pub(crate) async fn database_url() -> Result<String> {
    static PRIVATE: OnceCell<Arc<PrivatePostgres>> = OnceCell::const_new();
    if let Some(url) = given("DATABASE_URL") {
        return Ok(url);
    }
    let start = async || {
        let started = if IS_DURABLE.load(Ordering::Relaxed) {
            PrivatePostgres::temporary_and_durable().await
        } else {
            PrivatePostgres::temporary().await
        };
        started.map(Arc::new)
    };
    let server = PRIVATE.get_or_try_init(start).await;
    Ok(server.context("no DATABASE_URL, and no private PostgreSQL")?.url("postgres"))
}

/// Addresses of the shared RabbitMQ.
#[derive(Debug, Clone)]
pub(crate) struct Broker {
    /// Of any vhost.
    pub(crate) amqp: String,
    pub(crate) management: String,
}

pub(crate) async fn broker() -> Result<Broker> {
    static PRIVATE: OnceCell<Arc<PrivateRabbitMq>> = OnceCell::const_new();
    if let Some(amqp) = given("AMQP_URL") {
        let management = given("RABBITMQ_MANAGEMENT_URL").context("AMQP_URL without RABBITMQ_MANAGEMENT_URL")?;
        return Ok(Broker { amqp, management: management.trim_end_matches('/').to_owned() });
    }
    let server = PRIVATE.get_or_try_init(|| async { PrivateRabbitMq::temporary().await.map(Arc::new) }).await;
    let server = server.context("no AMQP_URL, and no private RabbitMQ")?;
    Ok(Broker { amqp: server.url(), management: server.management_url() })
}

pub(crate) fn given(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
