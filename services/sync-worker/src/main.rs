use std::process::ExitCode;

fn main() -> ExitCode {
    pagekeeper_runtime::service::main::<pagekeeper_sync_worker::SyncWorker>()
}
