//! The stack's database: migrations, the services' roles, and the demo's account.

use anyhow::{Context as _, Result};
use pagekeeper_common::domain::account::{Action, DisplayName};
use pagekeeper_common::domain::ids::FacebookUserId;
use pagekeeper_store::api_keys::NewApiKey;
use pagekeeper_store::migrations::{RolePasswords, migrate as apply_migrations, roles, url_for_role};
use pagekeeper_store::{AccountTx, SecretHash, Store, StoreConfig, StoreError, SystemTx, accounts, api_keys};
use ring::digest;
use secrecy::{ExposeSecret as _, SecretString};

use crate::demo::Person;
use crate::secrets::Secrets;
use crate::stack::ServerAddresses;

/// The roles that services log in with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    Gateway,
    WebhookIngest,
    SyncWorker,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::Gateway => roles::GATEWAY,
            Self::WebhookIngest => roles::WEBHOOK_INGEST,
            Self::SyncWorker => roles::SYNC_WORKER,
        }
    }
}

pub(crate) async fn migrate(servers: &ServerAddresses) -> Result<()> {
    let password = || role_password(servers);
    let passwords = RolePasswords { gateway: password(), webhook_ingest: password(), sync_worker: password() };
    apply_migrations(&servers.database, &passwords).await.context("cannot migrate the database")?;
    Ok(())
}

/// Roles belong to the whole server, which several stacks may share: all of them derive the same password from its
/// address, which only an administrator knows.
fn role_password(servers: &ServerAddresses) -> SecretString {
    let server = servers.database.rsplit_once('/').map_or(servers.database.as_str(), |(server, _)| server);
    let hash = digest::digest(&digest::SHA256, format!("pagekeeper roles of {server}").as_bytes());
    SecretString::from(hex::encode(hash))
}

/// The database's address as one of the services sees it.
pub(crate) fn role_url(servers: &ServerAddresses, role: Role) -> Result<String> {
    let url =
        url_for_role(&servers.database, role.name(), &role_password(servers)).context("DATABASE_URL cannot be used")?;
    Ok(url.expose_secret().to_owned())
}

/// The demo person's account, with an API key that may do everything. The person has no Pages there until they log in.
pub(crate) async fn make_demo_account(servers: &ServerAddresses, secrets: &Secrets, person: &Person) -> Result<()> {
    let store = Store::connect(&StoreConfig::new(role_url(servers, Role::Gateway)?));
    let facebook_user_id = FacebookUserId::parse(person.id.clone())?;
    let hash = SecretHash::of(secrets.api_token.as_bytes());
    let (known, signed_in) = store
        .system(async |tx: &mut SystemTx| {
            let known = api_keys::find(tx, &hash).await?.is_some();
            let signed_in = accounts::sign_in(tx, &facebook_user_id, &person.name, person.email.as_deref()).await?;
            Ok::<_, StoreError>((known, signed_in))
        })
        .await
        .context("cannot make the demo's account")?;
    if known {
        return Ok(());
    }
    let name = DisplayName::parse("cargo dev")?;
    let key = NewApiKey {
        user_id: signed_in.user_id,
        name: &name,
        prefix: secrets.api_token.get(..PREFIX).unwrap_or_default(),
        hash,
        scopes: &Action::ALL,
        expires_at: None,
    };
    store
        .account(signed_in.account_id, async |tx: &mut AccountTx| api_keys::insert(tx, &key).await)
        .await
        .context("cannot make the demo's API key")?;
    Ok(())
}

/// Characters of an API key by which people recognise it.
const PREFIX: usize = 11;
