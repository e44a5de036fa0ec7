use diesel::sql_types::{Array, BigInt, Binary, Bool, Jsonb, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, CredentialId, UserId};

use super::rows::place;
use super::{NewPageToken, NewUserToken};
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountsTx, TenantTransaction, Transaction};
use crate::seal::KeyRing;

/// Stores a person's token in place of the one before. The row gets the new id, which its seal names.
/// `excluded.sealed` would count as reading the column, which the gateway may not.
pub async fn store_user_token(
    tx: &mut impl TenantTransaction,
    keys: &KeyRing,
    new: &NewUserToken,
) -> Result<CredentialId, StoreError> {
    let id = draw_ids(tx, 1).await?.pop().ok_or(StoreError::NotFound)?;
    let sealed = keys.seal(&new.token, &place(id, new.account_id))?;
    let statement = sql_query(
        "insert into credentials as c (id, account_id, kind, user_id, sealed, is_long_lived, expires_at,
             data_access_expires_at, scopes)
         values ($1, $2, 'user', $3, $4, $5, $6, $7, $8)
         on conflict (account_id, user_id) where kind = 'user' do update set
             id = excluded.id, sealed = $4, is_long_lived = excluded.is_long_lived,
             expires_at = excluded.expires_at, data_access_expires_at = excluded.data_access_expires_at,
             scopes = excluded.scopes, is_valid = true, version = c.version + 1, updated_at = now()",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(new.account_id.get())
    .bind::<BigInt, _>(new.user_id.get())
    .bind::<Binary, _>(sealed)
    .bind::<Bool, _>(new.facts.is_long_lived)
    .bind::<Nullable<Timestamptz>, _>(new.facts.expires_at)
    .bind::<Nullable<Timestamptz>, _>(new.facts.data_access_expires_at)
    .bind::<Array<Text>, _>(&new.facts.scopes);
    Prepared(statement).execute(tx.connection()).await?;
    Ok(CredentialId::new(id))
}

/// Stores the tokens of several Pages that one person's grant gave.
pub async fn store_page_tokens(
    tx: &mut AccountsTx,
    keys: &KeyRing,
    account_id: AccountId,
    user_id: UserId,
    tokens: &[NewPageToken],
) -> Result<(), StoreError> {
    if tokens.is_empty() {
        return Ok(());
    }
    let ids = draw_ids(tx, tokens.len()).await?;
    let sealed = ids
        .iter()
        .zip(tokens)
        .map(|(id, new)| keys.seal(&new.token, &place(*id, account_id)))
        .collect::<Result<Vec<_>, _>>()?;
    let scopes: Vec<_> = tokens.iter().map(|new| serde_json::json!(new.facts.scopes)).collect();
    let statement = sql_query(
        "insert into credentials as c (id, account_id, kind, user_id, connection_id, sealed, is_long_lived, expires_at,
             data_access_expires_at, scopes)
         select n.id, $1, 'page', $2, n.connection_id, n.sealed, n.is_long_lived, n.expires_at, n.data_access_expires_at,
             array(select jsonb_array_elements_text(n.scopes))
         from unnest($3, $4, $5, $6, $7, $8, $9)
             as n (id, connection_id, sealed, is_long_lived, expires_at, data_access_expires_at, scopes)
         order by n.connection_id
         on conflict (account_id, connection_id, user_id) where kind = 'page' do update set
             id = excluded.id, sealed = excluded.sealed, is_long_lived = excluded.is_long_lived,
             expires_at = excluded.expires_at, data_access_expires_at = excluded.data_access_expires_at,
             scopes = excluded.scopes, is_valid = true, version = c.version + 1, updated_at = now()",
    )
    .bind::<BigInt, _>(account_id.get())
    .bind::<BigInt, _>(user_id.get())
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<BigInt>, _>(tokens.iter().map(|new| new.connection_id.get()).collect::<Vec<_>>())
    .bind::<Array<Binary>, _>(sealed)
    .bind::<Array<Bool>, _>(tokens.iter().map(|new| new.facts.is_long_lived).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(tokens.iter().map(|new| new.facts.expires_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(
        tokens.iter().map(|new| new.facts.data_access_expires_at).collect::<Vec<_>>(),
    )
    .bind::<Array<Jsonb>, _>(scopes);
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Facebook refused a token. False if it was replaced meanwhile, or was marked before.
pub async fn mark_invalid(tx: &mut AccountsTx, id: CredentialId) -> Result<bool, StoreError> {
    let statement = sql_query(
        "update credentials set is_valid = false, checked_at = now(), version = version + 1, updated_at = now()
         where id = $1 and is_valid",
    )
    .bind::<BigInt, _>(id.get());
    Ok(Prepared(statement).execute(tx.connection()).await? > 0)
}

/// Wipes the tokens of a disconnected Page.
pub async fn wipe_page_tokens(tx: &mut AccountsTx, connection_id: ConnectionId) -> Result<(), StoreError> {
    let statement = sql_query(
        "update credentials set sealed = null, is_valid = false, version = version + 1, updated_at = now()
         where connection_id = $1 and kind = 'page'",
    )
    .bind::<BigInt, _>(connection_id.get());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Ids are drawn before sealing, since a seal names its row.
async fn draw_ids(tx: &mut impl TenantTransaction, count: usize) -> Result<Vec<i64>, StoreError> {
    #[derive(QueryableByName)]
    struct Drawn {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let statement = sql_query("select nextval('credentials_id') as id from generate_series(1, $1)")
        .bind::<BigInt, _>(i64::try_from(count).unwrap_or(i64::MAX));
    let drawn: Vec<Drawn> = Prepared(statement).load(tx.connection()).await?;
    Ok(drawn.into_iter().map(|drawn| drawn.id).collect())
}
