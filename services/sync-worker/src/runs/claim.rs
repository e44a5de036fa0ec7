//! Claims of runs, with what their Pages' calls are made with: all that start at once in one transaction.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use pagekeeper_common::domain::ids::{AccountId, ConnectionId, RunId};
use pagekeeper_store::connections::{self, Connection};
use pagekeeper_store::credentials::{self, OpenedToken};
use pagekeeper_store::seal::SealError;
use pagekeeper_store::sync_runs::{self, Run, RunLease};
use pagekeeper_store::{AccountsTx, StoreError};

use super::{HeldRun, PageAccess};
use crate::parts::Parts;

/// A run that somebody wants to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedRun {
    pub account_id: AccountId,
    pub run_id: RunId,
}

/// Claims those of them that can be.
pub(super) async fn claim_all(
    parts: &Parts,
    wanted: &[WantedRun],
    owner: &str,
) -> Result<HashMap<RunId, HeldRun>, StoreError> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    match try_to_claim(parts, wanted, owner).await {
        // Another run of one of the Pages was claimed at the same moment: that one goes on, and so do the others here.
        Err(StoreError::Conflict { .. }) => {}
        claimed => return claimed,
    }
    let mut claimed = HashMap::new();
    for one in wanted {
        match try_to_claim(parts, std::slice::from_ref(one), owner).await {
            Err(StoreError::Conflict { .. }) => {}
            one => claimed.extend(one?),
        }
    }
    Ok(claimed)
}

/// Each once.
pub(super) fn accounts_of(runs: &[WantedRun]) -> Vec<AccountId> {
    each_once(runs.iter().map(|run| run.account_id))
}

pub(super) fn each_once(accounts: impl Iterator<Item = AccountId>) -> Vec<AccountId> {
    accounts.collect::<BTreeSet<_>>().into_iter().collect()
}

async fn try_to_claim(parts: &Parts, wanted: &[WantedRun], owner: &str) -> Result<HashMap<RunId, HeldRun>, StoreError> {
    let ids: Vec<RunId> = wanted.iter().map(|run| run.run_id).collect();
    let (keys, length) = (parts.keys.as_ref(), parts.config.sync.lease());
    let claim = async |tx: &mut AccountsTx| {
        let claimed = sync_runs::claim_all(tx, &ids, owner, length).await?;
        let pages: Vec<(AccountId, ConnectionId)> =
            claimed.iter().filter_map(|(run, _)| Some((run.account_id, run.connection_id?))).collect();
        if pages.is_empty() {
            return Ok((claimed, Vec::new(), Vec::new()));
        }
        let connections: Vec<ConnectionId> = pages.iter().map(|(_, connection)| *connection).collect();
        let connections = connections::find_many(tx, &connections).await?;
        let tokens = credentials::find_page_tokens(tx, keys, &pages).await?;
        Ok::<_, StoreError>((claimed, connections, tokens))
    };
    let (claimed, connections, tokens) = parts.store.accounts_unflushed(&accounts_of(wanted), claim).await?;
    Ok(with_access(parts, claimed, connections, tokens))
}

fn with_access(
    parts: &Parts,
    claimed: Vec<(Run, RunLease)>,
    connections: Vec<Connection>,
    tokens: Vec<(ConnectionId, Result<OpenedToken, SealError>)>,
) -> HashMap<RunId, HeldRun> {
    let mut pages: HashMap<ConnectionId, Arc<PageAccess>> = HashMap::new();
    let mut tokens: HashMap<_, _> = tokens.into_iter().collect();
    for connection in connections {
        let token = tokens.remove(&connection.id);
        pages.insert(connection.id, Arc::new(PageAccess { connection, token }));
    }
    let held = |(run, lease): (Run, RunLease)| {
        let access = run.connection_id.and_then(|id| pages.get(&id)).map(Arc::clone);
        (run.id, HeldRun::new(parts.clone(), run, lease, access))
    };
    claimed.into_iter().map(held).collect()
}
