//! The test kit itself, with real servers.

mod databases;
mod servers;
mod vhosts;
