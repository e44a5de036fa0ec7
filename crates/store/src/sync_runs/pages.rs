//! Which Page a run is of.

use diesel::sql_types::{Array, BigInt};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::{ConnectionId, RunId};

use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::TenantTransaction;

#[derive(QueryableByName)]
struct RunOfPage {
    #[diesel(sql_type = BigInt, deserialize_as = Column<RunId>)]
    id: RunId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
    connection_id: ConnectionId,
}

/// The connections of these runs; runs of no Page, and those of other accounts, are left out.
pub async fn connections_of(
    tx: &mut impl TenantTransaction,
    runs: &[RunId],
) -> Result<Vec<(RunId, ConnectionId)>, StoreError> {
    let statement =
        sql_query("select id, connection_id from sync_runs where id = any($1) and connection_id is not null")
            .bind::<Array<BigInt>, _>(runs.iter().map(|run| run.get()).collect::<Vec<_>>());
    let rows: Vec<RunOfPage> = Prepared(statement).load(tx.connection()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.connection_id)).collect())
}
