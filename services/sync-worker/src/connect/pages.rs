//! Pages into the database, to Meta's list of subscribers, and on to their first sync.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use pagekeeper_common::domain::connection::{ConnectionReason, ConnectionState, ConnectionType};
use pagekeeper_common::domain::entry_owner::EntryOwner;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, RunId};
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_common::graph::{Decision, ManagedPage};
use pagekeeper_contracts::v1::SyncPage;
use pagekeeper_outbox as outbox;
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::connections::{self, ConnectOutcome, InstagramDetails, PageDetails};
use pagekeeper_store::credentials::{self, NewPageToken, TokenFacts};
use pagekeeper_store::sync_runs::{self, CreatedRun, NewRun};
use pagekeeper_store::{AccountsTx, StoreError};

use super::ConnectRun;
use super::grant::Grant;
use super::report::ConnectReport;
use crate::events::owners::PageOwner;
use crate::parts::Parts;
use crate::runs::RunError;
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_limits::{CallError, CallKind, Meter};

/// Without these an Instagram account is not connected beside its Page.
const INSTAGRAM_SCOPES: [&str; 2] = ["instagram_basic", "instagram_manage_messages"];

/// A Page, or the Instagram account that is linked to it, stored and committed.
pub(super) struct StoredPage {
    pub(super) page: ManagedPage,
    pub(super) connection_id: ConnectionId,
    pub(super) connection_type: ConnectionType,
    owner: EntryOwner,
    /// It was connected before and its history is known up to a watermark: only what changed is fetched.
    has_history: bool,
    /// An earlier try of this run started its first sync.
    is_started: bool,
}

impl ConnectRun<'_> {
    /// Stores the Pages and their tokens, both or neither.
    pub(super) async fn store_pages(
        &mut self,
        grant: &Grant,
        pages: Vec<ManagedPage>,
        report: &mut ConnectReport,
    ) -> Result<Vec<StoredPage>, RunError> {
        let stored = match self.try_to_store(grant, &pages).await {
            // Another account connected one of them at the same moment: now that is seen.
            Err(StoreError::Conflict { .. }) => self.try_to_store(grant, &pages).await?,
            stored => stored?,
        };
        let mut connected = Vec::new();
        for (target, outcome) in &stored.outcomes {
            let Some(page) = pages.get(target.page) else { continue };
            match outcome {
                ConnectOutcome::ConnectedElsewhere => {
                    report.add_refused(
                        &target.named(page),
                        target.connection_type(),
                        ConnectionReason::ConnectedElsewhere,
                    );
                }
                ConnectOutcome::Stored(connection_id) => {
                    self.parts.facts.connection_changed(self.held.run.account_id, *connection_id, &page.id);
                    connected.push(StoredPage {
                        has_history: stored.with_history.contains(connection_id),
                        is_started: stored.started.contains(connection_id),
                        connection_type: target.connection_type(),
                        owner: target.owner.clone(),
                        page: target.named(page),
                        connection_id: *connection_id,
                    });
                }
            }
        }
        Ok(connected)
    }

    async fn try_to_store(&self, grant: &Grant, pages: &[ManagedPage]) -> Result<Stored, StoreError> {
        let (account_id, user_id, run_id) = (self.held.run.account_id, self.user_id, self.held.run.id);
        let keys = self.parts.keys.as_ref();
        let details: Vec<_> = pages.iter().map(details).collect();
        let (places, accounts) = instagram_accounts(grant, pages);
        let (details, accounts) = (details.as_slice(), accounts.as_slice());
        self.parts
            .store
            .accounts(&[account_id], async |tx| {
                let with_history = with_history(tx).await?;
                let started = started(tx, run_id).await?;
                let of_pages = connections::connect_many(tx, account_id, details).await?;
                let of_accounts = connections::connect_instagram(tx, account_id, accounts).await?;
                let page_targets = details.iter().enumerate().map(|(page, details)| Target::page(page, details));
                let account_targets =
                    places.iter().zip(accounts).map(|(page, account)| Target::instagram(*page, account));
                let outcomes: Vec<_> =
                    page_targets.chain(account_targets).zip(of_pages.into_iter().chain(of_accounts)).collect();
                let token_of =
                    |(target, outcome): &(Target, ConnectOutcome)| token(grant, pages.get(target.page)?, *outcome);
                let tokens: Vec<_> = outcomes.iter().filter_map(token_of).collect();
                credentials::store_page_tokens(tx, keys, account_id, user_id, &tokens).await?;
                Ok(Stored { outcomes, with_history, started })
            })
            .await
    }

    /// Subscribes the Pages and starts their first syncs, several at once; one that fails fails alone.
    pub(super) async fn subscribe_pages(
        &mut self,
        pages: Vec<StoredPage>,
        report: &mut ConnectReport,
    ) -> Result<(), RunError> {
        let (parts, account_id, run_id) = (self.parts, self.held.run.account_id, self.held.run.id);
        let at_once = parts.config.connect.parallel_pages.get();
        let mut subscribing = stream::iter(pages)
            .map(|page| async move {
                let subscription = Subscription { parts, account_id, run_id, page: &page };
                let mut meter = Meter::default();
                let connected = subscription.connect(&mut meter).await;
                (page, meter, connected)
            })
            .buffer_unordered(at_once);
        while let Some((stored, meter, connected)) = subscribing.next().await {
            self.held.meter += meter;
            report.add_stored(&stored, connected?);
            self.held.keep().await?;
        }
        Ok(())
    }
}

/// What storing the Pages came to, and what was known of them before.
struct Stored {
    outcomes: Vec<(Target, ConnectOutcome)>,
    with_history: HashSet<ConnectionId>,
    started: HashSet<ConnectionId>,
}

/// What is connected of a Page: itself, or its Instagram account.
struct Target {
    /// Its place among the Pages.
    page: usize,
    owner: EntryOwner,
    /// An Instagram account's own name.
    name: Option<String>,
}

impl Target {
    fn page(page: usize, details: &PageDetails) -> Self {
        Self { page, owner: EntryOwner::Page(details.page_id.clone()), name: None }
    }

    fn instagram(page: usize, account: &InstagramDetails) -> Self {
        let owner = EntryOwner::Instagram(account.instagram_account_id.clone());
        Self { page, owner, name: Some(account.name.clone()) }
    }

    fn connection_type(&self) -> ConnectionType {
        match self.owner {
            EntryOwner::Page(_) => ConnectionType::Facebook,
            EntryOwner::Instagram(_) => ConnectionType::Instagram,
        }
    }

    /// The Page under the name of what is connected of it.
    fn named(&self, page: &ManagedPage) -> ManagedPage {
        ManagedPage { name: self.name.clone().or_else(|| page.name.clone()), ..page.clone() }
    }
}

/// The Instagram accounts that may be connected with what the person granted, each with its Page's place.
fn instagram_accounts(grant: &Grant, pages: &[ManagedPage]) -> (Vec<usize>, Vec<InstagramDetails>) {
    if !INSTAGRAM_SCOPES.iter().all(|scope| grant.scopes.has(scope)) {
        return (Vec::new(), Vec::new());
    }
    let account = |(place, page): (usize, &ManagedPage)| {
        let account = page.instagram.clone()?;
        // Its Page has the same name, mostly: the user name tells them apart.
        let username = account.username.as_ref().map(|username| format!("@{username}"));
        let name = username.or_else(|| account.name.clone()).or_else(|| page.name.clone());
        let details = InstagramDetails {
            page_id: page.id.clone(),
            name: name.unwrap_or_else(|| account.id.as_str().to_owned()),
            instagram_account_id: account.id,
            username: account.username,
            tasks: page.tasks.clone(),
        };
        Some((place, details))
    };
    pages.iter().enumerate().filter_map(account).unzip()
}

/// One Page's way from stored to connected.
struct Subscription<'a> {
    parts: &'a Parts,
    account_id: AccountId,
    run_id: RunId,
    page: &'a StoredPage,
}

impl Subscription<'_> {
    /// Answers why Facebook does not send this Page's webhooks, if it does not.
    async fn connect(&self, meter: &mut Meter) -> Result<Option<ConnectionReason>, StoreError> {
        let id = self.page.connection_id;
        let refused = self.subscribe(meter).await?;
        match refused {
            Some(reason) => {
                let mark = async |tx: &mut _| {
                    connections::mark_troubled(tx, id, ConnectionState::ReauthorizationRequired, reason).await
                };
                self.parts.store.accounts(&[self.account_id], mark).await?;
            }
            None => self.start_first_sync().await?,
        }
        self.parts.facts.connection_changed(self.account_id, id, &self.page.page.id);
        if refused.is_none() {
            let owner = PageOwner { account_id: self.account_id, connection_id: id };
            self.parts.entries.replay(&self.page.owner, owner).await?;
        }
        Ok(refused)
    }

    async fn subscribe(&self, meter: &mut Meter) -> Result<Option<ConnectionReason>, StoreError> {
        let Some(token) = &self.page.page.token else { return Ok(Some(ConnectionReason::NoToken)) };
        let fields: Vec<&str> = self.parts.config.connect.subscribed_fields.iter().map(String::as_str).collect();
        let (graph, page_id, auth, fields) =
            (&self.parts.graph, &self.page.page.id, self.parts.graph.auth(token), &fields);
        let subscribed = self.parts.limits.call(CallKind::Page(page_id), Lane::Interactive, 1, meter, || {
            graph.subscribe_page(&auth, page_id, fields)
        });
        match subscribed.await {
            Ok(()) => Ok(None),
            Err(CallError::Graph(error)) => {
                tracing::warn!(area = "auto_connect", connection.id = %self.page.connection_id, error = %Chain(&error), "Facebook refused to subscribe the Page");
                Ok(Some(reason(error.decision)))
            }
            Err(CallError::Throttled(_)) => Ok(Some(ConnectionReason::FacebookUnavailable)),
            Err(CallError::Store(error)) => Err(error),
        }
    }

    /// Marks the Page as connected, and asks for its first sync in the same transaction.
    async fn start_first_sync(&self) -> Result<(), StoreError> {
        let id = self.page.connection_id;
        let kind = if self.page.has_history { RunKind::Incremental } else { RunKind::First };
        let first = NewRun { parent_id: Some(self.run_id), ..NewRun::of_page(self.account_id, kind, id) };
        let is_started = self.page.is_started;
        self.parts
            .store
            .accounts(&[self.account_id], async |tx| {
                connections::mark_subscribed(tx, id).await?;
                if !is_started && let CreatedRun::Created(run_id) = sync_runs::create(tx, &first).await? {
                    let (account_id, run_id) = (first.account_id.get(), run_id.get());
                    let command = SyncPage { account_id, run_id, interactive: false };
                    outbox::enqueue(tx, &command).await?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        self.parts.outbox.ring();
        Ok(())
    }
}

/// A token that Facebook refuses says more than that it refused to subscribe.
fn reason(decision: Decision) -> ConnectionReason {
    match decision {
        Decision::Refused | Decision::BadRequest | Decision::PolicyBlocked | Decision::Unknown => {
            ConnectionReason::SubscriptionRefused
        }
        other => other.connection_reason(),
    }
}

/// Pages whose conversations are known up to a watermark, and that were not switched off since.
async fn with_history(tx: &mut AccountsTx) -> Result<HashSet<ConnectionId>, StoreError> {
    let known = connections::list(tx).await?;
    Ok(known
        .into_iter()
        .filter(|known| known.sync_watermark.is_some() && known.state != ConnectionState::Disconnected)
        .map(|known| known.id)
        .collect())
}

async fn started(tx: &mut AccountsTx, run_id: RunId) -> Result<HashSet<ConnectionId>, StoreError> {
    let children = sync_runs::list_children(tx, run_id).await?;
    Ok(children.into_iter().filter_map(|child| child.connection_id).collect())
}

fn details(page: &ManagedPage) -> PageDetails {
    PageDetails {
        page_id: page.id.clone(),
        name: page.name.clone().unwrap_or_else(|| page.id.as_str().to_owned()),
        username: page.username.clone(),
        category: page.category.clone(),
        about: None,
        phone: None,
        website: None,
        fan_count: None,
        tasks: Some(page.tasks.clone()),
    }
}

/// A Page's token that a long-lived person's token gave does not expire.
fn token(grant: &Grant, page: &ManagedPage, outcome: ConnectOutcome) -> Option<NewPageToken> {
    let ConnectOutcome::Stored(connection_id) = outcome else { return None };
    let facts = TokenFacts {
        is_long_lived: true,
        expires_at: None,
        data_access_expires_at: grant.data_access_expires_at,
        scopes: grant.scopes.names(),
    };
    Some(NewPageToken { connection_id, token: page.token.clone()?, facts })
}
