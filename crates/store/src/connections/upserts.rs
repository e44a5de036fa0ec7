use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, QueryDsl, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::connection::{ConnectionReason, ConnectionState};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, PageId};

use super::{ConnectOutcome, InstagramDetails, PageDetails, Picture, Synced};
use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::schema::connections;
use crate::scope::{AccountTx, AccountsTx, Transaction};
use crate::text::{without_nul, without_nul_opt};

/// Stores Pages as connections of an account, each ready to be subscribed. Answers in the order of `pages`.
///
/// Two accounts that connect the same Page at the same moment meet in a unique key: the later one gets
/// [`StoreError::Conflict`], and sees [`ConnectOutcome::ConnectedElsewhere`] when it tries again.
pub async fn connect_many(
    tx: &mut AccountsTx,
    account_id: AccountId,
    pages: &[PageDetails],
) -> Result<Vec<ConnectOutcome>, StoreError> {
    #[derive(QueryableByName)]
    struct Stored {
        #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
        id: ConnectionId,
        #[diesel(sql_type = Text, deserialize_as = Column<PageId>)]
        page_id: PageId,
    }
    let tasks: Vec<_> = pages.iter().map(|page| serde_json::json!(page.tasks)).collect();
    let statement = sql_query(
        "insert into connections as c (account_id, page_id, name, username, category, about, phone, website, fan_count,
             tasks, state)
         select $1, p.page_id, p.name, p.username, p.category, p.about, p.phone, p.website, p.fan_count,
             array(select jsonb_array_elements_text(case jsonb_typeof(p.tasks) when 'array' then p.tasks else '[]' end)),
             'connecting'
         from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10)
             as p (page_id, name, username, category, about, phone, website, fan_count, tasks)
         where not exists (
             select from find_connections_by_page($2) taken where taken.page_id = p.page_id and taken.account_id <> $1)
         order by p.page_id
         on conflict (account_id, connection_type, page_id) do update set
             name = excluded.name, username = coalesce(excluded.username, c.username),
             category = coalesce(excluded.category, c.category), about = coalesce(excluded.about, c.about),
             phone = coalesce(excluded.phone, c.phone), website = coalesce(excluded.website, c.website),
             fan_count = coalesce(excluded.fan_count, c.fan_count), tasks = excluded.tasks,
             state = case c.state when 'connected' then c.state else 'connecting' end,
             reason = null, disconnected_at = null, updated_at = now(),
             connected_at = case c.state when 'disconnected' then now() else c.connected_at end
         returning c.id, c.page_id",
    )
    .bind::<BigInt, _>(account_id.get())
    .bind::<Array<Text>, _>(pages.iter().map(|page| page.page_id.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(pages.iter().map(|page| without_nul(&page.name)).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(column(pages, |page| page.username.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(column(pages, |page| page.category.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(column(pages, |page| page.about.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(column(pages, |page| page.phone.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(column(pages, |page| page.website.as_deref()))
    .bind::<Array<Nullable<BigInt>>, _>(pages.iter().map(|page| page.fan_count).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(tasks);
    let stored: Vec<Stored> = Prepared(statement).load(tx.connection()).await?;
    let stored: HashMap<PageId, ConnectionId> = stored.into_iter().map(|row| (row.page_id, row.id)).collect();
    Ok(pages
        .iter()
        .map(|page| match stored.get(&page.page_id) {
            Some(id) => ConnectOutcome::Stored(*id),
            None => ConnectOutcome::ConnectedElsewhere,
        })
        .collect())
}

/// The same for Instagram accounts, each beside its Page.
pub async fn connect_instagram(
    tx: &mut AccountsTx,
    account_id: AccountId,
    accounts: &[InstagramDetails],
) -> Result<Vec<ConnectOutcome>, StoreError> {
    #[derive(QueryableByName)]
    struct Stored {
        #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
        id: ConnectionId,
        #[diesel(sql_type = Text, deserialize_as = Column<PageId>)]
        page_id: PageId,
    }
    let tasks: Vec<_> = accounts.iter().map(|account| serde_json::json!(account.tasks)).collect();
    let statement = sql_query(
        "insert into connections as c (account_id, connection_type, page_id, instagram_account_id, instagram_username, name,
             username, tasks, state)
         select $1, 'instagram', i.page_id, i.instagram_id, i.username, i.name, i.username,
             array(select jsonb_array_elements_text(i.tasks)), 'connecting'
         from unnest($2, $3, $4, $5, $6) as i (page_id, instagram_id, name, username, tasks)
         where not exists (
             select from find_connections_by_owner('{}', $3) taken
             where taken.owner_id = i.instagram_id and taken.account_id <> $1)
         order by i.page_id
         on conflict (account_id, connection_type, page_id) do update set
             instagram_account_id = excluded.instagram_account_id,
             instagram_username = coalesce(excluded.instagram_username, c.instagram_username),
             name = excluded.name, username = coalesce(excluded.username, c.username), tasks = excluded.tasks,
             state = case c.state when 'connected' then c.state else 'connecting' end,
             reason = null, disconnected_at = null, updated_at = now(),
             connected_at = case c.state when 'disconnected' then now() else c.connected_at end
         returning c.id, c.page_id",
    )
    .bind::<BigInt, _>(account_id.get())
    .bind::<Array<Text>, _>(accounts.iter().map(|account| account.page_id.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(accounts.iter().map(|account| account.instagram_account_id.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(accounts.iter().map(|account| without_nul(&account.name)).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(
        accounts.iter().map(|account| without_nul_opt(account.username.as_deref())).collect::<Vec<_>>(),
    )
    .bind::<Array<Jsonb>, _>(tasks);
    let stored: Vec<Stored> = Prepared(statement).load(tx.connection()).await?;
    let stored: HashMap<PageId, ConnectionId> = stored.into_iter().map(|row| (row.page_id, row.id)).collect();
    let outcome = |account: &InstagramDetails| match stored.get(&account.page_id) {
        Some(id) => ConnectOutcome::Stored(*id),
        None => ConnectOutcome::ConnectedElsewhere,
    };
    Ok(accounts.iter().map(outcome).collect())
}

/// Whether another connection of the account needs the Page's subscription: an Instagram account is heard through its Page.
pub async fn is_subscription_shared(tx: &mut AccountsTx, id: ConnectionId) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Shared {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        shared: bool,
    }
    let statement = sql_query(
        "select exists (
             select from connections c join connections other on other.account_id = c.account_id and other.page_id = c.page_id
             where c.id = $1 and other.id <> c.id and other.state <> 'disconnected') as shared",
    )
    .bind::<BigInt, _>(id.get());
    let row: Shared = Prepared(statement).get_result(tx.connection()).await?;
    Ok(row.shared)
}

/// Stores what Facebook says of a connected Page now. False if that is stored already.
pub async fn update_details(tx: &mut AccountsTx, id: ConnectionId, page: &PageDetails) -> Result<bool, StoreError> {
    let statement = sql_query(
        "update connections c set name = n.name, username = n.username, category = n.category, about = n.about,
             phone = n.phone, website = n.website, fan_count = n.fan_count, updated_at = now()
         from (
             select id, $2 as name, coalesce($3, username) as username, coalesce($4, category) as category,
                 coalesce($5, about) as about, coalesce($6, phone) as phone, coalesce($7, website) as website,
                 coalesce($8, fan_count) as fan_count
             from connections where id = $1
         ) n
         where c.id = n.id and (c.name, c.username, c.category, c.about, c.phone, c.website, c.fan_count)
             is distinct from (n.name, n.username, n.category, n.about, n.phone, n.website, n.fan_count)",
    )
    .bind::<BigInt, _>(id.get())
    .bind::<Text, _>(without_nul(&page.name))
    .bind::<Nullable<Text>, _>(without_nul_opt(page.username.as_deref()))
    .bind::<Nullable<Text>, _>(without_nul_opt(page.category.as_deref()))
    .bind::<Nullable<Text>, _>(without_nul_opt(page.about.as_deref()))
    .bind::<Nullable<Text>, _>(without_nul_opt(page.phone.as_deref()))
    .bind::<Nullable<Text>, _>(without_nul_opt(page.website.as_deref()))
    .bind::<Nullable<BigInt>, _>(page.fan_count);
    Ok(Prepared(statement).execute(tx.connection()).await? > 0)
}

pub async fn set_picture(tx: &mut AccountsTx, id: ConnectionId, picture: &Picture) -> Result<(), StoreError> {
    diesel::update(connections::table.filter(connections::id.eq(id.get())))
        .set((
            connections::picture.eq(&picture.bytes),
            connections::picture_type.eq(&picture.media_type),
            connections::updated_at.eq(diesel::dsl::now),
        ))
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Facebook sends the Page's webhooks to us from now on. False if somebody disconnected it meanwhile.
pub async fn mark_subscribed(tx: &mut AccountsTx, id: ConnectionId) -> Result<bool, StoreError> {
    let updated = diesel::update(connections::table.filter(connections::id.eq(id.get())))
        .filter(connections::state.ne(ConnectionState::Disconnected.as_str()))
        .set((
            connections::state.eq(ConnectionState::Connected.as_str()),
            connections::reason.eq(None::<&str>),
            connections::subscribed_at.eq(diesel::dsl::now),
            connections::updated_at.eq(diesel::dsl::now),
        ))
        .execute(tx.connection())
        .await?;
    Ok(updated > 0)
}

/// Says why a Page does not work. False if nothing changed: it stood there already, or somebody disconnected it.
pub async fn mark_troubled(
    tx: &mut AccountsTx,
    id: ConnectionId,
    state: ConnectionState,
    reason: ConnectionReason,
) -> Result<bool, StoreError> {
    let statement = sql_query(
        "update connections set state = $2, reason = $3, updated_at = now()
         where id = $1 and state <> 'disconnected' and (state, reason) is distinct from ($2, $3)",
    )
    .bind::<BigInt, _>(id.get())
    .bind::<Text, _>(state.as_str())
    .bind::<Text, _>(reason.as_str());
    Ok(Prepared(statement).execute(tx.connection()).await? > 0)
}

/// Syncs came to their end, each of another connection.
pub async fn mark_synced(tx: &mut AccountsTx, synced: &[Synced]) -> Result<(), StoreError> {
    let statement = sql_query(
        "update connections c set last_synced_at = now(), updated_at = now(),
             sync_watermark = greatest(c.sync_watermark, s.watermark),
             sync_digest = case when s.watermark >= coalesce(c.sync_watermark, s.watermark) then s.digest else c.sync_digest end
         from (
             select n.* from unnest($1, $2, $3) as n (id, watermark, digest)
             join connections k on k.id = n.id
             where k.id = any ($1) order by k.id for no key update of k
         ) s
         where c.id = s.id and c.id = any ($1)",
    )
    .bind::<Array<BigInt>, _>(synced.iter().map(|one| one.connection_id.get()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(synced.iter().map(|one| one.watermark).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(synced.iter().map(|one| one.digest).collect::<Vec<_>>());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Switches a connection off; its history stays. False if it was off, or is not this account's.
pub async fn disconnect(tx: &mut AccountTx, id: ConnectionId) -> Result<bool, StoreError> {
    let updated = diesel::update(connections::table.filter(connections::id.eq(id.get())))
        .filter(connections::state.ne(ConnectionState::Disconnected.as_str()))
        .set((
            connections::state.eq(ConnectionState::Disconnected.as_str()),
            connections::reason.eq(None::<&str>),
            connections::disconnected_at.eq(diesel::dsl::now),
            connections::updated_at.eq(diesel::dsl::now),
        ))
        .execute(tx.connection())
        .await?;
    Ok(updated > 0)
}

fn column<'a>(
    pages: &'a [PageDetails],
    value: fn(&'a PageDetails) -> Option<&'a str>,
) -> Vec<Option<std::borrow::Cow<'a, str>>> {
    pages.iter().map(|page| without_nul_opt(value(page))).collect()
}
