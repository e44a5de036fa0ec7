//! What people write of a customer (SPEC E3): each edit keeps what was there, and none undoes another; pictures.

use pagekeeper_common::domain::contact_edit::ContactChange;
use pagekeeper_common::domain::ids::ContactId;
use pagekeeper_store::connections::Picture;
use pagekeeper_store::contacts::{self, Contact, ContactEdit, EditOutcome, FetchedPicture};
use pagekeeper_store::{AccountTx, AccountsTx, Store, StoreError};
use serde_json::{Map, Value, json};

use crate::fixture::{Fixture, Tenant};

async fn contact_of(fixture: &Fixture, tenant: &Tenant) -> ContactId {
    fixture.worker().store_messages(&tenant.message("7", "m_1", false, 1, "hello")).await.unwrap();
    let sql = format!("select id from contacts where account_id = {}", tenant.account_id);
    ContactId::new(fixture.database.number(&sql).await)
}

async fn edit(
    store: &Store,
    tenant: &Tenant,
    id: ContactId,
    change: ContactChange,
    version: Option<i64>,
) -> Result<EditOutcome, StoreError> {
    store
        .account(tenant.account_id, async |tx: &mut AccountTx| {
            contacts::edit(tx, id, tenant.owner, &change, version).await
        })
        .await
}

async fn read(store: &Store, tenant: &Tenant, id: ContactId) -> (Contact, Vec<ContactEdit>) {
    store
        .account(tenant.account_id, async |tx: &mut AccountTx| {
            let contact = contacts::find(tx, id).await?.ok_or(StoreError::NotFound)?;
            Ok::<_, StoreError>((contact, contacts::list_edits(tx, id, None, 50).await?))
        })
        .await
        .unwrap()
}

fn notes(text: &str) -> ContactChange {
    ContactChange { notes: Some(Some(text.to_owned())), ..ContactChange::default() }
}

fn fields(value: Value) -> ContactChange {
    let custom_fields: Map<String, Value> = serde_json::from_value(value).unwrap();
    ContactChange { custom_fields, ..ContactChange::default() }
}

#[tokio::test]
async fn edits_of_different_fields_at_once_are_all_kept() {
    // E3
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let (id, store) = (contact_of(&fixture, &tenant).await, fixture.gateway());
    let email = ContactChange { email: Some(Some("lan@example.com".to_owned())), ..ContactChange::default() };
    let tags = ContactChange { tags: Some(vec!["vip".to_owned()]), ..ContactChange::default() };
    let edits =
        [email, tags, notes("tall"), fields(json!({"a": 1})), fields(json!({"b": "two"})), fields(json!({"c": null}))];
    let all = edits.map(|change| edit(&store, &tenant, id, change, None));
    let outcomes = futures_util::future::join_all(all).await;
    let edited = outcomes.iter().filter(|outcome| matches!(outcome, Ok(EditOutcome::Edited(_)))).count();
    assert_eq!(edited, 5, "{outcomes:?}");
    let (contact, edits) = read(&store, &tenant, id).await;
    assert_eq!((contact.version, edits.len()), (6, 5), "removing what is not there changes nothing");
    assert_eq!(
        (contact.line.email.as_deref(), contact.line.tags.as_slice()),
        (Some("lan@example.com"), &["vip".to_owned()][..])
    );
    assert_eq!(
        (contact.notes.as_deref(), Value::Object(contact.custom_fields())),
        (Some("tall"), json!({"a": 1, "b": "two"}))
    );
}

#[tokio::test]
async fn of_two_edits_of_one_field_the_older_value_is_kept_and_a_known_version_tells() {
    // E3
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let (id, store) = (contact_of(&fixture, &tenant).await, fixture.gateway());
    edit(&store, &tenant, id, notes("one"), Some(1)).await.unwrap();
    let outdated = edit(&store, &tenant, id, notes("two"), Some(1)).await.unwrap();
    assert_eq!(outdated, EditOutcome::Outdated { version: 2 });
    edit(&store, &tenant, id, notes("three"), None).await.unwrap();
    let (contact, edits) = read(&store, &tenant, id).await;
    assert_eq!((contact.version, contact.notes.as_deref()), (3, Some("three")));
    assert_eq!(edits[0].changes, json!({"notes": {"old": "one", "new": "three"}}));
    assert_eq!((edits[0].user_id, edits[0].user_name.as_deref()), (Some(tenant.owner), Some("Lan")));
    let older = store
        .account(tenant.account_id, async |tx: &mut AccountTx| {
            contacts::list_edits(tx, id, Some(edits[0].cursor()), 50).await
        })
        .await
        .unwrap();
    assert_eq!(older, edits[1..]);
    let same = edit(&store, &tenant, id, notes("three"), None).await.unwrap();
    assert!(matches!(same, EditOutcome::Unchanged(contact) if contact.version == 3));
}

#[tokio::test]
async fn another_accounts_contact_cannot_be_edited_and_its_edits_are_not_shown() {
    // E3, A13
    let mut fixture = Fixture::new().await;
    let (ours, theirs) = (fixture.tenant("100").await, fixture.tenant("200").await);
    let store = fixture.gateway();
    let id = contact_of(&fixture, &theirs).await;
    edit(&store, &theirs, id, notes("secret"), None).await.unwrap();
    let refused = edit(&store, &ours, id, notes("taken over"), None).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    let shown = store
        .account(ours.account_id, async |tx: &mut AccountTx| contacts::list_edits(tx, id, None, 50).await)
        .await
        .unwrap();
    assert!(shown.is_empty());
    assert_eq!(read(&store, &theirs, id).await.0.notes.as_deref(), Some("secret"));
}

#[tokio::test]
async fn a_picture_is_stored_in_place_of_the_one_before_and_only_in_its_account() {
    // D2
    let mut fixture = Fixture::new().await;
    let (ours, theirs) = (fixture.tenant("100").await, fixture.tenant("200").await);
    let (worker, gateway) = (fixture.worker(), fixture.gateway());
    let id = contact_of(&fixture, &ours).await;
    let store = async |account, byte: u8| {
        let picture = Picture { bytes: vec![byte; 9], media_type: "image/png".to_owned() };
        let pictures = [FetchedPicture { contact_id: id, picture }];
        worker
            .accounts(&[account], async |tx: &mut AccountsTx| contacts::store_pictures(tx, &pictures).await)
            .await
            .unwrap()
            .len()
    };
    assert_eq!(store(theirs.account_id, 1).await, 0, "another account's contact");
    assert_eq!(store(ours.account_id, 2).await, 1);
    assert_eq!(store(ours.account_id, 2).await, 0, "the same again");
    assert_eq!(store(ours.account_id, 3).await, 1);
    let found = async |account| {
        gateway.account(account, async |tx: &mut AccountTx| contacts::find_picture(tx, id).await).await.unwrap()
    };
    assert_eq!(found(ours.account_id).await.unwrap().bytes, [3; 9]);
    assert_eq!(found(theirs.account_id).await, None);
    assert!(read(&gateway, &ours, id).await.0.line.has_picture);
}
