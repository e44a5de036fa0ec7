//! About how many conversations each account has. Counting a million takes longer than listing fifty, so the number is
//! kept for a while.

use std::time::Duration;

use moka::future::Cache;
use pagekeeper_common::domain::ids::AccountId;
use pagekeeper_store::{AccountTx, conversations};

use crate::extract::api_error::{Answer, ApiError};
use crate::extract::authorised::AccountScope;

const KEPT: Duration = Duration::from_mins(5);
const MOST_ACCOUNTS: u64 = 10_000;

/// Clones share the entries.
#[derive(Clone)]
pub(crate) struct ConversationTotals(Cache<AccountId, u64>);

impl ConversationTotals {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST_ACCOUNTS).time_to_live(KEPT).build())
    }

    pub(crate) async fn get(&self, scope: &AccountScope) -> Answer<u64> {
        let count = scope.run(async |tx: &mut AccountTx| Ok(conversations::count(tx).await?));
        // Those who ask while one counts wait for that count.
        let total = self.0.try_get_with(scope.principal.account, count).await;
        total.map_err(|error| ApiError::clone(&error))
    }
}
