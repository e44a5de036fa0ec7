use std::time::Duration;

use pagekeeper_bus::topology::BACKGROUND_COMMANDS;
use pagekeeper_bus::{BusState, Outgoing, PublishError, Published};
use pagekeeper_testkit::{ChaosProxy, TestVhost};

use crate::support::{LIMIT, TestBus, command, ready_messages, unroutable};

#[tokio::test]
async fn only_what_is_confirmed_and_routed_counts_as_stored() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    let publisher = bus.bus.publisher();
    assert_eq!(publisher.publish(command(1)).await, Ok(()));
    assert_eq!(publisher.publish(unroutable()).await, Err(PublishError::Unroutable));
    let missing = Outgoing { exchange: "no.such.exchange".to_owned(), ..command(2) };
    assert_eq!(publisher.publish(missing).await, Err(PublishError::Unknown));
    let too_long = Outgoing { routing_key: "x".repeat(256), ..command(3) };
    assert_eq!(publisher.publish(too_long).await, Err(PublishError::Refused));
    // The channel that the missing exchange ended takes no other with it.
    assert_eq!(publisher.publish(command(4)).await, Ok(()));
    assert_eq!(ready_messages(&vhost.url(), BACKGROUND_COMMANDS).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_four_thousand_verdicts_in_mixed_flights_none_is_wrong() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    let publishing = (0..8).map(|task| {
        let publisher = bus.bus.publisher();
        tokio::spawn(async move {
            let mut wrong = 0;
            for flight in 0..10 {
                let is_unroutable = |index: i64| (index + flight + task) % 17 == 0;
                let message = |index| if is_unroutable(index) { unroutable() } else { command(index) };
                let batch: Vec<Outgoing> = (0..50).map(message).collect();
                let published = publisher.publish_all(&batch).await;
                wrong += (0..50)
                    .zip(published)
                    .filter(|(index, published)| {
                        *published != if is_unroutable(*index) { Published::Unroutable } else { Published::Stored }
                    })
                    .count();
            }
            wrong
        })
    });
    let mut wrong = 0;
    for task in publishing.collect::<Vec<_>>() {
        wrong += task.await.unwrap();
    }
    assert_eq!(wrong, 0);
}

#[tokio::test]
async fn without_a_broker_publishing_fails_at_once() {
    let vhost = TestVhost::new().await;
    let proxy = ChaosProxy::start(&vhost.url()).await.unwrap();
    proxy.refuse();
    let bus = TestBus::start_without_broker(&proxy.url(&vhost.url()));
    let publisher = bus.bus.publisher();
    assert!(!publisher.is_connected());
    assert!(matches!(bus.bus.state(), BusState::Disconnected { .. }));
    let published = tokio::time::timeout(Duration::from_millis(100), publisher.publish_all(&[command(1)])).await;
    assert_eq!(published.unwrap(), [Published::Refused]);
    proxy.resume();
    assert!(bus.bus.ready(LIMIT).await);
    assert_eq!(publisher.publish(command(2)).await, Ok(()));
}

#[tokio::test]
async fn a_closed_bus_connects_no_more() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    let publisher = bus.bus.publisher();
    bus.bus.clone().close().await;
    assert_eq!(publisher.publish(command(1)).await, Err(PublishError::Refused));
    assert!(!bus.bus.ready(LIMIT).await);
}
