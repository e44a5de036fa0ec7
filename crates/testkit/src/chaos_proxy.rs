//! A TCP proxy that breaks connections on demand, between a service and what it depends on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

/// What happens to bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Pass,
    /// Connections stay open, and no byte gets through: a frozen peer.
    Stall,
    /// Open connections are closed, new ones too: a dead peer.
    Refuse,
}

#[derive(Debug, Clone, Copy)]
struct Rules {
    mode: Mode,
    latency: Duration,
    /// Raised to close all open connections once.
    cuts: u64,
    trap: Option<Trap>,
}

/// Where a conversation with the target stands still by itself.
#[derive(Debug, Clone, Copy)]
struct Trap {
    /// What the client says at that place.
    text: &'static str,
    /// So many times it is still let through.
    passes: u32,
    side: Side,
}

/// On which side of something that the client says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The target never hears it.
    Before,
    /// The target hears it, and the client never hears the answer.
    After,
}

/// Listens on a port of its own and passes on to its target. Ends when dropped.
#[derive(Debug)]
pub struct ChaosProxy {
    address: SocketAddr,
    rules: Arc<watch::Sender<Rules>>,
    accepting: JoinHandle<()>,
}

impl ChaosProxy {
    /// In front of the host and port of an address such as `amqp://…` or `postgres://…`.
    pub async fn start(target: &str) -> Result<Self> {
        let target = Url::parse(target).context("the proxy's target is not an address")?;
        let host = target.host_str().context("the proxy's target names no host")?.to_owned();
        let port =
            target.port_or_known_default().or_else(|| (target.scheme() == "postgres").then_some(5432)).unwrap_or(5672);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let rules =
            Arc::new(watch::Sender::new(Rules { mode: Mode::Pass, latency: Duration::ZERO, cuts: 0, trap: None }));
        let accepting = tokio::spawn(accept(listener, (host, port), Arc::clone(&rules)));
        Ok(Self { address, rules, accepting })
    }

    /// The target's address with this proxy's host and port.
    ///
    /// # Panics
    ///
    /// When `target` is not an address.
    pub fn url(&self, target: &str) -> String {
        let mut url = Url::parse(target).expect("an address");
        url.set_ip_host(self.address.ip()).expect("an address with a host");
        url.set_port(Some(self.address.port())).expect("an address with a port");
        url.into()
    }

    /// Closes all open connections; new ones pass.
    pub fn cut(&self) {
        self.rules.send_modify(|rules| rules.cuts += 1);
    }

    /// Nothing gets through until [`Self::resume`]; connections stay open.
    pub fn stall(&self) {
        self.rules.send_modify(|rules| rules.mode = Mode::Stall);
    }

    /// The same once a client has said `text` for the `nth` time from now on, counted from 1 over all connections. The text
    /// has to be a message of its own, such as a `COMMIT`.
    pub fn stall_at(&self, text: &'static str, nth: u32, side: Side) {
        let trap = Trap { text, passes: nth.saturating_sub(1), side };
        self.rules.send_modify(|rules| rules.trap = Some(trap));
    }

    /// Waits until nothing gets through any more.
    pub async fn stalled(&self) {
        // It cannot fail: the sender is ours.
        let _ = self.rules.subscribe().wait_for(|rules| rules.mode == Mode::Stall).await;
    }

    /// Closes every connection, old and new, until [`Self::resume`].
    pub fn refuse(&self) {
        self.rules.send_modify(|rules| {
            rules.mode = Mode::Refuse;
            rules.cuts += 1;
        });
    }

    /// Holds each piece of data back for so long, in both directions.
    pub fn latency(&self, latency: Duration) {
        self.rules.send_modify(|rules| rules.latency = latency);
    }

    pub fn resume(&self) {
        self.rules.send_modify(|rules| {
            rules.mode = Mode::Pass;
            rules.trap = None;
        });
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.refuse();
    }
}

async fn accept(listener: TcpListener, target: (String, u16), rules: Arc<watch::Sender<Rules>>) {
    while let Ok((client, _)) = listener.accept().await {
        if rules.borrow().mode == Mode::Refuse {
            continue;
        }
        let (target, rules) = (target.clone(), Arc::clone(&rules));
        tokio::spawn(async move {
            if let Ok(server) = TcpStream::connect(target).await {
                relay(client, server, &rules).await;
            }
        });
    }
}

/// Until one side closes or the connection is cut.
async fn relay(client: TcpStream, server: TcpStream, rules: &watch::Sender<Rules>) {
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let mut cut = rules.subscribe();
    let cuts = cut.borrow().cuts;
    let (spoken, answered) = (rules.subscribe(), rules.subscribe());
    tokio::select! {
        () = pump(client_read, server_write, spoken, |piece| spring(rules, piece)) => {}
        () = pump(server_read, client_write, answered, |_| None) => {}
        _ = cut.wait_for(|rules| rules.cuts != cuts) => {}
    }
}

/// `sprung` looks at each piece before it is passed on.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut watch: watch::Receiver<Rules>,
    sprung: impl Fn(&[u8]) -> Option<Side>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut buffer).await {
        let Some(piece) = buffer.get(..length).filter(|piece| !piece.is_empty()) else { return };
        if sprung(piece) != Some(Side::After) {
            let Ok(rules) = watch.wait_for(|rules| rules.mode != Mode::Stall).await.map(|rules| *rules) else { return };
            if !rules.latency.is_zero() {
                tokio::time::sleep(rules.latency).await;
            }
        }
        if to.write_all(piece).await.is_err() {
            return;
        }
    }
}

/// Stalls everything where the trap is.
fn spring(rules: &watch::Sender<Rules>, piece: &[u8]) -> Option<Side> {
    let trap = rules.borrow().trap?;
    if !piece.windows(trap.text.len()).any(|window| window == trap.text.as_bytes()) {
        return None;
    }
    let mut sprung = None;
    rules.send_modify(|rules| match &mut rules.trap {
        Some(Trap { passes: 0, side, .. }) => {
            sprung = Some(*side);
            rules.mode = Mode::Stall;
            rules.trap = None;
        }
        Some(trap) => trap.passes -= 1,
        None => {}
    });
    sprung
}
