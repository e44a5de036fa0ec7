//! The names of one Page's contacts.

use std::time::Duration;

use pagekeeper_common::domain::ids::{AccountId, ConnectionId, ContactId, PageId};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::contacts::{self, ContactToAskFor};
use pagekeeper_store::credentials::{self, OpenedToken};
use pagekeeper_store::{StoreError, connections};

use super::pictures::fetch_pictures;
use super::plan::{NamesPlan, plan_names};
use crate::parts::Parts;
use crate::sync::platform;
use crate::trouble::{CalledPage, mark_trouble};
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_common::graph::Platform;
use pagekeeper_limits::{CallError, CallKind, Meter};

/// Profiles that Meta answers in one batch.
const BATCH: usize = 50;

/// Until a name is asked for again; doubled with each failure.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// While a Page has no token that works: its contacts are asked for again once it is connected anew.
const WITHOUT_TOKEN: Duration = Duration::from_mins(30);

/// Fetches and stores the names of one Page's contacts.
pub(super) async fn fetch_page(
    parts: &Parts,
    (account_id, connection_id): (AccountId, ConnectionId),
    contacts: Vec<ContactToAskFor>,
) -> Result<(), StoreError> {
    let names = PageNames { parts, account_id, connection_id };
    let Some(((page_id, platform), token)) = names.load().await? else {
        return names.postpone(&ids(&contacts), WITHOUT_TOKEN, false).await;
    };
    for (index, batch) in contacts.chunks(BATCH).enumerate() {
        if !names.fetch((&page_id, platform), &token, batch).await? {
            let rest = contacts.get(index * BATCH + batch.len()..).unwrap_or_default();
            return names.postpone(&ids(rest), AFTER_FAILURE, false).await;
        }
    }
    Ok(())
}

struct PageNames<'a> {
    parts: &'a Parts,
    account_id: AccountId,
    connection_id: ConnectionId,
}

impl PageNames<'_> {
    async fn load(&self) -> Result<Option<((PageId, Platform), OpenedToken)>, StoreError> {
        let (account_id, connection_id, keys) = (self.account_id, self.connection_id, self.parts.keys.as_ref());
        self.parts
            .store
            .accounts(&[account_id], async |tx| {
                let connection = connections::find(tx, connection_id).await?;
                let token = credentials::find_page_token(tx, keys, account_id, connection_id).await?;
                Ok(connection.map(|connection| (connection.page_id, platform(connection.connection_type))).zip(token))
            })
            .await
    }

    /// Whether the Page may be asked on.
    async fn fetch(
        &self,
        (page_id, platform): (&PageId, Platform),
        token: &OpenedToken,
        batch: &[ContactToAskFor],
    ) -> Result<bool, StoreError> {
        let psids: Vec<_> = batch.iter().map(|contact| contact.psid.clone()).collect();
        let (graph, auth, psids) = (&self.parts.graph, self.parts.graph.auth(&token.token), psids.as_slice());
        let cost = u32::try_from(psids.len()).unwrap_or(u32::MAX);
        let mut meter = Meter::default();
        let answers = self
            .parts
            .limits
            .call(CallKind::Page(page_id), Lane::Background, cost, &mut meter, || {
                graph.profiles(&auth, platform, psids)
            })
            .await;
        match answers {
            Ok(answers) => self.store(page_id, token, plan_names(batch, answers, self.parts.clock.now())).await,
            Err(CallError::Store(error)) => Err(error),
            Err(CallError::Throttled(wait)) => self.postpone(&ids(batch), wait, false).await.map(|()| false),
            Err(CallError::Graph(error)) => {
                tracing::info!(area = "webhook", connection.id = %self.connection_id, error = %Chain(&error), "no names were told");
                let token_failed = error.decision.is_token_failure().then_some(error.decision);
                self.store(page_id, token, NamesPlan { postponed: ids(batch), token_failed, ..NamesPlan::default() })
                    .await?;
                Ok(false)
            }
        }
    }

    async fn store(&self, page_id: &PageId, token: &OpenedToken, plan: NamesPlan) -> Result<bool, StoreError> {
        let names = plan.names.as_slice();
        let changed =
            self.parts.store.accounts(&[self.account_id], async |tx| contacts::store_names(tx, names).await).await?;
        let told = names.iter().filter(|name| name.name.is_some()).count();
        tracing::info!(area = "webhook", connection.id = %self.connection_id, names = told, "Fetched sender names from Facebook");
        let changed = changed.iter().map(|changed| (changed.account_id, changed.conversation_id));
        self.parts.facts.conversations_changed(changed, self.parts.clock.now());
        self.postpone(&plan.postponed, AFTER_FAILURE, true).await?;
        fetch_pictures(self.parts, self.account_id, &plan.pictures).await?;
        if let Some(decision) = plan.token_failed {
            let page = CalledPage {
                account_id: self.account_id,
                connection_id: self.connection_id,
                page_id,
                token_id: token.id,
            };
            mark_trouble(self.parts, page, decision).await?;
            return Ok(false);
        }
        Ok(true)
    }

    async fn postpone(&self, contacts: &[ContactId], delay: Duration, failed: bool) -> Result<(), StoreError> {
        if contacts.is_empty() {
            return Ok(());
        }
        self.parts
            .store
            .accounts(&[self.account_id], async |tx| contacts::postpone(tx, contacts, delay, failed).await)
            .await
    }
}

fn ids(contacts: &[ContactToAskFor]) -> Vec<ContactId> {
    contacts.iter().map(|contact| contact.id).collect()
}
