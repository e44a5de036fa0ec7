//! A lean HTTP load generator: requests made beforehand, keep-alive connections, one thread of its own, so that it
//! takes as little as possible from what it measures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

use super::open_loop::Latencies;

/// No answer within this time is the end of the measurement.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Where the load goes, and what it is.
#[derive(Clone)]
pub struct Target {
    pub address: SocketAddr,
    /// Whole HTTP requests, sent in turn.
    pub requests: Arc<[Vec<u8>]>,
    pub connections: u64,
}

/// How requests follow each other.
#[derive(Clone, Copy)]
pub enum Pace {
    /// Each connection sends the next as soon as it has an answer.
    Closed,
    /// So many per second on a fixed schedule; latency counts from there, also while no connection was free.
    Open { per_second: u64 },
}

/// What was measured after the warm-up.
pub struct Load {
    pub answers_per_second: u64,
    /// Answers other than 200.
    pub refused: u64,
    pub latencies: Latencies,
}

/// Loads the target for `duration` after `warm_up`.
pub async fn load(target: Target, pace: Pace, warm_up: Duration, duration: Duration) -> Result<Load> {
    let generator = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(run(&target, pace, warm_up, duration))
    });
    let waiting = tokio::task::spawn_blocking(|| generator.join());
    waiting.await?.map_err(|_panic| anyhow::anyhow!("the generator panicked"))?
}

async fn run(target: &Target, pace: Pace, warm_up: Duration, duration: Duration) -> Result<Load> {
    let start = Instant::now();
    let schedule = Schedule { pace, start, next: AtomicU64::new(0) };
    let (from, until) = (start + warm_up, start + warm_up + duration);
    let connections = (0..target.connections).map(|_| measure(target, &schedule, from, until));
    let mut total = Measured::new()?;
    for measured in futures_util::future::join_all(connections).await {
        let measured = measured?;
        total.latency_us.add(&measured.latency_us)?;
        total.refused += measured.refused;
    }
    let seconds = duration.as_millis().max(1);
    let answers_per_second = u64::try_from(u128::from(total.latency_us.len()) * 1000 / seconds)?;
    Ok(Load { answers_per_second, refused: total.refused, latencies: Latencies::from(total.latency_us) })
}

struct Schedule {
    pace: Pace,
    start: Instant,
    next: AtomicU64,
}

impl Schedule {
    /// The number of the next request, and when it is due.
    fn next(&self) -> (u64, Instant) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let due = match self.pace {
            Pace::Closed => Instant::now(),
            Pace::Open { per_second } => self.start + Duration::from_nanos(number * 1_000_000_000 / per_second),
        };
        (number, due)
    }
}

struct Measured {
    latency_us: Histogram<u64>,
    refused: u64,
}

impl Measured {
    fn new() -> Result<Self> {
        Ok(Self { latency_us: Histogram::new(3)?, refused: 0 })
    }
}

/// One connection until the end.
async fn measure(target: &Target, schedule: &Schedule, from: Instant, until: Instant) -> Result<Measured> {
    let mut stream = TcpStream::connect(target.address).await.context("the generator cannot connect")?;
    stream.set_nodelay(true)?;
    let mut measured = Measured::new()?;
    let mut answer = Vec::with_capacity(4096);
    loop {
        let (number, due) = schedule.next();
        if due >= until {
            return Ok(measured);
        }
        // Even a sleep that is over lasts until the timer's next millisecond.
        if due > Instant::now() {
            sleep_until(due).await;
        }
        let index = usize::try_from(number)?.checked_rem(target.requests.len()).context("no requests")?;
        stream.write_all(target.requests.get(index).context("no requests")?).await?;
        let is_ok = timeout(ANSWER_LIMIT, read_answer(&mut stream, &mut answer)).await.context("no answer")??;
        if (from..until).contains(&due) {
            measured.latency_us.record(u64::try_from(due.elapsed().as_micros())?)?;
            measured.refused += u64::from(!is_ok);
        }
    }
}

/// Reads one answer with a `content-length`; whether it is a 200.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<bool> {
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 {
            bail!("the receiver closed the connection");
        }
        if let Some(end) = end_of_head(answer) {
            let head = answer.get(..end).unwrap_or_default();
            let is_ok = head.starts_with(b"HTTP/1.1 200");
            if answer.len() >= end + content_length(head)? {
                return Ok(is_ok);
            }
        }
    }
}

fn end_of_head(answer: &[u8]) -> Option<usize> {
    answer.windows(4).position(|window| window == b"\r\n\r\n").map(|start| start + 4)
}

fn content_length(head: &[u8]) -> Result<usize> {
    let head = std::str::from_utf8(head)?;
    let field = head.lines().filter_map(|line| line.split_once(':'));
    let length = field.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).map(|(_, length)| length).next();
    Ok(length.context("an answer without content-length")?.trim().parse()?)
}
