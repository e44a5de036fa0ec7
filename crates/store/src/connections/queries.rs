use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Integer, Text, Timestamptz};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, SelectableHelper, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::entry_owner::EntryOwner;
use pagekeeper_common::domain::ids::{ConnectionId, PageId};

use super::{Connection, DueConnection, FoundOwner, Picture};
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::schema::connections;
use crate::scope::{AccountTx, AccountsTx, SystemTx, TenantTransaction, Transaction};

/// The most Pages of an account that are listed.
const LIST_LIMIT: i64 = 2_000;

/// The account's connections by name, disconnected ones too.
pub async fn list(tx: &mut impl TenantTransaction) -> Result<Vec<Connection>, StoreError> {
    let query = connections::table
        .select(Connection::as_select())
        .order((connections::name.asc(), connections::id.asc()))
        .limit(LIST_LIMIT);
    Ok(query.load(tx.connection()).await?)
}

pub async fn find(tx: &mut impl TenantTransaction, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
    let query = connections::table.filter(connections::id.eq(id.get())).select(Connection::as_select());
    Ok(query.get_result(tx.connection()).await.optional()?)
}

/// Those of them that there are.
pub async fn find_many(tx: &mut AccountsTx, ids: &[ConnectionId]) -> Result<Vec<Connection>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let query = connections::table.filter(connections::id.eq_any(ids)).select(Connection::as_select());
    Ok(query.load(tx.connection()).await?)
}

/// The account's connection of a Facebook Page.
pub async fn find_by_page(tx: &mut impl TenantTransaction, page_id: &PageId) -> Result<Option<Connection>, StoreError> {
    let query = connections::table
        .filter(connections::connection_type.eq("facebook"))
        .filter(connections::page_id.eq(page_id.as_str()))
        .select(Connection::as_select());
    Ok(query.get_result(tx.connection()).await.optional()?)
}

pub async fn find_picture(tx: &mut impl TenantTransaction, id: ConnectionId) -> Result<Option<Picture>, StoreError> {
    let query = connections::table
        .filter(connections::id.eq(id.get()))
        .select((connections::picture, connections::picture_type));
    let columns: Option<(Option<Vec<u8>>, Option<String>)> = query.get_result(tx.connection()).await.optional()?;
    Ok(match columns {
        Some((Some(bytes), Some(media_type))) => Some(Picture { bytes, media_type }),
        _ => None,
    })
}

/// Whose Pages and Instagram accounts these are. Those that nobody has connected are missing from the answer.
pub async fn find_owners(tx: &mut SystemTx, owners: &[EntryOwner]) -> Result<Vec<FoundOwner>, StoreError> {
    let ids = |object: &str| -> Vec<&str> {
        owners.iter().filter(|owner| owner.object() == object).map(EntryOwner::id).collect()
    };
    let statement = sql_query("select * from find_connections_by_owner($1, $2)")
        .bind::<Array<Text>, _>(ids(EntryOwner::PAGE))
        .bind::<Array<Text>, _>(ids(EntryOwner::INSTAGRAM));
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// Connected Pages of all accounts that nobody synced since `stale_before`, also those that a run is at work on.
pub async fn list_due(
    tx: &mut SystemTx,
    stale_before: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<DueConnection>, StoreError> {
    let statement = sql_query("select * from due_connections($1, $2)")
        .bind::<Timestamptz, _>(stale_before)
        .bind::<Integer, _>(i32::try_from(limit).unwrap_or(i32::MAX));
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// The time zones that accounts have chosen.
pub async fn list_time_zones(tx: &mut SystemTx) -> Result<Vec<String>, StoreError> {
    #[derive(QueryableByName)]
    struct Zone {
        #[diesel(sql_type = Text)]
        time_zone: String,
    }
    let zones: Vec<Zone> = Prepared(sql_query("select * from time_zones()")).load(tx.connection()).await?;
    Ok(zones.into_iter().map(|zone| zone.time_zone).collect())
}

/// Connected Pages that have had no full sync by the clock since the hour for it passed in their account's time zone.
pub async fn list_due_full(
    tx: &mut SystemTx,
    passed: &[(String, DateTime<Utc>)],
    limit: u32,
) -> Result<Vec<DueConnection>, StoreError> {
    let (zones, passed_at): (Vec<&str>, Vec<DateTime<Utc>>) =
        passed.iter().map(|(zone, at)| (zone.as_str(), *at)).unzip();
    let statement = sql_query("select * from due_full_connections($1, $2, $3)")
        .bind::<Array<Text>, _>(zones)
        .bind::<Array<Timestamptz>, _>(passed_at)
        .bind::<Integer, _>(i32::try_from(limit).unwrap_or(i32::MAX));
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// Notes that full syncs of these Pages were asked for.
pub async fn mark_full_sync(tx: &mut AccountTx, ids: &[ConnectionId]) -> Result<(), StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let statement =
        sql_query("update connections set full_sync_at = now() where id = any ($1)").bind::<Array<BigInt>, _>(ids);
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Connected Pages that have been silent for longer than they usually are.
pub async fn list_silent(tx: &mut SystemTx, limit: u32) -> Result<Vec<DueConnection>, StoreError> {
    let statement =
        sql_query("select * from silent_connections($1)").bind::<Integer, _>(i32::try_from(limit).unwrap_or(i32::MAX));
    Ok(Prepared(statement).load(tx.connection()).await?)
}
