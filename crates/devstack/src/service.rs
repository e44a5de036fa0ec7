//! `devstack service NAME`: one service in this process, ended when its parent ends.

use std::io::Read as _;
use std::process::ExitCode;

use pagekeeper_runtime::service;

use crate::command_line::ServiceName;
use crate::simulator_child;

/// Runs the service until it is stopped. The parent holds the other end of standard input: however it ends, the pipe
/// closes, and this process ends too.
pub fn run(name: ServiceName) -> ExitCode {
    std::thread::spawn(|| {
        let mut byte = [0];
        while std::io::stdin().lock().read(&mut byte).is_ok_and(|length| length > 0) {}
        std::process::exit(1);
    });
    match name {
        ServiceName::GraphSim => simulator_child::main(),
        ServiceName::Gateway => service::main::<pagekeeper_gateway::Gateway>(),
        ServiceName::WebhookIngest => service::main::<pagekeeper_webhook_ingest::WebhookIngest>(),
        ServiceName::SyncWorker => service::main::<pagekeeper_sync_worker::SyncWorker>(),
    }
}
