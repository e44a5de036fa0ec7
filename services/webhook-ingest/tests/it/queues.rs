//! Each Page's webhooks have a queue, also after the number of queues was changed.

use std::collections::BTreeSet;

use pagekeeper_bus::WebhookQueues;
use pagekeeper_contracts::v1::WebhookEntry;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_testkit::{TestDatabase, TestVhost};
use reqwest::StatusCode;

use crate::ingest::{Ingest, Queue, database_url, page_body, spooled_bundles};

const PAGES: u16 = 40;

async fn post_all_pages(ingest: &Ingest) {
    let entries: Vec<String> = (0..PAGES).map(|page| format!(r#"{{"id":"{page}","time":1}}"#)).collect();
    assert_eq!(ingest.post(page_body(&entries)).send().await.unwrap().status(), StatusCode::OK);
}

fn owner(entry: &WebhookEntry) -> String {
    match &entry.content {
        Some(Content::Entry(split)) => split.owner_id.clone(),
        other => panic!("{other:?}"),
    }
}

/// Waits until each queue has got the Pages that belong there, and nothing else.
async fn all_pages_are_where_they_belong(broker: &str, count: u16) {
    let queues = WebhookQueues::new(count).unwrap();
    for index in queues.indices() {
        let pages = (0..PAGES).map(|page| page.to_string());
        let expected: BTreeSet<String> = pages.filter(|page| queues.index_of(page) == index).collect();
        let found = Queue::open_some(broker, index..index + 1).await.take_at_least(expected.len()).await;
        assert_eq!(found.iter().map(owner).collect::<BTreeSet<_>>(), expected, "queue {index} of {count}");
    }
}

#[tokio::test]
async fn a_post_of_many_pages_is_split_over_the_queues() {
    let (vhost, database) = (TestVhost::new().await, TestDatabase::new().await);
    for count in ["1", "3", "5"] {
        let queues = [("BUS__WEBHOOK_QUEUES", count)];
        let ingest = Ingest::start_with(&vhost.url(), &database_url(&database), &queues).await;
        ingest.until_broker_is_there().await;
        post_all_pages(&ingest).await;
        all_pages_are_where_they_belong(&vhost.url(), count.parse().unwrap()).await;
        ingest.stop().await.unwrap();
    }
    assert_eq!(spooled_bundles(&database).await, 0);
}

#[tokio::test]
async fn what_was_spooled_for_fewer_queues_is_published_to_the_right_ones_d1() {
    let (vhost, database) = (TestVhost::new().await, TestDatabase::new().await);
    let nobody = "amqp://guest:guest@127.0.0.1:1/%2f";
    let ingest = Ingest::start_with(nobody, &database_url(&database), &[("BUS__WEBHOOK_QUEUES", "2")]).await;
    post_all_pages(&ingest).await;
    ingest.stop().await.unwrap();
    assert_eq!(spooled_bundles(&database).await, 2);

    let ingest = Ingest::start_with(&vhost.url(), &database_url(&database), &[("BUS__WEBHOOK_QUEUES", "5")]).await;
    ingest.until_broker_is_there().await;
    all_pages_are_where_they_belong(&vhost.url(), 5).await;
}
