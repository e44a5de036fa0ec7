//! Webhooks split over queues, and queues shared by workers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use lapin::options::QueueDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use pagekeeper_bus::topology::webhook_queue;
use pagekeeper_bus::{
    BatchHandler, ConsumerOptions, Handled, Incoming, Outgoing, Published, WebhookQueues, consume_share,
    webhook_message,
};
use pagekeeper_contracts::prost::Message;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{SplitEntry, WebhookBundle, WebhookEntry};
use pagekeeper_testkit::{ChaosProxy, Poll, TestVhost, wait_for};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

use crate::support::{LIMIT, Recorder, TestBus, ready_messages, until_ready_messages};

fn of_page(page: &str, queues: WebhookQueues) -> Outgoing {
    let content = Content::Entry(SplitEntry { owner_id: page.to_owned(), ..SplitEntry::default() });
    let entry = WebhookEntry { content: Some(content), ..WebhookEntry::default() };
    let index = queues.index_of_entry(&entry);
    webhook_message(index, WebhookBundle { entries: vec![entry] }.encode_to_vec().into())
}

fn page(message: &Incoming) -> Option<String> {
    match message.decode::<WebhookBundle>().unwrap().entries.pop()?.content? {
        Content::Entry(split) => Some(split.owner_id),
        Content::Body(_) => None,
    }
}

async fn publish(bus: &TestBus, messages: &[Outgoing]) {
    let published = bus.bus.publisher().publish_all(messages).await;
    assert!(published.iter().all(|published| *published == Published::Stored));
}

fn share(bus: &TestBus, queue: &str, handler: impl BatchHandler, is_ours: &watch::Sender<bool>) -> JoinHandle<()> {
    let options = ConsumerOptions::batches_of(10);
    consume_share(&bus.bus, queue, options, handler, is_ours.subscribe(), bus.stop.child_token())
}

#[tokio::test]
async fn what_is_of_one_page_is_in_one_queue() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start_split(&vhost.url(), 3).await;
    let queues = WebhookQueues::new(3).unwrap();
    let messages: Vec<Outgoing> = (0..90).map(|number| of_page(&(number % 30).to_string(), queues)).collect();
    publish(&bus, &messages).await;

    let mut found: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    for index in queues.indices() {
        let waiting = ready_messages(&vhost.url(), &webhook_queue(index)).await;
        assert!(waiting > 0, "queue {index} gets its share");
        let recorder = Recorder::new(|_| Handled::Done);
        share(&bus, &webhook_queue(index), recorder.clone(), &watch::Sender::new(true));
        for message in recorder.until(waiting as usize).await {
            found.entry(page(&message).unwrap()).or_default().insert(index);
        }
    }
    assert_eq!(found.len(), 30);
    assert!(found.values().all(|queues| queues.len() == 1), "{found:?}");
}

#[tokio::test]
async fn queues_of_a_larger_number_are_found_and_worked_off_and_may_be_deleted_then() {
    let vhost = TestVhost::new().await;
    let (many, few) = (WebhookQueues::new(5).unwrap(), WebhookQueues::new(2).unwrap());
    let before = TestBus::start_split(&vhost.url(), 5).await;
    publish(&before, &(0..50).map(|page| of_page(&page.to_string(), many)).collect::<Vec<_>>()).await;

    let bus = TestBus::start_split(&vhost.url(), 2).await;
    let left_behind = bus.bus.publisher().find_webhook_queues(&few.beyond().collect::<Vec<_>>()).await;
    assert_eq!(left_behind, [2, 3, 4], "those that there are, of 64 that there might be");

    let recorder = Recorder::new(|_| Handled::Done);
    let ours = watch::Sender::new(true);
    let consumers: Vec<JoinHandle<()>> =
        (0..5).map(|index| share(&bus, &webhook_queue(index), recorder.clone(), &ours)).collect();
    // The search itself has left a bundle without entries in each.
    let seen = recorder.until(53).await;
    assert_eq!(seen.iter().filter_map(page).collect::<BTreeSet<_>>().len(), 50, "nothing is lost");

    let connection = Connection::connect(&vhost.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    for index in [1, 4] {
        channel.queue_delete(webhook_queue(index).as_str().into(), QueueDeleteOptions::default()).await.unwrap();
    }
    wait_for("the consumer of the queue that nobody needs to end", LIMIT, async || {
        let ended: Vec<bool> = consumers.iter().map(JoinHandle::is_finished).collect();
        Poll::when((ended == [false, false, false, false, true]).then_some(()), format!("{ended:?}"))
    })
    .await;
    wait_for("the needed queue to be there again", LIMIT, async || {
        let published = bus.bus.publisher().publish(webhook_message(1, Bytes::new())).await;
        Poll::when(published.ok(), format!("{published:?}"))
    })
    .await;
    recorder.until(54).await;
    assert_eq!(bus.bus.publisher().find_webhook_queues(&[4]).await, Vec::<u16>::new());
}

#[tokio::test]
async fn a_lost_worker_s_queue_goes_to_the_next() {
    let vhost = TestVhost::new().await;
    let (queue, queues) = (webhook_queue(1), WebhookQueues::new(2).unwrap());
    let proxy = ChaosProxy::start(&vhost.url()).await.unwrap();
    let (first, second) =
        (TestBus::start_split(&proxy.url(&vhost.url()), 2).await, TestBus::start_split(&vhost.url(), 2).await);
    // It holds what it has got, and never ends with it.
    let held = Recorder::new(|_| Handled::Later(LIMIT));
    share(&first, &queue, held.clone(), &watch::Sender::new(true));
    let message = (0..100).map(|page| of_page(&page.to_string(), queues)).find(|found| found.routing_key == "entry.1");
    publish(&second, &[message.unwrap()]).await;
    held.until(1).await;

    let taken_over = Recorder::new(|_| Handled::Done);
    share(&second, &queue, taken_over.clone(), &watch::Sender::new(false));
    proxy.refuse();
    let seen = taken_over.until(1).await;
    assert!(seen[0].redelivered);
    until_ready_messages(&vhost.url(), &queue, 0).await;
}

/// Says who is at work, and notices when two are.
#[derive(Clone)]
struct Hands {
    name: &'static str,
    at_work: Arc<AtomicUsize>,
    together: Arc<AtomicBool>,
    batches: Arc<Mutex<Vec<&'static str>>>,
}

impl Hands {
    fn new(name: &'static str) -> Self {
        Self { name, at_work: Arc::default(), together: Arc::default(), batches: Arc::default() }
    }

    fn other(&self, name: &'static str) -> Self {
        Self { name, ..self.clone() }
    }

    /// Waits until so many batches in a row were this one's.
    async fn until_it_has_it_alone(&self) {
        wait_for(self.name, LIMIT, async || {
            let batches = self.batches.lock().await;
            let last: Vec<_> = batches.iter().rev().take(20).collect();
            let alone = last.len() == 20 && last.iter().all(|name| **name == self.name);
            Poll::when(alone.then_some(()), format!("{last:?}"))
        })
        .await;
    }
}

impl BatchHandler for Hands {
    async fn handle(&self, _: &[Incoming]) -> Handled {
        if self.at_work.fetch_add(1, Ordering::SeqCst) > 0 {
            self.together.store(true, Ordering::SeqCst);
        }
        self.batches.lock().await.push(self.name);
        tokio::time::sleep(Duration::from_millis(2)).await;
        self.at_work.fetch_sub(1, Ordering::SeqCst);
        Handled::Done
    }
}

#[tokio::test]
async fn an_owner_gets_its_queue_from_whoever_has_it_and_never_are_two_at_work() {
    let vhost = TestVhost::new().await;
    let queue = webhook_queue(0);
    let buses = [
        TestBus::start_split(&vhost.url(), 1).await,
        TestBus::start_split(&vhost.url(), 1).await,
        TestBus::start_split(&vhost.url(), 1).await,
    ];
    let traffic = {
        let publisher = buses[0].bus.publisher();
        tokio::spawn(async move {
            loop {
                publisher.publish_all(&vec![webhook_message(0, Bytes::new()); 30]).await;
            }
        })
    };
    let first = Hands::new("first");
    let [second, third] = ["second", "third"].map(|name| first.other(name));
    let ours: [watch::Sender<bool>; 3] = [true, false, false].map(watch::Sender::new);
    for ((bus, hands), is_ours) in buses.iter().zip([&first, &second, &third]).zip(&ours) {
        share(bus, &queue, hands.clone(), is_ours);
    }
    first.until_it_has_it_alone().await;

    // The third becomes the owner while the second is the next in line.
    ours[2].send_replace(true);
    ours[0].send_replace(false);
    third.until_it_has_it_alone().await;

    // It ends, the others go on without it; and it gets the queue back when it returns.
    buses[2].stop.cancel();
    wait_for("another", LIMIT, async || {
        let batches = first.batches.lock().await;
        let last = batches.last().copied();
        Poll::when((last != Some("third")).then_some(()), format!("{last:?}"))
    })
    .await;
    let again = TestBus::start_split(&vhost.url(), 1).await;
    share(&again, &queue, first.other("again"), &ours[2]);
    first.other("again").until_it_has_it_alone().await;
    assert!(!first.together.load(Ordering::SeqCst), "two were at work on one queue");
    traffic.abort();
}
