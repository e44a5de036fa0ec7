//! Who looks, and what is theirs.

use std::collections::HashMap;

use pagekeeper_common::domain::account::Action;
use pagekeeper_common::domain::connection::ConnectionState;
use pagekeeper_store::quarantine::review::{self, QuarantineFilter, QuarantinedEntry};
use pagekeeper_store::{AccountTx, SystemTx, connections, sync_runs};

use super::found::{Found, Subject};
use super::views::ParkedPage;
use crate::extract::api_error::{Answer, ApiError};
use crate::extract::authorised::AccountScope;
use crate::state::State;

/// Meta's ids of Instagram professional accounts begin like this; no column says of which kind an entry's owner is.
const INSTAGRAM: &str = "17841";

pub(super) enum Viewer<'a> {
    /// A person or program of one account.
    Account { scope: &'a AccountScope, pages: Pages },
    /// Whoever has the cron secret.
    Operator(&'a State),
}

/// An account's Pages, those that it still has by Meta's ids, and all of them by their connections' ids.
#[derive(Debug, Default)]
pub(super) struct Pages {
    of_owners: HashMap<String, ParkedPage>,
    of_connections: HashMap<i64, ParkedPage>,
}

impl<'a> Viewer<'a> {
    pub(super) async fn of_account(scope: &'a AccountScope) -> Answer<Self> {
        let all = scope.run(async |tx: &mut AccountTx| Ok(connections::list(tx).await?)).await?;
        let mut pages = Pages::default();
        for connection in all {
            let page = ParkedPage {
                connection_id: Some(connection.id.get()),
                name: Some(connection.name),
                page_id: Some(connection.page_id.as_str().to_owned()),
            };
            if connection.state != ConnectionState::Disconnected {
                let instagram = connection.instagram_account_id.map(|id| id.as_str().to_owned());
                for owner in page.page_id.iter().chain(&instagram) {
                    pages.of_owners.insert(owner.clone(), page.clone());
                }
            }
            pages.of_connections.insert(connection.id.get(), page);
        }
        Ok(Self::Account { scope, pages })
    }

    pub(super) fn is_operator(&self) -> bool {
        matches!(self, Self::Operator(_))
    }

    /// Whether customers' words may be shown.
    pub(super) fn reads_inbox(&self) -> bool {
        matches!(self, Self::Account { scope, .. } if scope.principal.may(Action::ReadInbox).is_ok())
    }

    /// A command is its account's; a webhook is of the account that has all of its Pages.
    pub(super) fn may_see(&self, account: Option<i64>, subject: &Subject) -> bool {
        match self {
            Self::Operator(_) => true,
            Self::Account { scope, pages } => match subject {
                Subject::Owners(owners) => owners.iter().all(|owner| pages.of_owners.contains_key(owner)),
                _ => account == Some(scope.principal.account.get()),
            },
        }
    }

    /// Where nobody of the viewer's has it, Meta's id alone.
    pub(super) fn page_of_owner(&self, owner: &str) -> ParkedPage {
        let known = match self {
            Self::Account { pages, .. } => pages.of_owners.get(owner).cloned(),
            Self::Operator(_) => None,
        };
        known.unwrap_or_else(|| ParkedPage { page_id: Some(owner.to_owned()), ..ParkedPage::default() })
    }

    pub(super) fn page_of_connection(&self, id: i64) -> Option<ParkedPage> {
        match self {
            Self::Account { pages, .. } => pages.of_connections.get(&id).cloned(),
            Self::Operator(_) => Some(ParkedPage { connection_id: Some(id), ..ParkedPage::default() }),
        }
    }

    /// `page` or `instagram`, as an envelope says it.
    pub(super) fn object_of(&self, entry: &QuarantinedEntry) -> Option<String> {
        let owner = entry.owner_id.as_deref()?;
        Some(entry.object.clone().unwrap_or_else(|| self.likely_object_of(owner).to_owned()))
    }

    /// For entries that were kept before the object was kept with them.
    fn likely_object_of(&self, owner: &str) -> &'static str {
        let page = self.page_of_owner(owner);
        let is_page = page.page_id.as_deref() == Some(owner);
        let is_known = page.connection_id.is_some();
        if (is_known && is_page) || (!is_known && !owner.starts_with(INSTAGRAM)) { "page" } else { "instagram" }
    }

    /// Meta's ids that `page` of a filter can mean; none where the filter has no page.
    pub(super) fn owners_of(&self, page: Option<&str>) -> Option<Vec<String>> {
        let page = page?;
        let mut owners = vec![page.to_owned()];
        if let Self::Account { pages, .. } = self {
            let is_meant = |of: &ParkedPage| {
                of.page_id.as_deref() == Some(page) || of.connection_id.is_some_and(|id| id.to_string() == page)
            };
            owners = pages.of_owners.iter().filter(|(_, of)| is_meant(of)).map(|(owner, _)| owner.clone()).collect();
        }
        Some(owners)
    }

    /// A run's command names no Page; its row does.
    pub(super) async fn fill_in_pages(&self, found: &mut [Found]) -> Answer<()> {
        let Self::Account { scope, .. } = self else { return Ok(()) };
        let runs: Vec<_> = found.iter().filter_map(|found| found.run).collect();
        if runs.is_empty() {
            return Ok(());
        }
        let of_runs = async |tx: &mut AccountTx| Ok(sync_runs::connections_of(tx, &runs).await?);
        let of_runs: HashMap<_, _> = scope.run(of_runs).await?.into_iter().collect();
        for found in found.iter_mut().filter(|found| found.page.is_none()) {
            let connection = found.run.and_then(|run| of_runs.get(&run));
            found.page = connection.and_then(|id| self.page_of_connection(id.get()));
        }
        Ok(())
    }

    pub(super) async fn quarantined(
        &self,
        filter: &QuarantineFilter,
        limit: u32,
        with_body: bool,
    ) -> Answer<Vec<QuarantinedEntry>> {
        match self {
            Self::Account { scope, .. } => {
                let list = async |tx: &mut AccountTx| Ok(review::list(tx, filter, limit, with_body).await?);
                scope.run(list).await
            }
            Self::Operator(state) => {
                let list =
                    async |tx: &mut SystemTx| review::list(tx, filter, limit, with_body).await.map_err(ApiError::from);
                state.store.system(list).await
            }
        }
    }

    pub(super) async fn drop_quarantined(&self, entries: &[QuarantinedEntry]) -> Answer<u64> {
        match self {
            Self::Account { scope, .. } => {
                scope.run(async |tx: &mut AccountTx| Ok(review::drop_as_seen(tx, entries).await?)).await
            }
            Self::Operator(state) => {
                let dropping =
                    async |tx: &mut SystemTx| review::drop_as_seen(tx, entries).await.map_err(ApiError::from);
                state.store.system(dropping).await
            }
        }
    }

    pub(super) async fn count_quarantined(&self) -> Answer<u64> {
        match self {
            Self::Account { scope, .. } => scope.run(async |tx: &mut AccountTx| Ok(review::count(tx).await?)).await,
            Self::Operator(state) => {
                let counting = async |tx: &mut SystemTx| review::count_by_reason(tx).await.map_err(ApiError::from);
                Ok(state.store.system(counting).await?.into_iter().map(|(_, count)| count).sum())
            }
        }
    }
}
