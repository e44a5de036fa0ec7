//! Keeps one connection to the broker up.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use futures_util::{Stream, StreamExt as _};
use lapin::uri::AMQPUri;
use lapin::{Connection, ConnectionProperties, Event};
use metrics::{counter, gauge};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::connection::{Established, Link, LinkState};
use crate::topology::Topology;

/// Declaring is some dozen round trips, and the first declaration of a quorum queue writes to the disk.
const DECLARE_LIMIT: Duration = Duration::from_secs(30);
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
/// Losses come as events; this is the net below.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// How a connection is made.
pub(crate) struct Dial {
    pub(crate) uri: AMQPUri,
    /// `sync-worker/consume`, as the broker's management shows it.
    pub(crate) name: String,
    /// For metrics and logs: `publish` or `consume`.
    pub(crate) purpose: &'static str,
    pub(crate) timeout: Duration,
    pub(crate) topology: Arc<Topology>,
}

#[derive(Debug, thiserror::Error)]
enum DialError {
    #[error("the broker did not answer in time")]
    TimedOut,
    #[error("{0}")]
    Refused(lapin::Error),
    #[error("the queues cannot be declared: {0}")]
    Declare(lapin::Error),
}

/// A handle, and the supervisor's work: it ends, and the connection with it, by `close`.
pub(crate) fn supervise(dial: Dial, close: CancellationToken) -> (Link, impl Future<Output = ()>) {
    let first = LinkState::Disconnected { since: Instant::now(), reason: "not connected yet".to_owned() };
    let (tells, state) = watch::channel(first);
    let suspicion = Arc::new(Notify::new());
    let link = Link::new(state, Arc::clone(&suspicion));
    let supervisor = Supervisor { dial, tells, suspicion, generation: 0 };
    (link, supervisor.run(close))
}

struct Supervisor {
    dial: Dial,
    tells: watch::Sender<LinkState>,
    suspicion: Arc<Notify>,
    generation: u64,
}

impl Supervisor {
    async fn run(mut self, close: CancellationToken) {
        let mut waits = backoff();
        while let Some(connected) = close.run_until_cancelled(self.dial.connect()).await {
            match connected {
                Ok(connection) => {
                    waits = backoff();
                    let connection = Arc::new(connection);
                    let lost = close.run_until_cancelled(self.keep(&connection)).await;
                    self.disconnected(lost.unwrap_or_else(|| "closed".to_owned()));
                    hang_up(&connection).await;
                }
                Err(error) => self.disconnected(error.to_string()),
            }
            close.run_until_cancelled(sleep(waits.next().unwrap_or_default())).await;
        }
        self.disconnected("closed".to_owned());
    }

    /// Serves a connection until it is lost, and says why.
    async fn keep(&mut self, connection: &Arc<Connection>) -> String {
        self.generation += 1;
        let established = Established { generation: self.generation, connection: Arc::clone(connection) };
        let mut events = pin!(connection.events_listener());
        self.connected(established.clone());
        let mut look = interval(LOOK_INTERVAL);
        let mut last_error = None;
        while connection.status().connected() {
            tokio::select! {
                event = next_event(events.as_mut()) => match event {
                    Event::ConnectionBlocked(reason) => self.blocked(established.clone(), reason),
                    Event::ConnectionUnblocked => self.connected(established.clone()),
                    // Of a channel or of the connection: its state tells.
                    Event::Error(error) => last_error = Some(error.to_string()),
                    _ => {}
                },
                () = self.suspicion.notified() => {
                    if !self.dial.is_answered(connection).await {
                        return "the broker does not answer".to_owned();
                    }
                }
                _ = look.tick() => {}
            }
        }
        last_error.unwrap_or_else(|| "the connection was closed".to_owned())
    }

    fn connected(&self, established: Established) {
        tracing::info!(area = "bus", connection = self.dial.purpose, "connected to RabbitMQ");
        gauge!("pagekeeper_bus_connected", "connection" => self.dial.purpose).set(1);
        self.tells.send_replace(LinkState::Connected(established));
    }

    fn blocked(&self, established: Established, reason: String) {
        tracing::warn!(area = "bus", connection = self.dial.purpose, reason, "RabbitMQ takes no messages");
        gauge!("pagekeeper_bus_connected", "connection" => self.dial.purpose).set(0);
        self.tells.send_replace(LinkState::Blocked { established, since: Instant::now(), reason });
    }

    /// Logs only what is new.
    fn disconnected(&self, reason: String) {
        gauge!("pagekeeper_bus_connected", "connection" => self.dial.purpose).set(0);
        self.tells.send_modify(|state| {
            let (since, is_known) = match state {
                LinkState::Disconnected { since, reason: known } => (*since, *known == reason),
                LinkState::Connected(_) | LinkState::Blocked { .. } => {
                    counter!("pagekeeper_bus_losses_total", "connection" => self.dial.purpose).increment(1);
                    (Instant::now(), false)
                }
            };
            if !is_known {
                tracing::warn!(area = "bus", connection = self.dial.purpose, reason, "no connection to RabbitMQ");
            }
            *state = LinkState::Disconnected { since, reason };
        });
    }
}

impl Dial {
    async fn connect(&self) -> Result<Connection, DialError> {
        let properties = ConnectionProperties::default().with_connection_name(self.name.as_str().into());
        let connecting = timeout(self.timeout, Connection::connect_uri(self.uri.clone(), properties));
        let connection = connecting.await.map_err(|_elapsed| DialError::TimedOut)?.map_err(DialError::Refused)?;
        let declaring = timeout(DECLARE_LIMIT, self.topology.declare(&connection));
        declaring.await.map_err(|_elapsed| DialError::TimedOut)?.map_err(DialError::Declare)?;
        Ok(connection)
    }

    /// Whether the broker still serves the connection. A blocked one sends no question; its alarm's end comes as an event.
    async fn is_answered(&self, connection: &Connection) -> bool {
        connection.status().blocked()
            || matches!(timeout(self.timeout, connection.create_channel()).await, Ok(Ok(_)))
            || connection.status().blocked()
    }
}

/// 0.2 s, doubled up to 5 s, with jitter so that a broker that comes back is not stormed.
fn backoff() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(5))
        .with_factor(2.0)
        .with_jitter()
        .without_max_times()
        .build()
}

async fn next_event(mut events: Pin<&mut impl Stream<Item = Event>>) -> Event {
    match events.next().await {
        Some(event) => event,
        // Without events, the connection's state is looked at.
        None => std::future::pending().await,
    }
}

async fn hang_up(connection: &Connection) {
    if connection.status().connected() {
        let _too_late = timeout(CLOSE_LIMIT, connection.close(200, "bye".into())).await;
    }
}
