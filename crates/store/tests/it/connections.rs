//! Connecting, losing and disconnecting Pages.

use pagekeeper_common::domain::connection::{ConnectionReason, ConnectionState};
use pagekeeper_common::domain::entry_owner::EntryOwner;
use pagekeeper_common::domain::ids::{ConnectionId, PageId};
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_common::domain::token::AccessToken;
use pagekeeper_store::connections::{self, ConnectOutcome, PageDetails, Picture, Synced};
use pagekeeper_store::credentials::{self, NewPageToken, TokenFacts};
use pagekeeper_store::{AccountTx, AccountsTx, Store, StoreError, SystemTx};
use uuid::Uuid;

use crate::fixture::{Fixture, Tenant, at, keys};

fn page(id: &str, name: &str) -> PageDetails {
    PageDetails {
        page_id: PageId::parse(id).unwrap(),
        name: name.to_owned(),
        username: None,
        category: Some("Café\0".to_owned()),
        about: None,
        phone: None,
        website: None,
        fan_count: Some(12),
        tasks: Some(vec!["MESSAGING".to_owned(), "MODERATE".to_owned()]),
    }
}

async fn connect(store: &Store, tenant: &Tenant, pages: &[PageDetails]) -> Vec<ConnectOutcome> {
    store
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
            connections::connect_many(tx, tenant.account_id, pages).await
        })
        .await
        .unwrap()
}

async fn find(store: &Store, tenant: &Tenant, id: ConnectOutcome) -> connections::Connection {
    let ConnectOutcome::Stored(id) = id else { panic!("{id:?}") };
    store
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| connections::find(tx, id).await)
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn a_page_belongs_to_one_account_until_that_disconnects() {
    let mut fixture = Fixture::new().await;
    let first = fixture.tenant("100").await;
    let second = fixture.tenant("200").await;
    let store = fixture.worker();
    let pages = [page("100", "Café Nord"), page("300", "Café Syd")];
    let outcomes = connect(&store, &second, &pages).await;
    assert_eq!(outcomes[0], ConnectOutcome::ConnectedElsewhere);
    assert!(matches!(outcomes[1], ConnectOutcome::Stored(_)));

    let gateway = fixture.gateway();
    let disconnect = async || {
        gateway
            .account(first.account_id, async |tx: &mut AccountTx| {
                connections::disconnect(tx, first.connection_id).await
            })
            .await
            .unwrap()
    };
    assert!(disconnect().await);
    assert!(!disconnect().await);
    assert!(matches!(connect(&store, &second, &pages).await[0], ConnectOutcome::Stored(_)));
    assert_eq!(connect(&store, &first, &pages).await, [ConnectOutcome::ConnectedElsewhere; 2]);
}

// A12
#[tokio::test]
async fn connecting_again_revives_the_same_connection_with_its_history() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let (gateway, worker) = (fixture.gateway(), fixture.worker());
    worker.store_messages(&tenant.message("7", "m_1", false, 1, "hello")).await.unwrap();
    gateway
        .account(tenant.account_id, async |tx: &mut AccountTx| connections::disconnect(tx, tenant.connection_id).await)
        .await
        .unwrap();
    let troubled = worker
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
            let state = ConnectionState::ReauthorizationRequired;
            assert!(!connections::mark_subscribed(tx, tenant.connection_id).await?);
            connections::mark_troubled(tx, tenant.connection_id, state, ConnectionReason::TokenExpired).await
        })
        .await
        .unwrap();
    assert!(!troubled, "a Page that a person switched off stays off");

    let outcome = connect(&worker, &tenant, &[page("100", "Café Nord")]).await[0];
    assert_eq!(outcome, ConnectOutcome::Stored(tenant.connection_id));
    let connection = find(&worker, &tenant, outcome).await;
    assert_eq!((connection.state, connection.disconnected_at), (ConnectionState::Connecting, None));
    assert_eq!((connection.name.as_str(), connection.category.as_deref()), ("Café Nord", Some("Café")));
    assert_eq!(connection.tasks, ["MESSAGING", "MODERATE"]);
    assert_eq!(fixture.database.number("select count(*) from messages").await, 1);

    worker
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
            connections::mark_subscribed(tx, tenant.connection_id).await
        })
        .await
        .unwrap();
    // A login that finds a connected Page leaves it connected.
    connect(&worker, &tenant, &[page("100", "Café Nord")]).await;
    assert_eq!(find(&worker, &tenant, outcome).await.state, ConnectionState::Connected);
}

#[tokio::test]
async fn a_page_that_lost_its_token_says_why_once() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    let mark = async || {
        store
            .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
                let state = ConnectionState::ReauthorizationRequired;
                connections::mark_troubled(tx, tenant.connection_id, state, ConnectionReason::PasswordChanged).await
            })
            .await
            .unwrap()
    };
    assert!(mark().await);
    assert!(!mark().await);
    let connection = find(&store, &tenant, ConnectOutcome::Stored(tenant.connection_id)).await;
    assert_eq!(connection.reason, Some(ConnectionReason::PasswordChanged));
}

// C1, C8
#[tokio::test]
async fn details_are_written_only_where_they_changed_and_missing_ones_are_kept() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    let update = async |details: &PageDetails| {
        store
            .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
                connections::update_details(tx, tenant.connection_id, details).await
            })
            .await
            .unwrap()
    };
    assert!(update(&page("100", "Café Nord")).await);
    assert!(!update(&page("100", "Café Nord")).await);
    assert!(!update(&PageDetails { category: None, fan_count: None, ..page("100", "Café Nord") }).await);
    assert!(update(&PageDetails { fan_count: Some(13), ..page("100", "Café Nord") }).await);
    let connection = find(&store, &tenant, ConnectOutcome::Stored(tenant.connection_id)).await;
    assert_eq!((connection.category.as_deref(), connection.fan_count), (Some("Café"), Some(13)));
}

#[tokio::test]
async fn a_picture_is_kept_up_to_64_kb() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    let set = async |length: usize| {
        let picture = Picture { bytes: vec![1; length], media_type: "image/png".to_owned() };
        store
            .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
                connections::set_picture(tx, tenant.connection_id, &picture).await
            })
            .await
    };
    set(65_536).await.unwrap();
    assert!(matches!(set(65_537).await.unwrap_err(), StoreError::Refused(_)));
    let picture = fixture
        .gateway()
        .account(tenant.account_id, async |tx: &mut AccountTx| {
            connections::find_picture(tx, tenant.connection_id).await
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!((picture.bytes.len(), picture.media_type.as_str()), (65_536, "image/png"));
}

#[tokio::test]
async fn pages_are_found_with_their_accounts_unless_they_were_disconnected() {
    let mut fixture = Fixture::new().await;
    let tenants = [fixture.tenant("100").await, fixture.tenant("200").await, fixture.tenant("300").await];
    fixture
        .gateway()
        .account(tenants[2].account_id, async |tx: &mut AccountTx| {
            connections::disconnect(tx, tenants[2].connection_id).await
        })
        .await
        .unwrap();
    let store = fixture.worker();
    store
        .accounts(&[tenants[0].account_id], async |tx: &mut AccountsTx| {
            let (seen, other) = (Some(Uuid::from_u128(7)), Some(Uuid::from_u128(5)));
            let synced = |watermark, digest| [Synced { connection_id: tenants[0].connection_id, watermark, digest }];
            connections::mark_synced(tx, &synced(Some(at(7)), seen)).await?;
            // An older watermark does not take it back, nor a sync that found nothing.
            connections::mark_synced(tx, &synced(Some(at(5)), other)).await?;
            connections::mark_synced(tx, &synced(None, None)).await
        })
        .await
        .unwrap();
    let instagram = format!(
        "update connections set connection_type = 'instagram', instagram_account_id = '17' where id = {}",
        tenants[1].connection_id
    );
    fixture.database.execute(&instagram).await;
    let asked: Vec<_> = [("page", "100"), ("page", "200"), ("page", "300"), ("page", "17"), ("instagram", "17")]
        .map(|(object, id)| EntryOwner::parse(object, id).unwrap())
        .into();
    let mut owners = store.system(async |tx: &mut SystemTx| connections::find_owners(tx, &asked).await).await.unwrap();
    owners.sort_by_key(|owner| owner.connection_id);
    assert_eq!(
        owners.iter().map(|found| (found.connection_id, found.account_id)).collect::<Vec<_>>(),
        [(tenants[0].connection_id, tenants[0].account_id), (tenants[1].connection_id, tenants[1].account_id)]
    );
    assert_eq!(
        owners.iter().map(|found| found.owner().unwrap()).collect::<Vec<_>>(),
        [asked[0].clone(), asked[4].clone()]
    );
    let synced = find(&store, &tenants[0], ConnectOutcome::Stored(tenants[0].connection_id)).await;
    assert_eq!((synced.sync_watermark, synced.sync_digest), (Some(at(7)), Some(Uuid::from_u128(7))));
}

#[tokio::test]
async fn an_overview_shows_a_pages_conversations_token_and_active_run() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    fixture.tenant("200").await;
    let (gateway, worker) = (fixture.gateway(), fixture.worker());
    worker.store_messages(&tenant.message("7", "m_1", false, 1, "hello")).await.unwrap();
    let overviews = async |only| {
        gateway
            .account(tenant.account_id, async |tx: &mut AccountTx| connections::list_overviews(tx, only).await)
            .await
            .unwrap()
    };
    let before = &overviews(None).await[0];
    assert_eq!((before.conversations, before.token, before.active_run, before.has_picture), (1, None, None, false));

    fixture.claimed_run(&tenant).await;
    let token = NewPageToken {
        connection_id: tenant.connection_id,
        token: AccessToken::new("t"),
        facts: TokenFacts { expires_at: Some(at(60)), ..TokenFacts::default() },
    };
    worker
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
            credentials::store_page_tokens(tx, &keys(), tenant.account_id, tenant.owner, &[token]).await
        })
        .await
        .unwrap();
    let after = &overviews(Some(tenant.connection_id)).await[0];
    assert_eq!(after.active_run.unwrap().kind, RunKind::Incremental);
    assert_eq!(after.token.unwrap().expires_at, Some(at(60)));
    assert!(overviews(Some(ConnectionId::new(1))).await.is_empty());
    let briefs = gateway
        .account(tenant.account_id, async |tx: &mut AccountTx| connections::list_briefs(tx).await)
        .await
        .unwrap();
    assert_eq!(briefs.iter().map(|brief| brief.id).collect::<Vec<_>>(), [tenant.connection_id]);
}
