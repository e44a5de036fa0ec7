use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use crate::conversations::{InboxPage, bind_page, list_sql};
use crate::error::StoreError;
use crate::scope::{AccountTx, Transaction};

/// How PostgreSQL reads a page of the inbox, for tests that hold it to its indexes.
pub async fn explain_inbox(tx: &mut AccountTx, page: &InboxPage) -> Result<String, StoreError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        line: String,
    }
    let statement = bind_page(sql_query(format!("explain {}", list_sql(page))).into_boxed(), page);
    let lines: Vec<Line> = statement.load(tx.connection()).await?;
    Ok(lines.into_iter().map(|line| line.line + "\n").collect())
}

/// How often the transaction has read an index so far, or, by a table's name, the whole table: what was really done, also
/// inside functions, whose plans nobody is shown.
pub async fn count_scans(tx: &mut AccountTx, relation: &str) -> Result<i64, StoreError> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        scans: i64,
    }
    let statement =
        sql_query("select pg_stat_get_xact_numscans($1::regclass) as scans").bind::<Text, _>(relation.to_owned());
    let counted: Counted = statement.get_result(tx.connection()).await?;
    Ok(counted.scans)
}
