use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lapin::options::QueueDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use pagekeeper_bus::topology::BACKGROUND_COMMANDS;
use pagekeeper_bus::{Handled, Outgoing};
use pagekeeper_testkit::{Poll, TestVhost, wait_for};

use crate::support::{LIMIT, Recorder, TestBus, command, number, ready_messages};

#[tokio::test]
async fn what_waits_comes_as_batches_and_is_acked_together() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    let commands: Vec<Outgoing> = (0..250).map(command).collect();
    bus.bus.publisher().publish_all(&commands).await;

    let recorder = Recorder::new(|_| Handled::Done);
    let consuming = bus.consume(100, &recorder);
    let seen = recorder.until(250).await;
    assert_eq!(seen.iter().map(number).collect::<Vec<_>>(), (0..250).collect::<Vec<_>>());
    let sizes: Vec<usize> = recorder.batches().await.iter().map(Vec::len).collect();
    assert!(sizes.iter().all(|size| *size <= 100) && sizes.len() < 50, "{sizes:?}");

    bus.stop.cancel();
    consuming.await.unwrap();
    assert_eq!(ready_messages(&vhost.url(), BACKGROUND_COMMANDS).await, 0, "all of it is acked");
}

#[tokio::test]
async fn a_lone_message_does_not_wait_for_others() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    let recorder = Recorder::new(|_| Handled::Done);
    bus.consume(100, &recorder);
    bus.bus.publisher().publish(command(1)).await.unwrap();
    recorder.until(1).await;
    bus.bus.publisher().publish(command(2)).await.unwrap();
    recorder.until(2).await;
    assert_eq!(recorder.batches().await.len(), 2);
}

#[tokio::test]
async fn a_batch_is_kept_and_handed_in_again_when_what_it_needs_is_away() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    bus.bus.publisher().publish(command(7)).await.unwrap();
    let tries = AtomicUsize::new(0);
    let recorder = Recorder::new(move |_| match tries.fetch_add(1, Ordering::Relaxed) {
        0 | 1 => Handled::Later(Duration::from_millis(10)),
        _ => Handled::Done,
    });
    bus.consume(100, &recorder);
    let seen = recorder.until(3).await;
    assert!(seen.iter().all(|message| number(message) == 7 && !message.redelivered), "it was kept, not given back");
}

#[tokio::test]
async fn what_was_not_acked_at_the_stop_comes_to_the_next_consumer() {
    let vhost = TestVhost::new().await;
    let first = TestBus::start(&vhost.url()).await;
    first.bus.publisher().publish(command(1)).await.unwrap();
    let recorder = Recorder::new(|_| Handled::Later(LIMIT));
    let consuming = first.consume(10, &recorder);
    recorder.until(1).await;
    first.stop.cancel();
    consuming.await.unwrap();

    let next = TestBus::start(&vhost.url()).await;
    let recorder = Recorder::new(|_| Handled::Done);
    next.consume(10, &recorder);
    let seen = recorder.until(1).await;
    assert!(seen.iter().all(|message| message.redelivered));
}

#[tokio::test]
async fn a_deleted_queue_is_declared_again() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    let recorder = Recorder::new(|_| Handled::Done);
    bus.consume(10, &recorder);
    bus.bus.publisher().publish(command(1)).await.unwrap();
    recorder.until(1).await;

    let connection = Connection::connect(&vhost.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel.queue_delete(BACKGROUND_COMMANDS.into(), QueueDeleteOptions::default()).await.unwrap();
    wait_for("the queue to be there again", LIMIT, async || {
        let published = bus.bus.publisher().publish(command(2)).await;
        Poll::when(published.ok(), format!("{published:?}"))
    })
    .await;
    recorder.until(2).await;
}
