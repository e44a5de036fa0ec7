//! Schedules that fire once for all replicas of a service.

use std::time::Duration;

use diesel::sql_query;
use diesel::sql_types::{Double, Text};
use diesel_async::RunQueryDsl;

use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{SystemTx, Transaction};
use crate::text::without_nul;

/// Claims a schedule whose time has come. A name that is new is due at once, so that what is overdue fires when the system
/// starts. Whoever claims and dies loses it when the lease is over.
pub async fn claim_due(tx: &mut SystemTx, name: &str, owner: &str, lease: Duration) -> Result<bool, StoreError> {
    let statement = sql_query(
        "insert into schedules as s (name, due_at, lease_owner, lease_until)
         values ($1, now(), $2, now() + make_interval(secs => $3))
         on conflict (name) do update set lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
             where s.due_at <= now() and (s.lease_until is null or s.lease_until < now())",
    )
    .bind::<Text, _>(name)
    .bind::<Text, _>(without_nul(owner))
    .bind::<Double, _>(lease.as_secs_f64());
    Ok(Prepared(statement).execute(tx.connection()).await? > 0)
}

/// The work is done; it is due again `every` from when it was due, or from now if that has passed too. False if the lease
/// was lost meanwhile.
pub async fn complete(tx: &mut SystemTx, name: &str, owner: &str, every: Duration) -> Result<bool, StoreError> {
    let statement = sql_query(
        "update schedules set lease_owner = null, lease_until = null,
             due_at = case when due_at + make_interval(secs => $3) > now() then due_at else now() end
                 + make_interval(secs => $3)
         where name = $1 and lease_owner = $2",
    )
    .bind::<Text, _>(name)
    .bind::<Text, _>(without_nul(owner))
    .bind::<Double, _>(every.as_secs_f64());
    Ok(Prepared(statement).execute(tx.connection()).await? > 0)
}
