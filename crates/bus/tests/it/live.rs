use pagekeeper_bus::{Live, LiveQueue, Outgoing, PublishError};
use pagekeeper_contracts::Exchange;
use pagekeeper_contracts::v1::ConversationsChanged;
use pagekeeper_testkit::{ChaosProxy, TestVhost};
use tokio::time::timeout;

use crate::support::{LIMIT, TestBus};

fn changed(account_id: i64) -> Outgoing {
    Outgoing::of(&ConversationsChanged { account_id, conversation_ids: vec![1, 2], version: 3 })
}

async fn next(queue: &mut LiveQueue) -> Live {
    timeout(LIMIT, queue.recv()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_live_queue_gets_what_it_is_bound_to_and_resyncs_after_a_loss() {
    let vhost = TestVhost::new().await;
    let proxy = ChaosProxy::start(&vhost.url()).await.unwrap();
    let bus = TestBus::start(&proxy.url(&vhost.url())).await;
    let mut queue = bus.bus.live_queue(vec![(Exchange::Events, "conversation.changed.7".to_owned())]);
    assert_eq!(next(&mut queue).await, Live::Resync);

    let publisher = bus.bus.publisher();
    assert_eq!(publisher.publish(changed(8)).await, Err(PublishError::Unroutable), "nobody listens to that account");
    publisher.publish(changed(7)).await.unwrap();
    let Live::Message(message) = next(&mut queue).await else { panic!("a message was expected") };
    assert_eq!(message.decode::<ConversationsChanged>().unwrap().conversation_ids, [1, 2]);

    proxy.cut();
    assert_eq!(next(&mut queue).await, Live::Resync);
    assert!(bus.bus.ready(LIMIT).await);
    publisher.publish(changed(7)).await.unwrap();
    assert!(matches!(next(&mut queue).await, Live::Message(_)));
}

#[tokio::test]
async fn a_slow_reader_gets_everything() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    let mut queue = bus.bus.live_queue(vec![(Exchange::Events, "conversation.changed.*".to_owned())]);
    assert_eq!(next(&mut queue).await, Live::Resync);
    let facts: Vec<Outgoing> = (0..2_000).map(changed).collect();
    bus.bus.publisher().publish_all(&facts).await;
    for account in 0..2_000 {
        let Live::Message(message) = next(&mut queue).await else { panic!("nothing was lost") };
        assert_eq!(message.account_id, Some(account));
    }
}

#[tokio::test]
async fn a_live_queue_ends_with_the_bus() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    let mut queue = bus.bus.live_queue(vec![(Exchange::Events, "#".to_owned())]);
    assert_eq!(next(&mut queue).await, Live::Resync);
    bus.bus.clone().close().await;
    assert_eq!(timeout(LIMIT, queue.recv()).await.unwrap(), None);
}
