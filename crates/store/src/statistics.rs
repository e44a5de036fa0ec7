//! What PostgreSQL knows of the tables' contents, which its plans rest on.

use diesel::sql_types::Integer;
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{SystemTx, Transaction};

/// Takes the first statistics of tables whose first rows came just now; answers how many these were.
pub async fn analyze_young_tables(tx: &mut SystemTx) -> Result<u32, StoreError> {
    #[derive(QueryableByName)]
    struct Analyzed {
        #[diesel(sql_type = Integer)]
        analyzed: i32,
    }
    let statement = sql_query("select analyze_young_tables() as analyzed");
    let row: Analyzed = Prepared(statement).get_result(tx.connection()).await?;
    Ok(u32::try_from(row.analyzed).unwrap_or(0))
}
