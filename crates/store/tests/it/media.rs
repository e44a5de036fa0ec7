//! C10: where files of messages can be fetched.

use pagekeeper_common::domain::ids::{MessageRowId, Mid};
use pagekeeper_common::domain::media::MediaUrl;
use pagekeeper_store::events::{EventBatch, Observation};
use pagekeeper_store::messages::{self, Attachment, KeptMedia, MessageUpsert, StoreBatch, ToldMedia};
use pagekeeper_store::{AccountTx, AccountsTx};

use crate::fixture::{Fixture, Tenant, at, message};

fn url(name: &str) -> MediaUrl {
    MediaUrl::parse(&format!("https://scontent.fbcdn.net/{name}")).unwrap()
}

fn told(name: &str) -> Vec<ToldMedia> {
    vec![ToldMedia { position: 0, url: url(name) }]
}

fn picture(tenant: &Tenant, media: Vec<ToldMedia>, mut batch: StoreBatch) -> StoreBatch {
    let conversation = batch.push_conversation(tenant.conversation("991"));
    let image = Attachment { kind: "image".to_owned(), name: None, mime_type: None, size: None };
    batch.push_message(MessageUpsert {
        attachments: vec![image],
        media,
        ..message(conversation, "m_1", false, 1, "look")
    });
    batch
}

async fn row_id(fixture: &Fixture) -> MessageRowId {
    MessageRowId::new(fixture.database.number("select id from messages where mid = 'm_1'").await)
}

async fn kept(fixture: &Fixture, tenant: &Tenant, position: i32) -> Option<KeptMedia> {
    let id = row_id(fixture).await;
    let find = async |tx: &mut AccountTx| messages::find_media(tx, id, position).await;
    fixture.gateway().account(tenant.account_id, find).await.unwrap()
}

#[tokio::test]
async fn an_address_is_kept_until_a_fresh_one_is_asked_for_and_telling_it_again_writes_nothing() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("111").await;
    let worker = fixture.worker();
    worker.store_messages(&picture(&tenant, told("old"), StoreBatch::of_webhooks())).await.unwrap();
    let first = kept(&fixture, &tenant, 0).await.unwrap();
    assert_eq!((first.url.as_ref(), first.is_gone), (Some(&url("old")), false));
    assert_eq!(first.attachment.as_ref().unwrap().kind, "image");

    let version = "select ctid, xmin from message_media";
    let before = fixture.lines(version).await;
    worker.store_messages(&picture(&tenant, told("old"), StoreBatch::of_webhooks())).await.unwrap();
    worker.store_messages(&picture(&tenant, told("other"), StoreBatch::of_sync(at(60)))).await.unwrap();
    assert_eq!((fixture.lines(version).await, before.len()), (before, 1));

    let (id, media) = (row_id(&fixture).await, told("new"));
    let refresh = async |tx: &mut AccountsTx| messages::refresh_media(tx, id, &media).await;
    worker.accounts(&[tenant.account_id], refresh).await.unwrap();
    let second = kept(&fixture, &tenant, 0).await.unwrap();
    assert_eq!(second.url, Some(url("new")));
    assert!(second.told_at > first.told_at);
    let beyond = kept(&fixture, &tenant, 1).await.unwrap();
    assert_eq!((beyond.attachment, beyond.url), (None, None));
}

#[tokio::test]
async fn addresses_of_another_account_are_neither_seen_nor_renewed() {
    let mut fixture = Fixture::new().await;
    let (ours, theirs) = (fixture.tenant("111").await, fixture.tenant("222").await);
    let worker = fixture.worker();
    worker.store_messages(&picture(&theirs, told("old"), StoreBatch::of_webhooks())).await.unwrap();
    assert_eq!(kept(&fixture, &ours, 0).await, None);
    let (id, media) = (row_id(&fixture).await, told("forged"));
    let refresh = async |tx: &mut AccountsTx| messages::refresh_media(tx, id, &media).await;
    worker.accounts(&[ours.account_id], refresh).await.unwrap();
    assert_eq!(kept(&fixture, &theirs, 0).await.unwrap().url, Some(url("old")));
}

#[tokio::test]
async fn what_was_taken_back_has_no_address_any_more_whatever_is_told_later() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("111").await;
    let worker = fixture.worker();
    let batch = || picture(&tenant, told("old"), StoreBatch::of_webhooks());
    worker.store_messages(&batch()).await.unwrap();
    let mut events = EventBatch::default();
    let deleted = Observation::Deleted { mid: Mid::parse("m_1").unwrap(), at: at(5) };
    events.push_connection(tenant.account_id, tenant.connection_id);
    events.push(tenant.account_id, tenant.connection_id, &deleted);
    worker.store_webhooks(&StoreBatch::of_webhooks(), &events).await.unwrap();
    let count = "select count(*) from message_media";
    assert_eq!(fixture.database.number(count).await, 0);
    worker.store_messages(&batch()).await.unwrap();
    let (id, media) = (row_id(&fixture).await, told("new"));
    let refresh = async |tx: &mut AccountsTx| messages::refresh_media(tx, id, &media).await;
    worker.accounts(&[tenant.account_id], refresh).await.unwrap();
    assert_eq!(fixture.database.number(count).await, 0);
    assert!(kept(&fixture, &tenant, 0).await.unwrap().is_gone);
}
