//! People, accounts, sessions, API keys and logins on their way.

use std::time::Duration;

use chrono::Utc;
use pagekeeper_common::domain::account::{Action, DisplayName, Language, Role};
use pagekeeper_common::domain::ids::FacebookUserId;
use pagekeeper_store::accounts::AccountChange;
use pagekeeper_store::api_keys::NewApiKey;
use pagekeeper_store::login_attempts::{NewLoginAttempt, RefusedState};
use pagekeeper_store::{
    AccountTx, SecretHash, Store, StoreError, SystemTx, accounts, api_keys, login_attempts, sessions,
};

use crate::fixture::Fixture;

const HOUR: Duration = Duration::from_hours(1);

async fn sign_in(store: &Store, facebook_user_id: &str, name: &str) -> accounts::SignedIn {
    let id = FacebookUserId::parse(facebook_user_id).unwrap();
    store
        .system(async |tx: &mut SystemTx| accounts::sign_in(tx, &id, name, Some("lan@example.com")).await)
        .await
        .unwrap()
}

// A13
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_login_makes_one_account_that_the_person_owns_even_when_two_come_at_once() {
    let fixture = Fixture::new().await;
    let store = fixture.gateway();
    let logins: Vec<_> = (0..6)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { sign_in(&store, "1001", "Lan").await })
        })
        .collect();
    let mut signed_in = Vec::new();
    for login in logins {
        signed_in.push(login.await.unwrap());
    }
    assert_eq!(signed_in.iter().filter(|login| login.is_first).count(), 1);
    assert_eq!(fixture.database.number("select count(*) from accounts").await, 1);
    let again = sign_in(&store, "1001", "Lan Nguyễn").await;
    assert!(!again.is_first && again.account_id == signed_in[0].account_id);

    let user = store
        .account(again.account_id, async |tx: &mut AccountTx| accounts::find_member(tx, again.user_id).await)
        .await
        .unwrap();
    assert_eq!(user.unwrap().name, "Lan Nguyễn");
    let role = store
        .system(async |tx: &mut SystemTx| accounts::find_role(tx, again.user_id, again.account_id).await)
        .await
        .unwrap();
    assert_eq!(role, Some(Role::Owner));
}

#[tokio::test]
async fn a_person_without_a_usable_name_gets_an_account_too() {
    let fixture = Fixture::new().await;
    let store = fixture.gateway();
    for (id, name) in [("1", ""), ("2", " \0 "), ("3", "x")] {
        assert!(sign_in(&store, id, name).await.is_first);
    }
    let long = "đ".repeat(500);
    let login = sign_in(&store, "4", &long).await;
    let account = store.account(login.account_id, async |tx: &mut AccountTx| accounts::get(tx).await).await.unwrap();
    assert_eq!(account.name.chars().count(), 120);
}

#[tokio::test]
async fn settings_change_one_by_one_and_only_in_their_own_account() {
    let mut fixture = Fixture::new().await;
    let ours = fixture.tenant("100").await;
    let theirs = fixture.tenant("200").await;
    let store = fixture.gateway();
    let name = DisplayName::parse("Café Nord").unwrap();
    let changed = store
        .account(ours.account_id, async |tx: &mut AccountTx| {
            accounts::update(tx, AccountChange { name: Some(&name), ..AccountChange::default() }).await?;
            accounts::update(tx, AccountChange { language: Some(Language::Danish), ..AccountChange::default() }).await
        })
        .await
        .unwrap();
    assert_eq!(
        (changed.name.as_str(), changed.language, changed.time_zone.as_str()),
        ("Café Nord", Language::Danish, "UTC")
    );
    let other = store.account(theirs.account_id, async |tx: &mut AccountTx| accounts::get(tx).await).await.unwrap();
    assert_eq!(other.name, "account of 200");
    let of_owner = store.system(async |tx: &mut SystemTx| accounts::list_of_user(tx, ours.owner).await).await.unwrap();
    assert_eq!(of_owner.len(), 1);
    assert_eq!(of_owner[0].name, "Café Nord");
}

// A11
#[tokio::test]
async fn a_session_is_found_until_it_ends_is_idle_or_its_person_leaves() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.gateway();
    let token = |text: &str| SecretHash::of(text.as_bytes());
    let create = async |hash: SecretHash, lifetime: Duration| {
        store
            .account(tenant.account_id, async |tx: &mut AccountTx| {
                sessions::create(tx, tenant.owner, &hash, lifetime).await
            })
            .await
            .unwrap()
    };
    let find = async |hash: SecretHash| {
        store.system(async |tx: &mut SystemTx| sessions::find(tx, &hash, HOUR).await).await.unwrap()
    };
    let id = create(token("a"), HOUR).await;
    create(token("short"), Duration::ZERO).await;
    create(token("idle"), HOUR * 5).await;
    create(token("left"), HOUR).await;

    let found = find(token("a")).await.unwrap();
    assert_eq!(
        (found.id, found.account_id, found.user_id, found.role),
        (id, tenant.account_id, tenant.owner, Role::Owner)
    );
    assert!(find(token("unknown")).await.is_none());
    assert!(find(token("short")).await.is_none());
    let idle = "update sessions set last_seen_at = now() - interval '61 minutes' where expires_at > now() + interval '4 hours'";
    fixture.database.execute(idle).await;
    assert!(find(token("idle")).await.is_none());

    let ended = store.system(async |tx: &mut SystemTx| sessions::end(tx, &token("a")).await).await.unwrap().unwrap();
    assert_eq!((ended.id, ended.account_id), (id, tenant.account_id));
    assert!(find(token("a")).await.is_none());
    assert!(find(token("left")).await.is_some());
    fixture.database.execute("delete from memberships").await;
    assert!(find(token("left")).await.is_none());
}

// A11
#[tokio::test]
async fn an_api_key_works_until_it_is_revoked_or_expires() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let other = fixture.tenant("200").await;
    let store = fixture.gateway();
    let name = DisplayName::parse("reports").unwrap();
    let insert = async |secret: &str, expires_at| {
        let key = NewApiKey {
            user_id: tenant.owner,
            name: &name,
            prefix: "pk_abcd",
            hash: SecretHash::of(secret.as_bytes()),
            scopes: &[Action::ReadInbox, Action::ReadConnections],
            expires_at,
        };
        store.account(tenant.account_id, async |tx: &mut AccountTx| api_keys::insert(tx, &key).await).await.unwrap()
    };
    let find = async |secret: &str| {
        let hash = SecretHash::of(secret.as_bytes());
        store.system(async |tx: &mut SystemTx| api_keys::find(tx, &hash).await).await.unwrap()
    };
    let key = insert("secret", None).await;
    insert("expired", Some(Utc::now() - chrono::TimeDelta::seconds(1))).await;

    let found = find("secret").await.unwrap();
    assert_eq!((found.id, found.account_id), (key.id, tenant.account_id));
    assert_eq!(found.scopes, ["inbox:read", "connections:read"]);
    assert!(find("expired").await.is_none() && find("other").await.is_none());

    let listed = store.account(tenant.account_id, async |tx: &mut AccountTx| api_keys::list(tx).await).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().any(|listed| listed.id == key.id && listed.last_used_at.is_some()));

    let revoke =
        async |account| store.account(account, async |tx: &mut AccountTx| api_keys::revoke(tx, key.id).await).await;
    assert!(!revoke(other.account_id).await.unwrap());
    assert!(revoke(tenant.account_id).await.unwrap());
    assert!(!revoke(tenant.account_id).await.unwrap());
    assert!(find("secret").await.is_none());
}

// A1
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_state_is_used_once_in_the_browser_that_began() {
    let fixture = Fixture::new().await;
    let store = fixture.gateway();
    let hash = |text: &str| SecretHash::of(text.as_bytes());
    for (state, lifetime) in [("state", HOUR), ("expired", Duration::ZERO)] {
        let attempt = NewLoginAttempt {
            state: hash(state),
            browser: hash("browser"),
            return_to: "/inbox",
            session_id: None,
            lifetime,
        };
        store.system(async |tx: &mut SystemTx| login_attempts::start(tx, attempt.clone()).await).await.unwrap();
    }
    let attempt = async |state: &str, browser: &str| {
        let (state, browser) = (hash(state), hash(browser));
        store.system(async |tx: &mut SystemTx| login_attempts::use_once(tx, &state, &browser).await).await.unwrap()
    };
    assert_eq!(attempt("unknown", "browser").await, Err(RefusedState::Unknown));
    assert_eq!(attempt("state", "another").await, Err(RefusedState::OtherBrowser));
    assert_eq!(attempt("expired", "browser").await, Err(RefusedState::Expired));
    let uses: Vec<_> = (0..8)
        .map(|_| {
            let (store, state, browser) = (store.clone(), hash("state"), hash("browser"));
            tokio::spawn(async move {
                store
                    .system(async |tx: &mut SystemTx| login_attempts::use_once(tx, &state, &browser).await)
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut won = 0;
    for used in uses {
        match used.await.unwrap() {
            Ok(attempt) => {
                assert_eq!(attempt.return_to, "/inbox");
                won += 1;
            }
            Err(refused) => assert_eq!(refused, RefusedState::AlreadyUsed),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn an_error_of_the_work_rolls_the_transaction_back() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let name = DisplayName::parse("changed").unwrap();
    let result: Result<(), StoreError> = fixture
        .gateway()
        .account(tenant.account_id, async |tx: &mut AccountTx| {
            accounts::update(tx, AccountChange { name: Some(&name), ..AccountChange::default() }).await?;
            Err(StoreError::NotFound)
        })
        .await;
    assert!(matches!(result, Err(StoreError::NotFound)));
    assert_eq!(fixture.database.number("select count(*) from accounts where name = 'changed'").await, 0);
}
