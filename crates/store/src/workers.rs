//! The sync-workers that are alive: each says so again and again, and hears of the others.

use std::collections::BTreeSet;
use std::time::Duration;

use diesel::sql_types::{Double, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{SystemTx, Transaction};

/// Says that the worker `name` is alive for `lease` from now, and answers with the names of all that are, its own
/// included. Those that were lost long ago are forgotten.
pub async fn beat(tx: &mut SystemTx, name: &str, lease: Duration) -> Result<BTreeSet<String>, StoreError> {
    #[derive(QueryableByName)]
    struct Alive {
        #[diesel(sql_type = Text)]
        name: String,
    }
    // Two who forget the same ones at once must not wait for each other.
    let statement = sql_query(
        "with beat as (
             insert into workers (name, lease_until) values ($1, now() + make_interval(secs => $2))
             on conflict (name) do update set lease_until = excluded.lease_until),
         lost as (
             delete from workers where name in (
                 select name from workers where lease_until < now() - interval '1 hour' and name <> $1 for update skip locked))
         select name from workers where lease_until > now() union select $1",
    )
    .bind::<Text, _>(name)
    .bind::<Double, _>(lease.as_secs_f64());
    let alive: Vec<Alive> = Prepared(statement).load(tx.connection()).await?;
    Ok(alive.into_iter().map(|worker| worker.name).collect())
}

/// The worker stops: the others need not wait for the end of its lease.
pub async fn leave(tx: &mut SystemTx, name: &str) -> Result<(), StoreError> {
    let statement = sql_query("delete from workers where name = $1").bind::<Text, _>(name);
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}
