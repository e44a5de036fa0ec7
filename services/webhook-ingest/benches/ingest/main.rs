//! webhook-ingest beside what the broker gives at most and beside the usual Node receiver, all in one run, since only
//! ratios taken in one run mean anything. 64 keep-alive connections, signed webhooks of 600 bytes, 200 only after the
//! confirm of a quorum queue; every queue has a consumer on its own connection.
//!
//! `cargo bench -p pagekeeper-webhook-ingest` needs RabbitMQ, PostgreSQL, node and npm on the machine.

mod confirmed_publishing;
mod receivers;
mod webhooks;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, ensure};
use pagekeeper_testkit::bench::{Load, Pace, Report, Rounds, Target, load};
use pagekeeper_testkit::servers::PrivateRabbitMq;
use pagekeeper_testkit::{Poll, TestDatabase, wait_for};
use receivers::{APP_SECRET, Consumer, INGEST_QUEUE, Ingest, Node};

const ROUNDS: usize = 3;
const CONNECTIONS: u64 = 64;
const WARM_UP: Duration = Duration::from_millis(700);
const MEASURED: Duration = Duration::from_secs(3);

/// One round's figures.
struct Round {
    publishing: f64,
    ingest: f64,
    node: f64,
    closed: Load,
    half: Load,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    pagekeeper_testkit::init();
    let broker = PrivateRabbitMq::temporary().await?;
    let database = TestDatabase::new().await;
    let folder = std::env::temp_dir().join("pagekeeper-node-receiver");
    let ingest = Ingest::start(&broker.url(), &database.url_as("pagekeeper_webhook_ingest")).await?;
    let node = Node::start(&broker.url(), &folder).await?;
    let _consumers = [consumer(&broker, INGEST_QUEUE).await?, consumer(&broker, Node::QUEUE).await?];
    let requests = webhooks::signed_requests(1_000, APP_SECRET);
    let target = |address| Target { address, requests: requests.clone(), connections: CONNECTIONS };

    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(round(&broker.url(), &target(ingest.address), &target(node.address)).await?);
    }
    let spooled = database.number("select count(*) from ingest_spool").await;
    ensure!(spooled == 0, "the broker was too slow: some webhooks went to the spool");
    ingest.stop().await?;
    Ok(report_of(&rounds).print())
}

async fn round(broker: &str, ingest: &Target, node: &Target) -> Result<Round> {
    let message = [b'x'; 600];
    let in_flight = usize::try_from(CONNECTIONS)?;
    let publishing =
        confirmed_publishing::messages_per_second(broker, INGEST_QUEUE, &message, in_flight, MEASURED).await?;
    let closed = measure(ingest, Pace::Closed).await?;
    let node = measure(node, Pace::Closed).await?;
    let half = measure(ingest, Pace::Open { per_second: closed.answers_per_second / 2 }).await?;
    let ingest = rate(&closed)?;
    Ok(Round { publishing, ingest, node: rate(&node)?, closed, half })
}

async fn measure(target: &Target, pace: Pace) -> Result<Load> {
    let load = load(target.clone(), pace, WARM_UP, MEASURED).await?;
    ensure!(load.refused == 0, "{} answers were not 200", load.refused);
    Ok(load)
}

fn rate(load: &Load) -> Result<f64> {
    Ok(f64::from(u32::try_from(load.answers_per_second)?))
}

/// A consumer, once the queue is declared.
async fn consumer(broker: &PrivateRabbitMq, queue: &'static str) -> Result<Consumer> {
    let limit = Duration::from_secs(30);
    Ok(wait_for(queue, limit, async || match Consumer::start(&broker.url(), queue).await {
        Ok(consumer) => Poll::Ready(consumer),
        Err(error) => Poll::NotYet(error.to_string()),
    })
    .await)
}

fn report_of(rounds: &[Round]) -> Report {
    let of = |figure: fn(&Round) -> f64| Rounds::new(rounds.iter().map(figure));
    let mut report = Report::default();
    report.figure("confirmed publishing of single messages, 64 in flight", "/s", 0, &of(|round| round.publishing));
    report.figure("webhook-ingest, closed loop", "/s", 0, &of(|round| round.ingest));
    report.figure("  p50", "ms", 2, &of(|round| round.closed.latencies.quantile(0.5)));
    report.figure("  p99", "ms", 2, &of(|round| round.closed.latencies.quantile(0.99)));
    report.figure("Node (express, amqplib confirm channel), closed loop", "/s", 0, &of(|round| round.node));
    report.figure("webhook-ingest, open loop at half its rate", "/s", 0, &of(|round| round.ingest / 2.0));
    report.figure("  p50", "ms", 2, &of(|round| round.half.latencies.quantile(0.5)));
    report.figure("  p99", "ms", 2, &of(|round| round.half.latencies.quantile(0.99)));
    report.at_least("webhook-ingest : confirmed publishing", &of(|round| round.ingest / round.publishing), 1.1);
    report.at_least("webhook-ingest : Node", &of(|round| round.ingest / round.node), 3.0);
    let tail = of(|round| round.half.latencies.quantile(0.99) / round.half.latencies.quantile(0.5));
    report.at_most("p99 : p50 at half the rate", &tail, 5.0);
    report
}
