//! What is taken, and how it arrives in the queue (D1, D6).

use chrono::Utc;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_testkit::sign_webhook;
use reqwest::StatusCode;

use crate::ingest::{APP_SECRET, Ingest, Place, Queue, database_url, entry_json, json_of, page_body, spooled_bundles};

#[tokio::test]
async fn an_entry_arrives_byte_for_byte_with_its_owner_and_its_time_d1() {
    let place = Place::new().await;
    let before = Utc::now().timestamp_micros();
    let entry = r#"{ "time":1.50,"id":"1122334455", "messaging":[{"text":"\u00e4 \/ ä 🎉","z":1e400}], "id2":{} }"#;
    let body = format!("\n{{\"object\":\"instagram\", \"entry\" : [ {entry} ]}}\t");
    assert_eq!(place.ingest.post(body).send().await.unwrap().status(), 200);

    let mut queue = Queue::open(&place.vhost.url()).await;
    let entries = queue.take_at_least(1).await;
    let [only] = entries.as_slice() else { panic!("{entries:?}") };
    let Some(Content::Entry(split)) = &only.content else { panic!("{only:?}") };
    assert_eq!((split.object.as_str(), split.owner_id.as_str()), ("instagram", "1122334455"));
    assert_eq!(split.json, entry);
    assert_eq!(only.id.len(), 16);
    assert!((before..=Utc::now().timestamp_micros()).contains(&only.received_at));
    assert_eq!(spooled_bundles(&place.database).await, 0);
}

#[tokio::test]
async fn a_batch_of_a_thousand_arrives_whole_and_in_order_d1() {
    let place = Place::new().await;
    let entries: Vec<String> = (0..1000).map(entry_json).collect();
    assert_eq!(place.ingest.post(page_body(&entries)).send().await.unwrap().status(), 200);

    let mut queue = Queue::open(&place.vhost.url()).await;
    let arrived: Vec<String> = queue.take_at_least(1000).await.iter().map(json_of).collect();
    // Flights overtake each other; inside one bundle the order stands.
    let sorted = |mut entries: Vec<String>| {
        entries.sort();
        entries
    };
    assert_eq!(sorted(arrived), sorted(entries));
}

#[tokio::test]
async fn signed_bodies_that_nobody_understands_are_kept_whole_d6() {
    let place = Place::new().await;
    let bodies: [&[u8]; 8] = [
        b"",
        b"garbage",
        b"\xff\xfe\x00",
        b"[]",
        br#"{"object":"user","entry":[{"id":"1"}]}"#,
        br#"{"object":"page","entry":null}"#,
        br#"{"object":"page","entry":[]}"#,
        br#"{"object":"page","entry":[{"id":"1"}"#,
    ];
    for body in bodies {
        assert_eq!(place.ingest.post(body).send().await.unwrap().status(), 200);
    }
    let mut queue = Queue::open(&place.vhost.url()).await;
    let entries = queue.take_at_least(bodies.len()).await;
    let kept: Vec<&[u8]> = entries
        .iter()
        .map(|entry| match &entry.content {
            Some(Content::Body(unsplit)) => unsplit.body.as_ref(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kept, bodies);
}

#[tokio::test]
async fn webhooks_signed_with_the_old_or_the_new_secret_are_taken_while_it_is_replaced_d1() {
    let Place { vhost, database, ingest } = Place::new().await;
    ingest.stop().await.unwrap();
    let secrets = [("WEBHOOK__APP_SECRETS", "the new secret,an app's secret")];
    let ingest = Ingest::start_with(&vhost.url(), &database_url(&database), &secrets).await;
    let body = page_body(&[entry_json(1)]);
    let status = async |secret: &str| {
        let signature = sign_webhook(secret, body.as_bytes());
        ingest.unsigned(body.clone()).header("X-Hub-Signature-256", signature).send().await.unwrap().status()
    };
    assert_eq!(status(APP_SECRET).await, StatusCode::OK);
    assert_eq!(status("the new secret").await, StatusCode::OK);
    assert_eq!(status("the new secret,an app's secret").await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_stopping_service_answers_what_it_has_taken_d1() {
    let Place { vhost, database: _database, ingest } = Place::new().await;
    let posts: Vec<_> = (0..50).map(|id| ingest.post(page_body(&[entry_json(id)])).send()).map(tokio::spawn).collect();
    ingest.stop().await.unwrap();
    let mut accepted = 0;
    for post in posts {
        accepted += usize::from(post.await.unwrap().is_ok_and(|answer| answer.status() == StatusCode::OK));
    }
    let mut queue = Queue::open(&vhost.url()).await;
    assert!(queue.take_at_least(accepted).await.len() >= accepted);
}
