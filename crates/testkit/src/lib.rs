//! What tests share: private servers, a database and a vhost per test, waiting for conditions, a proxy that breaks
//! connections, the simulated Facebook. The dev stack starts its servers with it too.

#![expect(clippy::expect_used, reason = "a test that cannot be set up must fail at once")]

pub mod bench;
pub mod chaos_proxy;
pub mod database;
pub mod servers;
mod shared;
pub mod vhost;
pub mod wait;
mod webhooks;

pub use chaos_proxy::{ChaosProxy, Side};
pub use database::TestDatabase;
pub use vhost::TestVhost;
pub use wait::{Poll, wait_for};
pub use webhooks::sign_webhook;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// [`init`] for a bench: the servers that it shares, if none were given, are as durable as in production.
pub fn init_bench() {
    init();
    shared::make_durable();
}

/// What every test that opens a connection needs first: the process's TLS provider; and what `RUST_LOG` asks for, in the
/// test's output.
pub fn init() {
    // Err: it was installed before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::OFF.into()).from_env_lossy();
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
}
