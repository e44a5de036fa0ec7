//! Sealed tokens in their rows (SPEC A7; invariant: a token in the clear exists only in memory).

use pagekeeper_common::domain::token::AccessToken;
use pagekeeper_store::credentials::{self, NewPageToken, NewUserToken, TokenFacts};
use pagekeeper_store::{AccountTx, AccountsTx, KeyRing, StoreError};

use crate::fixture::{Fixture, Tenant, at, keys};

const USER_TOKEN: &str = "EAAuserCANARY";
const PAGE_TOKEN: &str = "EAApageCANARY";

fn facts() -> TokenFacts {
    TokenFacts {
        is_long_lived: true,
        expires_at: Some(at(60)),
        data_access_expires_at: None,
        scopes: vec!["pages_messaging".to_owned()],
    }
}

fn user_token(tenant: &Tenant, token: &str) -> NewUserToken {
    NewUserToken {
        account_id: tenant.account_id,
        user_id: tenant.owner,
        token: AccessToken::new(token),
        facts: facts(),
    }
}

async fn store_both(fixture: &Fixture, tenant: &Tenant, keys: &KeyRing) {
    let new = user_token(tenant, USER_TOKEN);
    fixture
        .gateway()
        .account(tenant.account_id, async |tx: &mut AccountTx| credentials::store_user_token(tx, keys, &new).await)
        .await
        .unwrap();
    let pages =
        [NewPageToken { connection_id: tenant.connection_id, token: AccessToken::new(PAGE_TOKEN), facts: facts() }];
    fixture
        .worker()
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
            credentials::store_page_tokens(tx, keys, tenant.account_id, tenant.owner, &pages).await
        })
        .await
        .unwrap();
}

async fn page_token(
    fixture: &Fixture,
    tenant: &Tenant,
    keys: &KeyRing,
) -> Result<Option<credentials::OpenedToken>, StoreError> {
    fixture
        .worker()
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
            credentials::find_page_token(tx, keys, tenant.account_id, tenant.connection_id).await
        })
        .await
}

#[tokio::test]
async fn the_gateway_stores_a_token_that_only_the_worker_can_read() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let keys = keys();
    store_both(&fixture, &tenant, &keys).await;
    let opened = fixture
        .worker()
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
            credentials::find_user_token(tx, &keys, tenant.account_id, tenant.owner).await
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(opened.token.expose(), USER_TOKEN);
    assert_eq!(opened.facts, facts());
    assert_eq!(page_token(&fixture, &tenant, &keys).await.unwrap().unwrap().token.expose(), PAGE_TOKEN);
}

#[tokio::test]
async fn a_new_login_replaces_the_token_and_its_row_opens_again() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let keys = keys();
    for token in ["first", "second"] {
        let new = user_token(&tenant, token);
        fixture
            .gateway()
            .account(tenant.account_id, async |tx: &mut AccountTx| credentials::store_user_token(tx, &keys, &new).await)
            .await
            .unwrap();
    }
    let opened = fixture
        .worker()
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
            credentials::find_user_token(tx, &keys, tenant.account_id, tenant.owner).await
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!((opened.token.expose(), opened.version), ("second", 2));
    assert_eq!(fixture.database.number("select count(*) from credentials").await, 1);
}

#[tokio::test]
async fn no_table_holds_a_token_in_the_clear() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    store_both(&fixture, &tenant, &keys()).await;
    for table in fixture
        .lines("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
        .await
    {
        let table = table.trim_matches(['(', ')']);
        for row in fixture.lines(&format!("select t.* from {table} t")).await {
            assert!(!row.contains("CANARY") && !row.contains(&hex_of("CANARY")), "{table}");
        }
    }
}

fn hex_of(text: &str) -> String {
    hex::encode(text)
}

#[tokio::test]
async fn a_sealed_token_moved_to_another_row_or_changed_does_not_open() {
    let mut fixture = Fixture::new().await;
    let ours = fixture.tenant("100").await;
    let theirs = fixture.tenant("200").await;
    let keys = keys();
    store_both(&fixture, &ours, &keys).await;
    store_both(&fixture, &theirs, &keys).await;
    let page_of =
        |tenant: &Tenant| format!("(select sealed from credentials where connection_id = {})", tenant.connection_id);
    let moved =
        format!("update credentials set sealed = {} where connection_id = {}", page_of(&theirs), ours.connection_id);
    fixture.database.execute(&moved).await;
    assert!(matches!(page_token(&fixture, &ours, &keys).await.unwrap_err(), StoreError::Seal(_)));
    fixture.database.execute("update credentials set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)").await;
    assert!(matches!(page_token(&fixture, &theirs, &keys).await.unwrap_err(), StoreError::Seal(_)));
}

// A12
#[tokio::test]
async fn an_invalid_or_wiped_token_is_not_found() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let keys = keys();
    store_both(&fixture, &tenant, &keys).await;
    let id = page_token(&fixture, &tenant, &keys).await.unwrap().unwrap().id;
    let worker = fixture.worker();
    let mark_invalid = async || {
        worker
            .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| credentials::mark_invalid(tx, id).await)
            .await
            .unwrap()
    };
    assert!(mark_invalid().await);
    assert!(!mark_invalid().await);
    assert!(page_token(&fixture, &tenant, &keys).await.unwrap().is_none());

    store_both(&fixture, &tenant, &keys).await;
    assert!(page_token(&fixture, &tenant, &keys).await.unwrap().is_some());
    worker
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
            credentials::wipe_page_tokens(tx, tenant.connection_id).await
        })
        .await
        .unwrap();
    assert!(page_token(&fixture, &tenant, &keys).await.unwrap().is_none());
    assert_eq!(
        fixture.database.number("select count(*) from credentials where kind = 'page' and sealed is not null").await,
        0
    );
}
