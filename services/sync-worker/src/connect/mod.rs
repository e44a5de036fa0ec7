//! The connect run: a person's Pages are fetched, stored with their tokens, subscribed, and each one's first sync is
//! started. Every step may be done twice, so a run that was killed begins anew.
//!
//! Connecting a Page is: store, commit, subscribe, sync, replay. In this order nothing that Meta sends falls between:
//! what comes before the commit waits in quarantine.

mod decide;
mod grant;
mod pages;
mod report;

use std::time::Duration;

use chrono::TimeDelta;
use pagekeeper_common::domain::connection::{ConnectionReason, ConnectionType};
use pagekeeper_common::domain::ids::UserId;
use pagekeeper_common::domain::sync_run::{RunPhase, RunState};
use pagekeeper_common::graph::ManagedPage;
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::StoreError;
use pagekeeper_store::sync_runs::{self, RunEnd};
use tokio::time::sleep;

use crate::parts::Parts;
use crate::runs::{Failure, HeldRun, Outcome, RunError, outcome_of};
use decide::decide_page;
use grant::Grant;
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_limits::CallKind;
use report::ConnectReport;

/// What takes longer goes on in the background.
const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// Between two looks at whether the Pages' first syncs have ended.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A connect run at work.
struct ConnectRun<'a> {
    parts: &'a Parts,
    held: &'a mut HeldRun,
    user_id: UserId,
}

/// Carries out a connect run.
pub async fn connect(parts: &Parts, held: &mut HeldRun) -> Result<Outcome, RunError> {
    let Some(user_id) = held.run.user_id else { return Ok(failed(ConnectionReason::NoToken)) };
    let mut run = ConnectRun { parts, held, user_id };
    let grant = match run.renew_grant().await? {
        Ok(grant) => grant,
        Err(reason) => return Ok(reason),
    };
    let pages = match run.fetch_pages(&grant).await? {
        Ok(pages) => pages,
        Err(reason) => return Ok(reason),
    };
    let report = run.connect_pages(&grant, pages).await?;
    run.show(&report).await?;
    run.wait_for_first_syncs().await?;
    if run.held.interruption().is_some() {
        return Ok(Outcome::Ended(RunEnd { state: RunState::Canceled, error: None, result: None }));
    }
    tracing::info!(area = "auto_connect", pages = report.pages, connected = report.connected, "Auto-connect ended");
    // The result is shown already, and kept.
    Ok(Outcome::Ended(RunEnd { state: RunState::Succeeded, error: None, result: None }))
}

impl ConnectRun<'_> {
    /// All Pages that the person can manage.
    async fn fetch_pages(&mut self, grant: &Grant) -> Result<Result<Vec<ManagedPage>, Outcome>, RunError> {
        self.held.enter(RunPhase::FetchingPages).await?;
        let auth = self.parts.graph.auth(&grant.token);
        let graph = &self.parts.graph;
        // Without the permission the field fails the whole list.
        let with_instagram = grant.scopes.has("instagram_basic");
        let call = self.parts.limits.call(CallKind::Person, Lane::Interactive, 1, &mut self.held.meter, || {
            graph.managed_pages(&auth, with_instagram)
        });
        let managed = match call.await {
            Ok(managed) => managed,
            Err(error) => return Ok(Err(refused(outcome_of(error)?))),
        };
        for skipped in &managed.skipped {
            // Without business_management these lists are not to be had, and the others are.
            tracing::info!(area = "auto_connect", list = ?skipped.list, error = %Chain(&skipped.error), "a list of Pages was left out");
        }
        if managed.truncated {
            tracing::warn!(
                area = "auto_connect",
                pages = managed.pages.len(),
                "the person manages more Pages than are fetched"
            );
        }
        Ok(Ok(managed.pages))
    }

    async fn connect_pages(&mut self, grant: &Grant, pages: Vec<ManagedPage>) -> Result<ConnectReport, RunError> {
        let mut report = ConnectReport::new(pages.len(), grant.missing(&self.parts.config.connect.required_scopes));
        let mut connectable = Vec::new();
        for page in pages {
            match decide_page(&page, &grant.scopes, &self.parts.config.connect.required_scopes) {
                Ok(()) => connectable.push(page),
                Err(reason) => report.add_refused(&page, ConnectionType::Facebook, reason),
            }
        }
        let stored = self.store_pages(grant, connectable, &mut report).await?;
        self.held.enter(RunPhase::Subscribing).await?;
        self.subscribe_pages(stored, &mut report).await?;
        self.held.enter(RunPhase::FetchingConversations).await?;
        Ok(report)
    }

    /// The Pages that were not connected, and why, are to be seen while the others are still at their first sync.
    async fn show(&mut self, report: &ConnectReport) -> Result<(), StoreError> {
        let (lease, result) = (self.held.lease, report.to_json());
        let save = async |tx: &mut _| sync_runs::save_result(tx, &lease, &result).await;
        self.parts.store.accounts(&[lease.account_id], save).await?;
        self.parts.facts.run_progressed(self.held.run.account_id, self.held.run.id, None, false);
        Ok(())
    }

    /// Until they ended, or until the time of a connect run is over: then they go on without it.
    async fn wait_for_first_syncs(&mut self) -> Result<(), StoreError> {
        let started_at = self.held.run.started_at.unwrap_or(self.held.run.created_at);
        let (account_id, run_id) = (self.held.run.account_id, self.held.run.id);
        while self.parts.clock.now() < started_at + LONGEST {
            let list = async |tx: &mut _| sync_runs::list_children(tx, run_id).await;
            let children = self.parts.store.accounts(&[account_id], list).await?;
            if self.held.interruption().is_some() || children.iter().all(|child| child.state.has_ended()) {
                return Ok(());
            }
            sleep(LOOK_EVERY).await;
            self.held.keep().await?;
        }
        Ok(())
    }
}

fn refused(failure: Failure) -> Outcome {
    match failure {
        Failure::Throttled(wait) => Outcome::PutOff(wait),
        Failure::Graph(error) => {
            tracing::warn!(area = "auto_connect", error = %Chain(&error), "Facebook refused");
            failed(error.decision.connection_reason())
        }
        Failure::Ended(end) => Outcome::Ended(end),
        Failure::Interrupted(_) => Outcome::PutOff(Duration::ZERO),
    }
}

fn failed(reason: ConnectionReason) -> Outcome {
    Outcome::Ended(RunEnd { state: RunState::Failed, error: Some(reason.as_str().to_owned()), result: None })
}
