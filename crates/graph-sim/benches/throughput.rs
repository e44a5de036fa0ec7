//! What the simulator gives, so that it is never what a measurement of Pagekeeper measures: small calls and full pages of
//! conversations a second, from a Page of 1,000,000 conversations, with the generator on the same cores:
//! `cargo bench -p pagekeeper-graph-sim --bench throughput`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use pagekeeper_graph_sim::{GraphSim, RunningSim, SimConfig, WorldConfig};
use pagekeeper_testkit::bench::{Pace, Report, Rounds, Target, load};
use serde_json::{Value, json};

const CONVERSATIONS: u32 = 1_000_000;
const MESSAGES: u32 = 40;
const ROUNDS: usize = 3;
const CONNECTIONS: u64 = 32;
const WARM_UP: Duration = Duration::from_millis(500);
const MEASURED: Duration = Duration::from_secs(3);

const SMALL_CALLS: f64 = 20_000.0;
const FULL_PAGES: f64 = 800.0;

/// As a first sync asks.
const FULL_PAGE: &str = "id,updated_time,participants,messages.limit(25){id,created_time,from,to,message,attachments}";

#[tokio::main]
async fn main() -> Result<ExitCode> {
    pagekeeper_testkit::init();
    let started = Instant::now();
    let world = WorldConfig::simple(1, CONVERSATIONS, MESSAGES);
    let sim = GraphSim::start(SimConfig { world, enforce_limits: false, ..SimConfig::default() }).await?;
    let start = started.elapsed();
    let (page, token) = first_page(&sim).await?;
    let small = target(&sim, &format!("/v25.0/{page}?fields=id,name&access_token={token}"))?;
    let fields: String = url::form_urlencoded::byte_serialize(FULL_PAGE.as_bytes()).collect();
    let full = target(&sim, &format!("/v25.0/{page}/conversations?limit=50&fields={fields}&access_token={token}"))?;

    let (mut small_calls, mut full_pages) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        small_calls.push(rate(&small).await?);
        full_pages.push(rate(&full).await?);
    }
    let mut report = Report::default();
    report.figure("start with a million conversations", "ms", 0, &Rounds::new([start.as_secs_f64() * 1_000.0]));
    report.at_least("small calls a second", &Rounds::new(small_calls), SMALL_CALLS);
    report.at_least("full pages (50 conversations of 25 messages) a second", &Rounds::new(full_pages), FULL_PAGES);
    sim.stop().await;
    Ok(report.print())
}

/// Its id and its token.
async fn first_page(sim: &RunningSim) -> Result<(String, String)> {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
    let control = |path: &str| format!("{}/_sim/{path}", sim.base_url());
    let pages: Value = http.get(control("pages")).send().await?.json().await?;
    let id = pages.pointer("/0/id").and_then(Value::as_str).context("no Page")?.to_owned();
    let body = json!({ "person": "Test Person", "page": id });
    let minted: Value = http.post(control("tokens")).json(&body).send().await?.json().await?;
    let token = minted.get("access_token").and_then(Value::as_str).context("no token")?.to_owned();
    Ok((id, token))
}

fn target(sim: &RunningSim, path: &str) -> Result<Target> {
    let address = sim.base_url().strip_prefix("http://").context("the simulator speaks HTTP")?.parse()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: graph\r\n\r\n").into_bytes();
    Ok(Target { address, requests: Arc::from([request]), connections: CONNECTIONS })
}

async fn rate(target: &Target) -> Result<f64> {
    let load = load(target.clone(), Pace::Closed, WARM_UP, MEASURED).await?;
    ensure!(load.refused == 0, "{} answers were not 200", load.refused);
    Ok(f64::from(u32::try_from(load.answers_per_second)?))
}
