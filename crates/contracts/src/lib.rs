//! Rust made from `proto/`: the contract of every message on RabbitMQ.

/// Version 1 of the messages. Their comments in `proto/` are the contract.
#[expect(clippy::pedantic, reason = "generated")]
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/pagekeeper.v1.rs"));
}

mod contract;

pub use contract::{Contract, Exchange};
pub use prost;
