//! A broker that is killed, frozen or out of disk: one of the test's own.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use pagekeeper_bus::{BusState, Handled, PublishError, Published, Publisher};
use pagekeeper_testkit::servers::PrivateRabbitMq;
use pagekeeper_testkit::{ChaosProxy, Poll, TestVhost, wait_for};
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::support::{LIMIT, Recorder, TestBus, command, number};

/// Numbered commands, published one flight after the other, and those of them that were confirmed.
#[derive(Clone, Default)]
struct Stream {
    confirmed: Arc<Mutex<HashSet<i64>>>,
}

impl Stream {
    async fn publish(self, publisher: Publisher, stop: CancellationToken) {
        let mut next = 0;
        while !stop.is_cancelled() {
            let flight: Vec<_> = (next..next + 20).map(command).collect();
            let published = publisher.publish_all(&flight).await;
            let stored = (next..).zip(published).filter(|(_, published)| *published == Published::Stored);
            self.confirmed.lock().await.extend(stored.map(|(number, _)| number));
            next += 20;
            tokio::task::yield_now().await;
        }
    }

    /// Waits until so many more were confirmed.
    async fn more(&self, count: usize) {
        let before = self.confirmed.lock().await.len();
        wait_for("more confirms", LIMIT, async || {
            let confirmed = self.confirmed.lock().await.len();
            Poll::when((confirmed >= before + count).then_some(()), format!("{confirmed} after {before}"))
        })
        .await;
    }

    async fn until_all_are_seen(&self, recorder: &Recorder) {
        let confirmed = self.confirmed.lock().await.clone();
        wait_for("all that was confirmed", LIMIT, async || {
            let seen: HashSet<i64> = recorder.messages().await.iter().map(number).collect();
            let lost = confirmed.difference(&seen).count();
            Poll::when((lost == 0).then_some(()), format!("{lost} of {} not seen", confirmed.len()))
        })
        .await;
    }
}

/// RabbitMQ 3.10 saves that a quorum queue exists half a second after its declaration: one that is younger when the broker is
/// killed has no leader ever after. No condition tells that it is saved.
async fn until_queues_are_saved() {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

async fn until_disconnected(bus: &TestBus) {
    wait_for("the loss to be seen", LIMIT, async || {
        let state = bus.bus.state();
        Poll::when(matches!(state, BusState::Disconnected { .. }).then_some(()), format!("{state:?}"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_confirmed_is_lost_when_the_broker_is_killed_or_frozen() {
    pagekeeper_testkit::init();
    let mut broker = PrivateRabbitMq::temporary().await.unwrap();
    let bus = TestBus::start(&broker.url()).await;
    let recorder = Recorder::new(|_| Handled::Done);
    bus.consume(100, &recorder);
    let stream = Stream::default();
    let stop = bus.stop.child_token();
    let publishing = tokio::spawn(stream.clone().publish(bus.bus.publisher(), stop.clone()));
    until_queues_are_saved().await;
    stream.more(200).await;

    broker.kill().unwrap();
    until_disconnected(&bus).await;
    broker.restart().await.unwrap();
    stream.more(200).await;

    broker.freeze().unwrap();
    let asked = Instant::now();
    let frozen = bus.bus.publisher().publish(command(-1)).await;
    assert!(matches!(frozen, Err(PublishError::Unknown | PublishError::Refused)), "{frozen:?}");
    assert!(asked.elapsed() < Duration::from_secs(5), "our own time limit, not the client's");
    until_disconnected(&bus).await;
    broker.thaw().unwrap();
    stream.more(200).await;

    stop.cancel();
    publishing.await.unwrap();
    stream.until_all_are_seen(&recorder).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_under_load_come_back_every_time() {
    let vhost = TestVhost::new().await;
    let proxy = ChaosProxy::start(&vhost.url()).await.unwrap();
    let bus = TestBus::start(&proxy.url(&vhost.url())).await;
    let recorder = Recorder::new(|_| Handled::Done);
    bus.consume(100, &recorder);
    let stream = Stream::default();
    let stop = bus.stop.child_token();
    let publishing = tokio::spawn(stream.clone().publish(bus.bus.publisher(), stop.clone()));
    for _ in 0..8 {
        stream.more(100).await;
        proxy.cut();
    }
    stream.more(100).await;
    stop.cancel();
    publishing.await.unwrap();
    stream.until_all_are_seen(&recorder).await;
}

#[tokio::test]
async fn a_service_starts_without_its_broker_and_goes_on_when_it_comes() {
    pagekeeper_testkit::init();
    let mut broker = PrivateRabbitMq::temporary().await.unwrap();
    broker.kill().unwrap();
    let bus = TestBus::start_without_broker(&broker.url());
    let recorder = Recorder::new(|_| Handled::Done);
    bus.consume(10, &recorder);
    assert_eq!(bus.bus.publisher().publish(command(1)).await, Err(PublishError::Refused));
    broker.restart().await.unwrap();
    assert!(bus.bus.ready(LIMIT).await);
    bus.bus.publisher().publish(command(2)).await.unwrap();
    assert_eq!(recorder.until(1).await.iter().map(number).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn while_the_broker_has_an_alarm_publishing_fails_in_time_and_consuming_goes_on() {
    pagekeeper_testkit::init();
    let broker = PrivateRabbitMq::temporary().await.unwrap();
    let bus = TestBus::start(&broker.url()).await;
    let publisher = bus.bus.publisher();
    publisher.publish(command(1)).await.unwrap();

    broker.raise_alarm().await.unwrap();
    wait_for("the alarm to be felt", LIMIT, async || {
        let published = publisher.publish_all_within(&[command(2)], Duration::from_secs(1)).await;
        Poll::when((published == [Published::Refused]).then_some(()), format!("{published:?}"))
    })
    .await;
    assert!(matches!(bus.bus.state(), BusState::Disconnected { .. }));
    let recorder = Recorder::new(|_| Handled::Done);
    bus.consume(10, &recorder);
    recorder.until(1).await;

    broker.clear_alarm().await.unwrap();
    assert!(bus.bus.ready(LIMIT).await);
    publisher.publish(command(3)).await.unwrap();
}
