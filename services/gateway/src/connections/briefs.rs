//! The names of each account's Pages, kept in memory: every line of the inbox shows one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId};
use pagekeeper_store::AccountTx;
use pagekeeper_store::connections::{self, ConnectionBrief};

use crate::extract::api_error::{Answer, ApiError};
use crate::extract::authorised::AccountScope;

/// An event drops an entry at once; this is for events that were lost.
const KEPT: Duration = Duration::from_mins(1);
const MOST_ACCOUNTS: u64 = 10_000;

/// The connections of one account, by id.
pub(crate) type Briefs = Arc<HashMap<ConnectionId, ConnectionBrief>>;

/// Clones share the entries.
#[derive(Clone)]
pub(crate) struct BriefCache(Cache<AccountId, Briefs>);

impl BriefCache {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST_ACCOUNTS).time_to_live(KEPT).build())
    }

    /// An entry that lacks one of `needed` is older than that connection, and read again.
    pub(crate) async fn get(
        &self,
        scope: &AccountScope,
        mut needed: impl Iterator<Item = ConnectionId>,
    ) -> Answer<Briefs> {
        let briefs = self.load(scope).await?;
        if needed.all(|id| briefs.contains_key(&id)) {
            return Ok(briefs);
        }
        self.forget(scope.principal.account).await;
        self.load(scope).await
    }

    pub(crate) async fn forget(&self, account: AccountId) {
        self.0.invalidate(&account).await;
    }

    /// Those who ask while one reads wait for its answer.
    async fn load(&self, scope: &AccountScope) -> Answer<Briefs> {
        let rows = scope.run(async |tx: &mut AccountTx| Ok(connections::list_briefs(tx).await?));
        let load = async { rows.await.map(|rows| Arc::new(rows.into_iter().map(|brief| (brief.id, brief)).collect())) };
        let briefs = self.0.try_get_with(scope.principal.account, load).await;
        briefs.map_err(|error: Arc<ApiError>| ApiError::clone(&error))
    }

    /// Events were missed: any entry may be old.
    pub(crate) fn forget_all(&self) {
        self.0.invalidate_all();
    }
}
