//! Parked messages: seen, replayed, dropped; and never lost while somebody looks. (C9, I5)

use std::collections::HashSet;

use lapin::options::{BasicGetOptions, BasicNackOptions, BasicPublishOptions};
use lapin::{BasicProperties, Connection, ConnectionProperties};
use pagekeeper_bus::topology::{BACKGROUND_COMMANDS, parked};
use pagekeeper_bus::{Browsed, Fate, ParkedError, ParkedMessage, Published, Settled, Tries};
use pagekeeper_testkit::{ChaosProxy, Poll, TestVhost, wait_for};

use crate::support::{LIMIT, TestBus, command, number, ready_messages, until_ready_messages};

const REASON: &str = "Facebook refused the Page's token";

async fn park(bus: &TestBus, numbers: impl Iterator<Item = i64>) {
    let publisher = bus.bus.publisher();
    let tries =
        Tries { attempt: 2, first_failed_at: chrono::DateTime::from_timestamp(1_790_000_000, 0), ..Tries::default() };
    let messages: Vec<_> =
        numbers.map(|number| publisher.for_parking(BACKGROUND_COMMANDS, command(number), &tries, REASON)).collect();
    let published = publisher.publish_all(&messages).await;
    assert!(published.iter().all(|published| *published == Published::Stored));
}

async fn numbers(bus: &TestBus) -> Browsed<i64> {
    bus.bus.parked_queues().browse(BACKGROUND_COMMANDS, |parked| Some(number(&parked.message))).await.unwrap()
}

#[tokio::test]
async fn what_is_parked_is_seen_in_order_with_its_reason_as_often_as_anybody_likes() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    park(&bus, 0..1_200).await;
    // More often than the broker's own default limit of deliveries.
    for _ in 0..25 {
        assert!(numbers(&bus).await == Browsed { kept: (0..1_200).collect(), is_complete: true });
    }
    let all = bus.bus.parked_queues().browse(BACKGROUND_COMMANDS, |parked| Some(parked.clone())).await.unwrap();
    let first = &all.kept[0];
    assert_eq!(
        (first.home_queue.as_str(), first.reason(), first.message.tries.attempt),
        (BACKGROUND_COMMANDS, REASON, 3)
    );
    assert_eq!(first.first_failed_at(), chrono::DateTime::from_timestamp(1_790_000_000, 0));
    assert!(first.parked_at() > first.first_failed_at());
    until_ready_messages(&vhost.url(), &parked(BACKGROUND_COMMANDS), 1_200).await;
}

#[tokio::test]
async fn a_replay_goes_home_to_be_tried_anew_and_a_drop_is_for_good() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    park(&bus, 0..10).await;
    let queues = bus.bus.parked_queues();
    let even = |parked: &ParkedMessage| number(&parked.message) % 2 == 0;
    let replayed = queues.settle(BACKGROUND_COMMANDS, Fate::Replay, 100, even).await.unwrap();
    assert_eq!(replayed, Settled { settled: 5, is_complete: true });
    let dropped = queues.settle(BACKGROUND_COMMANDS, Fate::Drop, 3, |_| true).await.unwrap();
    assert_eq!(dropped, Settled { settled: 3, is_complete: false }, "one more than the limit is there");
    assert_eq!(numbers(&bus).await.kept, [7, 9]);

    let recorder = crate::support::Recorder::new(|_| pagekeeper_bus::Handled::Done);
    bus.consume(10, &recorder);
    let seen = recorder.until(5).await;
    assert_eq!(seen.iter().map(number).collect::<Vec<_>>(), [0, 2, 4, 6, 8]);
    let tries = &seen[0].tries;
    assert_eq!((tries.attempt, &tries.last_error), (0, &None));
    assert_eq!(tries.first_failed_at, chrono::DateTime::from_timestamp(1_790_000_000, 0), "it is still as old");
}

#[tokio::test]
async fn nothing_is_lost_when_who_looks_dies_half_way() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    park(&bus, 0..700).await;

    // Given up in the middle, as by a caller that hung up.
    let other = TestBus::start(&vhost.url()).await;
    for milliseconds in [1, 3, 5, 10, 20, 40] {
        let looking = tokio::time::timeout(std::time::Duration::from_millis(milliseconds), numbers(&other));
        let _half_way = looking.await;
    }
    until_ready_messages(&vhost.url(), &parked(BACKGROUND_COMMANDS), 700).await;

    // Its connection is cut while it holds them.
    let proxy = ChaosProxy::start(&vhost.url()).await.unwrap();
    let cut = TestBus::start(&proxy.url(&vhost.url())).await;
    let queues = cut.bus.parked_queues();
    let held = queues.settle(BACKGROUND_COMMANDS, Fate::Replay, 700, |parked| {
        if number(&parked.message) == 499 {
            proxy.cut();
        }
        true
    });
    assert!(!matches!(held.await, Ok(Settled { is_complete: true, .. })));
    // Each is in one of the queues, or in both: replayed and not acked.
    wait_for("every message", LIMIT, async || {
        let parked_ones: HashSet<i64> = numbers(&bus).await.kept.into_iter().collect();
        let home = ready_messages(&vhost.url(), BACKGROUND_COMMANDS).await as usize;
        Poll::when((parked_ones.len() + home >= 700).then_some(()), format!("{} and {home}", parked_ones.len()))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_of_thousands_is_whole_while_others_look() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    park(&bus, 0..5_000).await;
    let (one, other) = (TestBus::start(&vhost.url()).await, TestBus::start(&vhost.url()).await);
    let looks = async |bus: &TestBus| {
        for _ in 0..3 {
            let found = numbers(bus).await;
            let distinct: HashSet<i64> = found.kept.iter().copied().collect();
            assert_eq!(distinct.len(), found.kept.len(), "nothing is shown twice");
        }
    };
    let replay = async {
        let queues = bus.bus.parked_queues();
        let mut replayed = 0;
        while replayed < 5_000 {
            let settled = queues.settle(BACKGROUND_COMMANDS, Fate::Replay, 2_000, |_| true).await.unwrap();
            assert!(settled.settled <= 2_000);
            replayed += settled.settled;
        }
    };
    tokio::time::timeout(LIMIT, async { tokio::join!(looks(&one), looks(&other), replay) }).await.unwrap();
    until_ready_messages(&vhost.url(), BACKGROUND_COMMANDS, 5_000).await;
    assert_eq!(numbers(&bus).await, Browsed { kept: Vec::new(), is_complete: true });
}

#[tokio::test]
async fn a_message_that_kills_its_workers_is_parked_by_the_broker_and_says_so() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    bus.bus.publisher().publish(command(7)).await.unwrap();
    let connection = Connection::connect(&vhost.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    while let Some(message) = channel.basic_get(BACKGROUND_COMMANDS.into(), BasicGetOptions::default()).await.unwrap() {
        message.delivery.acker.nack(BasicNackOptions { requeue: true, ..BasicNackOptions::default() }).await.unwrap();
    }
    until_ready_messages(&vhost.url(), &parked(BACKGROUND_COMMANDS), 1).await;
    let seen = bus.bus.parked_queues().browse(BACKGROUND_COMMANDS, |parked| Some(parked.clone())).await.unwrap().kept;
    assert!(seen[0].reason().starts_with("delivery limit"), "{}", seen[0].reason());
    assert!(seen[0].parked_at().is_some());
    assert_eq!(number(&seen[0].message), 7);
}

#[tokio::test]
async fn what_is_no_message_of_ours_is_seen_under_the_same_id_each_time() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    let connection = Connection::connect(&vhost.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let queue = parked(BACKGROUND_COMMANDS);
    let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
    channel
        .basic_publish("".into(), queue.as_str().into(), options, b"nonsense", properties)
        .await
        .unwrap()
        .await
        .unwrap();
    until_ready_messages(&vhost.url(), &queue, 1).await;
    let look = async || {
        let browsed = bus.bus.parked_queues().browse(BACKGROUND_COMMANDS, |parked| Some(parked.clone())).await;
        browsed.unwrap().kept.remove(0)
    };
    let first = look().await;
    assert_eq!((first.id(), first.reason(), first.parked_at()), (look().await.id(), "unknown", None));
}

#[tokio::test]
async fn depths_are_told_of_every_queue_and_unknown_queues_are_refused() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    park(&bus, 0..3).await;
    bus.bus.publisher().publish_all(&[command(1), command(2)]).await;
    until_ready_messages(&vhost.url(), BACKGROUND_COMMANDS, 2).await;
    let depths = bus.bus.parked_queues().depths().await.unwrap();
    let depth = |queue: &str| depths.iter().find(|(name, _)| name == queue).unwrap().1;
    assert_eq!((depth(BACKGROUND_COMMANDS), depth(&parked(BACKGROUND_COMMANDS)), depth("retry.200ms")), (2, 3, 0));
    let refused = bus.bus.parked_queues().browse("amq.gen", |_| Some(())).await;
    assert_eq!(refused, Err(ParkedError::NoSuchQueue("amq.gen".to_owned())));
    bus.stop.cancel();
}
