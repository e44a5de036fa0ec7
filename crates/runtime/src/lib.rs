//! The chassis of a service: what every service needs around its own work, so that its `main.rs` is one line.
//!
//! [`service`] runs a process from its configuration to its exit code, [`http`] puts the same limits, request ids and
//! problem answers around every route, [`operations`] answers probes and metrics on a port of its own.

pub mod chain;
pub mod config;
pub mod health;
pub mod http;
pub mod metrics;
pub mod operations;
pub mod problem;
pub mod running;
pub mod secret;
pub mod service;
pub mod shutdown;
pub mod telemetry;
