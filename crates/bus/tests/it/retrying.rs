use pagekeeper_bus::topology::{BACKGROUND_COMMANDS, parked, webhook_queue};
use pagekeeper_bus::{ConsumerOptions, Handled, Incoming, Verdict, consume};
use pagekeeper_testkit::TestVhost;

use crate::support::{Recorder, TestBus, command, number, ready_messages, until_ready_messages, webhook};

fn each(batch: &[Incoming], verdict: impl Fn(&Incoming) -> Verdict) -> Handled {
    Handled::Each(batch.iter().map(verdict).collect())
}

#[tokio::test]
async fn a_failed_message_waits_at_its_level_and_comes_home_with_its_tries_counted() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    bus.bus.publisher().publish_all(&[command(1), command(2), command(3)]).await;
    let recorder = Recorder::new(|batch| {
        each(batch, |message| match (number(message), message.tries.attempt) {
            (2, 0) => Verdict::Retry("not yet".to_owned()),
            _ => Verdict::Ack,
        })
    });
    let consuming = bus.consume(10, &recorder);
    let seen = recorder.until(4).await;
    let (first, again) = (&seen[1], &seen[3]);
    assert_eq!((number(again), again.message_id), (2, first.message_id));
    assert_eq!((again.tries.attempt, again.tries.last_error.as_deref()), (1, Some("not yet")));
    assert!(again.tries.first_failed_at.is_some());
    assert_eq!((again.kind.as_str(), again.account_id), ("sync.page", Some(1)));

    bus.stop.cancel();
    consuming.await.unwrap();
    assert_eq!(ready_messages(&vhost.url(), BACKGROUND_COMMANDS).await, 0);
}

#[tokio::test]
async fn what_failed_at_every_level_is_parked() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    bus.bus.publisher().publish_all(&[command(1), command(2)]).await;
    let recorder = Recorder::new(|batch| {
        each(batch, |message| if number(message) == 1 { Verdict::Retry("broken".to_owned()) } else { Verdict::Ack })
    });
    bus.consume(10, &recorder);
    until_ready_messages(&vhost.url(), &parked(BACKGROUND_COMMANDS), 1).await;
    let tries: Vec<u32> = recorder
        .messages()
        .await
        .iter()
        .filter(|message| number(message) == 1)
        .map(|message| message.tries.attempt)
        .collect();
    assert_eq!(tries, [0, 1, 2], "two levels, and then no more");
}

#[tokio::test]
async fn what_no_further_try_can_help_is_parked_at_once() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    bus.bus.publisher().publish_all(&[webhook(1), webhook(2)]).await;
    let recorder = Recorder::new(|batch| each(batch, |_| Verdict::Park("it is broken".to_owned())));
    let queue = webhook_queue(0);
    let stop = bus.stop.child_token();
    let consuming = consume(&bus.bus, &queue, ConsumerOptions::batches_of(10), recorder.clone(), stop.clone());
    until_ready_messages(&vhost.url(), &parked(&queue), 2).await;
    stop.cancel();
    consuming.await.unwrap();
    assert_eq!(ready_messages(&vhost.url(), &queue).await, 0);
}

#[tokio::test]
async fn a_handler_that_forgets_a_message_loses_none() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    bus.bus.publisher().publish_all(&[command(1), command(2)]).await;
    let recorder = Recorder::new(|_| Handled::Each(Vec::new()));
    let consuming = bus.consume(10, &recorder);
    recorder.until(2).await;
    bus.stop.cancel();
    consuming.await.unwrap();
    until_ready_messages(&vhost.url(), BACKGROUND_COMMANDS, 2).await;
}
