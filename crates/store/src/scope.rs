//! Transactions, each in the scope of the accounts that it may touch.
//!
//! The scope is a setting local to the transaction, and the policies of every tenant table compare with it: a query
//! that forgets its account finds nothing of another one, and without a scope it fails. `begin` and the scope travel
//! together, so that a transaction costs two round trips beside its own queries.

use std::fmt::Write as _;
use std::future::Future;
use std::time::Instant;

use diesel::connection::TransactionManagerStatus;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use pagekeeper_common::domain::ids::AccountId;
use tokio::time::timeout;

use crate::error::StoreError;
use crate::pool::{Connection, Store};

/// A transaction in one account: what the gateway does for a person.
pub struct AccountTx {
    connection: Connection,
    account_id: AccountId,
}

/// A transaction in the accounts of a batch: what a worker does.
pub struct AccountsTx {
    connection: Connection,
}

/// A transaction outside accounts: tables without tenants' rows, and the lookup functions.
pub struct SystemTx {
    connection: Connection,
}

/// Any transaction.
pub trait Transaction: sealed::Sealed + Send {
    #[doc(hidden)]
    fn connection(&mut self) -> &mut AsyncPgConnection;
}

/// A transaction that sees rows of accounts.
pub trait TenantTransaction: Transaction {}

impl TenantTransaction for AccountTx {}
impl TenantTransaction for AccountsTx {}

impl AccountTx {
    pub fn account_id(&self) -> AccountId {
        self.account_id
    }
}

/// An async closure over a transaction whose future can move between threads. Rust cannot yet name the future of an
/// `AsyncFnOnce`; this alias gives it a name to bound. It is implemented for every such closure.
pub trait Work<Tx, Answer>: FnOnce(Tx) -> <Self as Work<Tx, Answer>>::Running {
    type Running: Future<Output = Answer>;
}

impl<F, Tx, Answer, Running> Work<Tx, Answer> for F
where
    F: FnOnce(Tx) -> Running,
    Running: Future<Output = Answer>,
{
    type Running = Running;
}

impl Store {
    /// Runs `work` in a transaction that sees one account. It commits if `work` answers `Ok`.
    ///
    /// Nothing else may be awaited in `work`: a transaction is never held open over a call to the network.
    pub async fn account<T, E, F>(&self, account_id: AccountId, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut AccountTx) -> Result<T, E> + Send,
        for<'tx> F: Work<&'tx mut AccountTx, Result<T, E>, Running: Send>,
        T: Send,
        E: From<StoreError> + Send,
    {
        let begin = format!("begin; select set_config('app.account_id', '{account_id}', true)");
        self.run("account", &begin, |connection| AccountTx { connection, account_id }, work).await
    }

    /// Runs `work` in a transaction that sees these accounts.
    pub async fn accounts<T, E, F>(&self, account_ids: &[AccountId], work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut AccountsTx) -> Result<T, E> + Send,
        for<'tx> F: Work<&'tx mut AccountsTx, Result<T, E>, Running: Send>,
        T: Send,
        E: From<StoreError> + Send,
    {
        let begin = format!("begin; select set_config('app.account_ids', '{}', true)", array_literal(account_ids));
        self.run("accounts", &begin, |connection| AccountsTx { connection }, work).await
    }

    /// The same for work that is done again, and ends alike, if the server crashes within the next second: nobody waits until
    /// its commit is on the disk (PostgreSQL, "Asynchronous Commit"). Never for what was acknowledged to somebody outside.
    pub async fn accounts_unflushed<T, E, F>(&self, account_ids: &[AccountId], work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut AccountsTx) -> Result<T, E> + Send,
        for<'tx> F: Work<&'tx mut AccountsTx, Result<T, E>, Running: Send>,
        T: Send,
        E: From<StoreError> + Send,
    {
        let begin = format!(
            "begin; set local synchronous_commit = off; select set_config('app.account_ids', '{}', true)",
            array_literal(account_ids)
        );
        self.run("accounts", &begin, |connection| AccountsTx { connection }, work).await
    }

    /// Runs `work` in a transaction that sees no account's rows.
    pub async fn system<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut SystemTx) -> Result<T, E> + Send,
        for<'tx> F: Work<&'tx mut SystemTx, Result<T, E>, Running: Send>,
        T: Send,
        E: From<StoreError> + Send,
    {
        self.run("system", "begin", |connection| SystemTx { connection }, work).await
    }

    /// Runs a single statement, which is a transaction by itself: one round trip. Meanwhile the connection counts as
    /// broken, so that one whose answer was given up is closed and not handed to somebody else.
    pub(crate) async fn single_statement<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, StoreError> + Send,
        for<'tx> F: Work<&'tx mut AsyncPgConnection, Result<T, StoreError>, Running: Send>,
        T: Send,
    {
        let started = Instant::now();
        let statement = async {
            let mut connection = self.checkout().await?;
            *AnsiTransactionManager::transaction_manager_status_mut(&mut *connection) =
                TransactionManagerStatus::InError;
            let result = work(&mut connection).await;
            if !matches!(result, Err(StoreError::Unavailable(_))) {
                *AnsiTransactionManager::transaction_manager_status_mut(&mut *connection) =
                    TransactionManagerStatus::default();
            }
            result
        };
        let result = timeout(self.query_timeout(), statement).await.unwrap_or(Err(StoreError::TimedOut));
        metrics::histogram!("pagekeeper_database_transaction_duration_seconds", "scope" => "statement")
            .record(started.elapsed().as_secs_f64());
        result
    }

    /// The limit is one for the whole transaction. Where it strikes, the transaction is dropped half done, and the pool
    /// closes the connection instead of handing it to somebody else.
    async fn run<X, T, E, F>(
        &self,
        scope: &'static str,
        begin: &str,
        in_scope: impl FnOnce(Connection) -> X + Send,
        work: F,
    ) -> Result<T, E>
    where
        X: Transaction,
        F: AsyncFnOnce(&mut X) -> Result<T, E> + Send,
        for<'tx> F: Work<&'tx mut X, Result<T, E>, Running: Send>,
        T: Send,
        E: From<StoreError> + Send,
    {
        let started = Instant::now();
        let transaction = async {
            let mut connection = self.checkout().await?;
            AnsiTransactionManager::begin_transaction_sql(&mut *connection, begin).await.map_err(StoreError::from)?;
            let mut tx = in_scope(connection);
            let result = work(&mut tx).await;
            finish(tx.connection(), result).await
        };
        let result = timeout(self.query_timeout(), transaction)
            .await
            .unwrap_or_else(|_elapsed| Err(StoreError::TimedOut.into()));
        metrics::histogram!("pagekeeper_database_transaction_duration_seconds", "scope" => scope)
            .record(started.elapsed().as_secs_f64());
        result
    }
}

async fn finish<T, E: From<StoreError>>(connection: &mut AsyncPgConnection, result: Result<T, E>) -> Result<T, E> {
    match result {
        Ok(value) => {
            AnsiTransactionManager::commit_transaction(connection).await.map_err(StoreError::from)?;
            Ok(value)
        }
        Err(error) => {
            // A rollback that fails leaves the connection marked as broken: the pool closes it.
            if let Err(rollback) = AnsiTransactionManager::rollback_transaction(connection).await {
                tracing::debug!(error = %rollback, "a transaction could not be rolled back");
            }
            Err(error)
        }
    }
}

/// `{1,2}`, as PostgreSQL writes a `bigint[]`.
pub(crate) fn array_literal(account_ids: &[AccountId]) -> String {
    let mut literal = String::from("{");
    for (index, account_id) in account_ids.iter().enumerate() {
        let separator = if index == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(literal, "{separator}{account_id}");
    }
    literal.push('}');
    literal
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! transaction {
    ($($type:ident),+) => {$(
        impl sealed::Sealed for $type {}

        impl Transaction for $type {
            fn connection(&mut self) -> &mut AsyncPgConnection {
                &mut self.connection
            }
        }
    )+};
}

transaction!(AccountTx, AccountsTx, SystemTx);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_accounts_is_an_array_of_postgresql() {
        assert_eq!(array_literal(&[]), "{}");
        assert_eq!(array_literal(&[AccountId::new(1), AccountId::new(-2)]), "{1,-2}");
    }
}
