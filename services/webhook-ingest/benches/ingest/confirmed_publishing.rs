//! What the broker gives a client that publishes single messages with confirms: the measure for webhook-ingest.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};

/// Persistent, mandatory messages to one queue per second, with so many in flight on one channel.
pub(crate) async fn messages_per_second(
    broker: &str,
    queue: &str,
    message: &[u8],
    in_flight: usize,
    duration: Duration,
) -> Result<f64> {
    let connection = Connection::connect(broker, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let start = Instant::now();
    let mut flights: FuturesUnordered<_> = (0..in_flight).map(|_| publish(&channel, queue, message)).collect();
    let mut confirmed: u32 = 0;
    while let Some(outcome) = flights.next().await {
        ensure!(outcome?, "the broker refused a message");
        confirmed += 1;
        if start.elapsed() < duration {
            flights.push(publish(&channel, queue, message));
        }
    }
    let rate = f64::from(confirmed) / start.elapsed().as_secs_f64();
    // Everything is confirmed: how the connection ends does not matter.
    let _ = connection.close(200, "measured".into()).await;
    Ok(rate)
}

async fn publish(channel: &Channel, queue: &str, message: &[u8]) -> Result<bool> {
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let persistent = BasicProperties::default().with_delivery_mode(2);
    let confirm = channel.basic_publish("".into(), queue.into(), options, message, persistent).await?;
    Ok(confirm.await?.is_ack())
}
