//! The work list of contacts without a name or a picture.

use std::time::Duration;

use chrono::Utc;
use pagekeeper_common::domain::ids::ContactId;
use pagekeeper_store::contacts::{self, FetchedName};
use pagekeeper_store::{AccountTx, AccountsTx, SystemTx, connections};

use crate::fixture::{Fixture, at};

#[tokio::test]
async fn a_new_contact_is_claimed_by_one_worker_until_its_name_is_stored() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let off = fixture.tenant("200").await;
    let store = fixture.worker();
    store.store_messages(&tenant.message("7", "m_1", false, 1, "hello")).await.unwrap();
    store.store_messages(&off.message("8", "m_1", false, 1, "hello")).await.unwrap();
    fixture
        .gateway()
        .account(off.account_id, async |tx: &mut AccountTx| connections::disconnect(tx, off.connection_id).await)
        .await
        .unwrap();
    let claim =
        async || store.system(async |tx: &mut SystemTx| contacts::claim_to_ask_for(tx, 10).await).await.unwrap();
    let claimed = claim().await;
    assert_eq!(claimed.iter().map(|contact| contact.psid.as_str()).collect::<Vec<_>>(), ["7"]);
    assert!(claim().await.is_empty());

    let contact = &claimed[0];
    let postpone = async |delay| {
        store
            .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
                contacts::postpone(tx, &[contact.id], delay, true).await
            })
            .await
            .unwrap();
    };
    postpone(Duration::ZERO).await;
    assert_eq!(claim().await.len(), 1);
    postpone(Duration::from_mins(1)).await;
    let due_in = "select extract(epoch from profile_due_at - now())::bigint from contacts where psid = '7'";
    assert!((110..=120).contains(&fixture.database.number(due_in).await), "doubled after the first failure");

    let name = [FetchedName { contact_id: contact.id, name: Some("Lan\0 Anh".to_owned()), told_at: at(5) }];
    let store_names = async |account| {
        store.accounts(&[account], async |tx: &mut AccountsTx| contacts::store_names(tx, &name).await).await.unwrap()
    };
    assert!(store_names(off.account_id).await.is_empty(), "another account's contact");
    assert_eq!(store_names(tenant.account_id).await.len(), 1);
    assert!(store_names(tenant.account_id).await.is_empty());
    let shown = fixture
        .gateway()
        .account(tenant.account_id, async |tx: &mut AccountTx| contacts::find(tx, contact.id).await)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((shown.line.name.as_deref(), shown.line.conversation_id.is_some()), (Some("Lan Anh"), true));
    fixture.database.execute("update contacts set profile_due_at = now() - interval '1 day'").await;
    assert!(claim().await.is_empty());
    assert_eq!(fixture.lines("select name from contacts where psid = '7'").await, ["(\"Lan Anh\")"]);
}

#[tokio::test]
async fn a_picture_is_asked_for_once_somebody_looks_and_again_when_it_has_become_old() {
    let mut fixture = Fixture::new().await;
    let (tenant, other) = (fixture.tenant("100").await, fixture.tenant("200").await);
    let store = fixture.worker();
    for psid in ["7", "8"] {
        store.store_messages(&tenant.message(psid, &format!("m_{psid}"), false, 1, "hello")).await.unwrap();
    }
    fixture.database.execute("update contacts set profile_checked_at = now() where psid = '8'").await;
    let gateway = fixture.gateway();
    let id = async |psid: &str| {
        ContactId::new(fixture.database.number(&format!("select id from contacts where psid = '{psid}'")).await)
    };
    let ids = [id("7").await, id("8").await];
    let look = async |account| {
        let look = async |tx: &mut AccountTx| contacts::want_pictures(tx, &ids).await;
        gateway.account(account, look).await.unwrap();
    };
    let claim = async || {
        let claimed = store.system(async |tx: &mut SystemTx| contacts::claim_to_ask_for(tx, 10).await).await.unwrap();
        claimed.into_iter().map(|contact| contact.psid.as_str().to_owned()).collect::<Vec<_>>()
    };
    look(other.account_id).await;
    assert_eq!(claim().await, ["7"], "it has no name yet; the other's picture nobody looked for");
    look(tenant.account_id).await;
    assert_eq!(claim().await, ["8"]);
    assert!(claim().await.is_empty(), "claimed for two minutes");

    let told =
        ids.iter().map(|id| FetchedName { contact_id: *id, name: None, told_at: Utc::now() }).collect::<Vec<_>>();
    let store_names = async |tx: &mut AccountsTx| contacts::store_names(tx, &told).await;
    store.accounts(&[tenant.account_id], store_names).await.unwrap();
    let versions = fixture.lines("select ctid, xmin from contacts order by id").await;
    look(tenant.account_id).await;
    assert_eq!(fixture.lines("select ctid, xmin from contacts order by id").await, versions, "it was just asked for");
    fixture
        .database
        .execute("update contacts set picture_checked_at = now() - interval '31 days' where psid = '7'")
        .await;
    look(tenant.account_id).await;
    assert_eq!(claim().await, ["7"]);
}
