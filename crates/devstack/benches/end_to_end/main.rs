//! From a webhook's POST to the event on the gateway's stream, and to the message in the API's answer, at 200/s; beside
//! the bare path POST → confirm → consume → commit on the same servers: `cargo bench -p pagekeeper-devstack --bench
//! end_to_end`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark fails at once")]

mod bare;
mod ours;
#[path = "../../tests/faults/system.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod system;
mod waiting;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use bare::BarePath;
use ours::Pagekeeper;
use pagekeeper_devstack::demo;
use pagekeeper_testkit::bench::{Latencies, Report, Rounds};
use serde_json::json;
use system::FaultySystem;

const PER_SECOND: u32 = 200;
const ROUNDS: usize = 3;
const WARM_UP: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(10);

/// Each writes every five seconds: no two messages of one conversation are under way.
const CUSTOMERS: u32 = 1_000;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let system = FaultySystem::start_with(|_| {}).await;
    system.logged_in(demo::PERSON).await;
    let bare = Arc::new(BarePath::start(&system).await?);
    let ours = Arc::new(Pagekeeper::prepare(&system).await?);
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let committed = bare.measure().await?;
        let (event, visible) = ours.measure().await?;
        rounds.push(Round { committed, event, visible });
    }
    system.stack.stop().await?;
    Ok(report(&rounds).print())
}

struct Round {
    committed: Latencies,
    event: Latencies,
    visible: Latencies,
}

/// One of the latencies of a round.
type Path = fn(&Round) -> &Latencies;

fn report(rounds: &[Round]) -> Report {
    let mut report = Report::default();
    let paths: [(&str, Path); 3] = [
        ("bare path: POST to commit", |round| &round.committed),
        ("POST to event", |round| &round.event),
        ("POST to the message in the API", |round| &round.visible),
    ];
    for (name, path) in paths {
        for (label, quantile) in [("p50", 0.5), ("p99", 0.99)] {
            let figure = Rounds::new(rounds.iter().map(|round| path(round).quantile(quantile)));
            report.figure(&format!("{name}, {label}"), "ms", 2, &figure);
        }
    }
    for (name, path) in [paths[1], paths[2]] {
        for (label, quantile, goal) in [("p50", 0.5, 5.0), ("p99", 0.99, 10.0)] {
            let ratios = rounds.iter().map(|round| path(round).quantile(quantile) / round.committed.quantile(quantile));
            report.at_most(&format!("{name} : bare path, {label}"), &Rounds::new(ratios), goal);
        }
    }
    report
}

/// As Meta sends it, with a body of about 600 bytes.
fn webhook(page: &str, psid: &str, mid: &str, at_ms: i64, text: &str) -> Vec<u8> {
    let body = json!({ "object": "page", "entry": [{ "id": page, "time": at_ms, "messaging": [{
        "sender": { "id": psid }, "recipient": { "id": page }, "timestamp": at_ms,
        "message": { "mid": mid, "text": text, "attachments": [{ "type": "fallback", "title": "x".repeat(250),
            "payload": { "url": "https://shop.example/products/a-blue-one-in-large" } }] },
    }] }] });
    body.to_string().into_bytes()
}

fn http_client() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?)
}

/// Ids that no round has used before.
fn mid(number: u32) -> String {
    format!("m_{number}_{}", uuid::Uuid::new_v4().simple())
}
