//! About how many conversations each account has. Counting a million takes longer than listing fifty, so a number is
//! kept, the longer the greater it is: in a large account a few more make no difference, and in a new one all do.

use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;
use pagekeeper_common::domain::ids::AccountId;
use pagekeeper_store::{AccountTx, conversations};

use crate::extract::api_error::{Answer, ApiError};
use crate::extract::authorised::AccountScope;

const KEPT_AT_LEAST: Duration = Duration::from_secs(1);
const KEPT_AT_MOST: Duration = Duration::from_mins(5);
/// Conversations for which a number is kept one second longer.
const PER_SECOND: u64 = 2_000;
const MOST_ACCOUNTS: u64 = 10_000;

/// Clones share the entries.
#[derive(Clone)]
pub(crate) struct ConversationTotals(Cache<AccountId, u64>);

impl ConversationTotals {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST_ACCOUNTS).expire_after(ByTotal).build())
    }

    pub(crate) async fn get(&self, scope: &AccountScope) -> Answer<u64> {
        let count = scope.run(async |tx: &mut AccountTx| Ok(conversations::count(tx).await?));
        // Those who ask while one counts wait for that count.
        let total = self.0.try_get_with(scope.principal.account, count).await;
        total.map_err(|error| ApiError::clone(&error))
    }
}

struct ByTotal;

impl Expiry<AccountId, u64> for ByTotal {
    fn expire_after_create(&self, _account: &AccountId, total: &u64, _counted: Instant) -> Option<Duration> {
        Some(Duration::from_secs(total / PER_SECOND).clamp(KEPT_AT_LEAST, KEPT_AT_MOST))
    }
}
