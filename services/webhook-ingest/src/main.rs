//! The program `webhook-ingest`.

use std::process::ExitCode;

use pagekeeper_runtime::service;
use pagekeeper_webhook_ingest::WebhookIngest;

fn main() -> ExitCode {
    service::main::<WebhookIngest>()
}
