//! The outbox, the spool, the quarantine, and the workers that are alive.

use std::time::Duration;

use pagekeeper_common::domain::entry_owner::EntryOwner;
use pagekeeper_store::outbox::{Failure, OutboxMessage};
use pagekeeper_store::quarantine::{NewQuarantined, QuarantineReason};
use pagekeeper_store::spool::SpooledBundle;
use pagekeeper_store::{AccountTx, StoreError, SystemTx, accounts, outbox, quarantine, spool, workers};
use uuid::Uuid;

use crate::fixture::{Fixture, Tenant, at};

const LEASE: Duration = Duration::from_secs(15);

fn outgoing(tenant: &Tenant, number: u8) -> OutboxMessage {
    OutboxMessage {
        message_id: Uuid::now_v7(),
        account_id: Some(tenant.account_id),
        exchange: "commands".to_owned(),
        routing_key: "sync.page".to_owned(),
        kind: "pagekeeper.v1.SyncPage".to_owned(),
        version: 1,
        traceparent: String::new(),
        body: vec![number],
        delay: Duration::ZERO,
        failure: None,
    }
}

#[tokio::test]
async fn an_outbox_message_goes_with_its_transaction_and_to_one_relay_at_a_time() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.gateway();

    let rolled_back: Result<(), StoreError> = store
        .account(tenant.account_id, async |tx: &mut AccountTx| {
            outbox::enqueue(tx, &[outgoing(&tenant, 0)]).await?;
            Err(StoreError::NotFound)
        })
        .await;
    rolled_back.unwrap_err();
    let failure = Some(Failure { reason: "Facebook refused".to_owned(), attempts: 5 });
    let messages = [outgoing(&tenant, 1), OutboxMessage { failure, ..outgoing(&tenant, 2) }];
    store
        .account(tenant.account_id, async |tx: &mut AccountTx| {
            accounts::get(tx).await?;
            outbox::enqueue(tx, &messages).await?;
            outbox::enqueue(tx, &[]).await
        })
        .await
        .unwrap();

    // The worker's relay takes what the gateway wrote: whoever is there publishes.
    let relay = fixture.worker();
    let claim = async || relay.system(async |tx: &mut SystemTx| outbox::claim(tx, 10, LEASE).await).await.unwrap();
    let claimed = claim().await;
    assert_eq!(claimed.iter().map(|message| message.body[0]).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(claimed[0].message_id, messages[0].message_id);
    assert_eq!((claimed[0].failure.as_deref(), claimed[0].failed_attempts), (None, 0));
    assert_eq!((claimed[1].failure.as_deref(), claimed[1].failed_attempts), (Some("Facebook refused"), 5));
    assert_eq!((claimed[0].account_id, claimed[0].version, claimed[0].attempts), (Some(tenant.account_id), 1, 1));
    assert!(claim().await.is_empty());

    relay
        .system(async |tx: &mut SystemTx| {
            outbox::done(tx, &[claimed[0].id]).await?;
            outbox::later(tx, &[claimed[1].id], Duration::ZERO).await
        })
        .await
        .unwrap();
    let again = claim().await;
    assert_eq!((again.len(), again[0].message_id, again[0].attempts), (1, messages[1].message_id, 2));
}

#[tokio::test]
async fn spooled_bundles_come_out_in_order_and_stay_until_they_are_done() {
    let fixture = Fixture::new().await;
    let store = fixture.ingest();
    let bundles: Vec<_> = (1..=3).map(|entries| SpooledBundle { bundle: vec![0, 255], entries }).collect();
    store.system(async |tx: &mut SystemTx| spool::insert(tx, &bundles).await).await.unwrap();
    let claim =
        async |limit| store.system(async |tx: &mut SystemTx| spool::claim(tx, limit, LEASE).await).await.unwrap();
    let first = claim(2).await;
    assert_eq!(first.iter().map(|bundle| bundle.entries).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(claim(10).await.len(), 1);
    store
        .system(async |tx: &mut SystemTx| {
            spool::done(tx, &[first[0].id]).await?;
            spool::give_back(tx, &[first[1].id]).await
        })
        .await
        .unwrap();
    assert_eq!(claim(10).await.iter().map(|bundle| bundle.id).collect::<Vec<_>>(), [first[1].id]);
    assert_eq!(store.system(async |tx: &mut SystemTx| spool::count(tx).await).await.unwrap(), 2);
}

#[tokio::test]
async fn the_quarantine_counts_redeliveries_and_gives_a_pages_entries_back_in_order() {
    let fixture = Fixture::new().await;
    let store = fixture.worker();
    let entry = |body: &str, owner: Option<&str>, reason| NewQuarantined {
        reason,
        object: owner.map(|_| "page".to_owned()),
        owner_id: owner.map(str::to_owned),
        body: body.as_bytes().to_vec(),
        received_at: at(1),
    };
    let not_connected = QuarantineReason::PageNotConnected;
    let first = [
        entry("one", Some("100"), not_connected),
        entry("one", Some("100"), not_connected),
        entry("garbage", None, QuarantineReason::Unparseable),
    ];
    let second = [entry("two", Some("100"), not_connected), entry("one", Some("100"), not_connected)];
    for entries in [&first[..], &second[..], &[]] {
        store.system(async |tx: &mut SystemTx| quarantine::insert(tx, entries).await).await.unwrap();
    }
    assert_eq!(fixture.database.number("select sum(seen) from quarantine").await, 5);
    assert_eq!(fixture.database.number("select count(*) from quarantine").await, 3);

    let owner = EntryOwner::parse("page", "100").unwrap();
    let waiting = async |after| {
        store.system(async |tx: &mut SystemTx| quarantine::list_waiting(tx, &owner, after, 10).await).await.unwrap()
    };
    let all = waiting(0).await;
    assert_eq!(all.iter().map(|entry| entry.body.as_slice()).collect::<Vec<_>>(), [b"one", b"two"]);
    assert_eq!(waiting(all[0].id).await.len(), 1);
    store.system(async |tx: &mut SystemTx| quarantine::delete(tx, &[all[0].id]).await).await.unwrap();
    assert_eq!(waiting(0).await.len(), 1);
    // An Instagram account may have the same number.
    let instagram = EntryOwner::parse("instagram", "100").unwrap();
    let list = async |tx: &mut SystemTx| quarantine::list_waiting(tx, &instagram, 0, 10).await;
    assert!(store.system(list).await.unwrap().is_empty());
}

#[tokio::test]
async fn workers_hear_of_each_other_until_they_leave_or_are_lost() {
    let fixture = Fixture::new().await;
    let store = fixture.worker();
    let beat = async |name: &str| {
        let alive = store.system(async |tx: &mut SystemTx| workers::beat(tx, name, LEASE).await).await.unwrap();
        alive.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(beat("one").await, ["one"]);
    assert_eq!(beat("two").await, ["one", "two"]);
    assert_eq!(beat("one").await, ["one", "two"]);
    fixture.database.execute("update workers set lease_until = now() where name = 'two'").await;
    assert_eq!(beat("one").await, ["one"], "its lease has run out");
    assert_eq!(beat("two").await, ["one", "two"], "it was only slow");
    store.system(async |tx: &mut SystemTx| workers::leave(tx, "one").await).await.unwrap();
    fixture.database.execute("insert into workers values ('lost', now() - interval '2 hours')").await;
    assert_eq!(beat("two").await, ["two"]);
    assert_eq!(fixture.database.number("select count(*) from workers").await, 1);
}
