//! RabbitMQ: the topology as data, publishing with confirms, consuming in batches, retry levels and parking, live
//! queues, parked messages for people, and the relay of an outbox.
//!
//! Each process has two connections, one to publish and one to consume, since an alarm of the broker stops all that a
//! publishing connection sends, acks included. A supervisor per connection makes a new one after a loss; the client's
//! own recovery is off, as it can hang for ever under load. Nothing waits without a time limit of ours.

mod batch;
mod bus;
mod config;
mod connection;
mod consumer;
mod definitions;
mod flight;
mod headers;
mod live_queue;
mod message;
mod parked;
mod pool;
mod publisher;

pub mod relay;
mod retry;
mod supervisor;
pub mod topology;
mod trace;
mod turns;
mod webhook_queues;

pub use bus::{Bus, BusState};
pub use config::{BusConfig, InvalidBusConfig};
pub use consumer::{BatchHandler, ConsumerOptions, Handled, Verdict, consume, consume_share};
pub use live_queue::{Live, LiveQueue};
pub use message::{DecodeError, Incoming, Outgoing, Tries};
pub use parked::{Browsed, Fate, ParkedError, ParkedMessage, ParkedQueues, Settled};
pub use publisher::{PublishError, Published, Publisher};
pub use relay::{Claimed, OutboxSource, relay};
pub use retry::RetryLevels;
pub use trace::trace_of;
pub use webhook_queues::{MOST_WEBHOOK_QUEUES, WebhookQueues, webhook_message};
