//! Which run is next: one at a time over a whole Page, accounts in turn, and none that was canceled (SPEC C7, C9).

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use pagekeeper_common::domain::ids::{ConversationId, RunId};
use pagekeeper_common::domain::sync_run::{RunKind, RunState};
use pagekeeper_store::sync_runs::{self, CreatedRun, NewRun, RunEnd, RunLease, Saved};
use pagekeeper_store::{AccountTx, AccountsTx, Store, SystemTx};

use crate::fixture::{Fixture, Tenant};
use crate::sync_runs::progress;

const MINUTE: Duration = Duration::from_mins(1);

/// What the tests do with the runs of one tenant.
struct Runs {
    store: Store,
    gateway: Store,
    tenant: Tenant,
}

impl Runs {
    async fn new(fixture: &mut Fixture, page: &str) -> Self {
        let tenant = fixture.tenant(page).await;
        Self { store: fixture.worker(), gateway: fixture.gateway(), tenant }
    }

    async fn create(&self, kind: RunKind) -> RunId {
        self.make(NewRun::of_page(self.tenant.account_id, kind, self.tenant.connection_id)).await.id()
    }

    async fn make(&self, new: NewRun) -> CreatedRun {
        let create = async |tx: &mut AccountTx| sync_runs::create(tx, &new).await;
        self.gateway.account(self.tenant.account_id, create).await.unwrap()
    }

    async fn claim(&self, id: RunId) -> Option<RunLease> {
        let claim = async |tx: &mut AccountsTx| sync_runs::claim(tx, id, "the test", MINUTE).await;
        Some(self.store.accounts(&[self.tenant.account_id], claim).await.unwrap()?.1)
    }

    async fn save(&self, lease: &RunLease) -> Saved {
        let save = async |tx: &mut AccountsTx| sync_runs::save(tx, lease, &progress()).await;
        self.store.accounts(&[self.tenant.account_id], save).await.unwrap()
    }

    async fn end(&self, lease: &RunLease, state: RunState) {
        let end = RunEnd { state, error: None, result: None };
        let end = async |tx: &mut AccountsTx| sync_runs::end(tx, lease, &end, None).await;
        self.store.accounts(&[self.tenant.account_id], end).await.unwrap();
    }

    async fn release(&self, lease: &RunLease, resume_in: Duration) {
        let release = async |tx: &mut AccountsTx| sync_runs::release(tx, lease, resume_in).await;
        self.store.accounts(&[self.tenant.account_id], release).await.unwrap();
    }

    async fn next_of_page(&self, lease: &RunLease) -> Option<RunId> {
        let next = async |tx: &mut AccountsTx| sync_runs::claim_next_of_pages(tx, &[*lease]).await;
        let next = self.store.accounts(&[self.tenant.account_id], next).await.unwrap();
        next.first().map(|(_, run)| *run)
    }

    async fn cancel(&self, id: RunId) {
        let cancel = async |tx: &mut AccountTx| sync_runs::cancel(tx, id).await;
        self.gateway.account(self.tenant.account_id, cancel).await.unwrap();
    }

    async fn state(&self, id: RunId) -> RunState {
        let find = async |tx: &mut AccountTx| sync_runs::find(tx, id).await;
        self.gateway.account(self.tenant.account_id, find).await.unwrap().unwrap().state
    }
}

async fn waiting(store: &Store, limit: u32, except: &[Tenant]) -> Vec<RunId> {
    let except: Vec<_> = except.iter().map(|tenant| tenant.account_id).collect();
    let claim = async |tx: &mut SystemTx| sync_runs::claim_waiting(tx, limit, &except).await;
    store.system(claim).await.unwrap().iter().map(|run| run.run_id).collect()
}

#[tokio::test]
async fn over_a_whole_page_one_run_is_at_work_and_the_most_urgent_follows_it() {
    let mut fixture = Fixture::new().await;
    let runs = Runs::new(&mut fixture, "100").await;
    let backfill = runs.create(RunKind::Backfill).await;
    let at_work = runs.claim(backfill).await.unwrap();
    assert_eq!(runs.save(&at_work).await, Saved::default());

    let full = runs.create(RunKind::Full).await;
    let incremental = runs.create(RunKind::Incremental).await;
    assert!(runs.claim(full).await.is_none() && runs.claim(incremental).await.is_none());
    let part = runs.create(RunKind::Details).await;
    assert!(runs.claim(part).await.is_some(), "a part of a Page waits for nobody");

    assert!(runs.save(&at_work).await.must_yield);
    runs.release(&at_work, Duration::ZERO).await;
    assert_eq!(runs.next_of_page(&at_work).await, Some(incremental));
    let urgent = runs.claim(incremental).await.unwrap();
    assert!(runs.claim(backfill).await.is_none());
    assert!(!runs.save(&urgent).await.must_yield);
    runs.end(&urgent, RunState::Succeeded).await;
    assert_eq!(runs.next_of_page(&urgent).await, Some(full));
}

#[tokio::test]
async fn of_many_runs_that_are_claimed_at_once_a_page_gets_one_and_a_run_one_worker() {
    let mut fixture = Fixture::new().await;
    let (one, other) = (Runs::new(&mut fixture, "100").await, Runs::new(&mut fixture, "200").await);
    let backfill = one.create(RunKind::Backfill).await;
    let incremental = one.create(RunKind::Incremental).await;
    let (details, contacts) = (one.create(RunKind::Details).await, one.create(RunKind::Contacts).await);
    let ended = one.create(RunKind::Full).await;
    one.cancel(ended).await;
    let theirs = other.create(RunKind::Incremental).await;
    let all = [backfill, incremental, details, contacts, ended, theirs];
    let accounts = [one.tenant.account_id, other.tenant.account_id];
    let claim = async || {
        let claim = async |tx: &mut AccountsTx| sync_runs::claim_all(tx, &all, "the test", MINUTE).await;
        let claimed = one.store.accounts(&accounts, claim).await.unwrap();
        claimed.into_iter().map(|(run, lease)| (run.id, lease)).collect::<HashMap<_, _>>()
    };
    let (first, second) = tokio::join!(claim(), claim());
    let claimed: HashSet<RunId> = first.keys().chain(second.keys()).copied().collect();
    assert_eq!(claimed, HashSet::from([incremental, details, contacts, theirs]));
    assert_eq!(first.len() + second.len(), 4, "each once");
    let at_work = first.get(&incremental).or(second.get(&incremental)).unwrap();
    one.end(at_work, RunState::Succeeded).await;
    assert_eq!(claim().await.into_keys().collect::<Vec<_>>(), [backfill]);
}

#[tokio::test]
async fn accounts_take_turns_and_whoever_has_enough_is_passed_over() {
    let mut fixture = Fixture::new().await;
    let large = Runs::new(&mut fixture, "100").await;
    let small = Runs::new(&mut fixture, "200").await;
    fixture.database.execute(&format!(
        "insert into connections (account_id, page_id, name, state) select {}, 1000 + n, 'Page', 'connected' from generate_series(1, 50) n;
         insert into sync_runs (account_id, connection_id, kind, lease_until, due_at)
         select account_id, id, 'incremental', now() - interval '1 minute', now() - interval '1 hour' from connections where page_id > '1000'",
        large.tenant.account_id,
    )).await;
    let lonely = small.create(RunKind::Incremental).await;
    let urgent = large
        .make(NewRun {
            interactive: true,
            ..NewRun::of_page(large.tenant.account_id, RunKind::Details, large.tenant.connection_id)
        })
        .await
        .id();
    fixture.database.execute("update sync_runs set lease_until = now() - interval '1 second'").await;

    let first = waiting(&large.store, 3, &[]).await;
    assert!(first.contains(&lonely) && first.contains(&urgent), "{first:?}");
    let all = waiting(&large.store, 100, &[]).await;
    assert_eq!(all.len(), 49);
    assert!(waiting(&large.store, 100, &[]).await.is_empty(), "they were claimed a moment ago");

    fixture.database.execute("update sync_runs set lease_until = now() - interval '1 second'").await;
    let mut rest = waiting(&large.store, 100, std::slice::from_ref(&large.tenant)).await;
    rest.sort();
    assert_eq!(rest, [lonely, urgent], "what somebody waits for goes all the same");
}

#[tokio::test]
async fn a_run_starts_no_earlier_than_it_is_due() {
    let mut fixture = Fixture::new().await;
    let runs = Runs::new(&mut fixture, "100").await;
    let delay = Duration::from_hours(1);
    let new =
        NewRun { delay, ..NewRun::of_page(runs.tenant.account_id, RunKind::Incremental, runs.tenant.connection_id) };
    let late = runs.make(new).await.id();
    fixture.database.execute("update sync_runs set lease_until = now() - interval '1 second'").await;
    assert!(waiting(&runs.store, 10, &[]).await.is_empty());
    fixture.database.execute("update sync_runs set due_at = now()").await;
    assert_eq!(waiting(&runs.store, 10, &[]).await, [late]);
}

#[tokio::test]
async fn a_canceled_run_ends_at_once_or_when_its_worker_saves() {
    let mut fixture = Fixture::new().await;
    let runs = Runs::new(&mut fixture, "100").await;
    let at_work = runs.create(RunKind::Full).await;
    let lease = runs.claim(at_work).await.unwrap();
    let queued = runs.create(RunKind::Incremental).await;
    runs.cancel(at_work).await;
    runs.cancel(queued).await;
    assert_eq!((runs.state(at_work).await, runs.state(queued).await), (RunState::Running, RunState::Canceled));
    assert!(runs.claim(queued).await.is_none());
    assert!(runs.save(&lease).await.is_canceled);
    runs.end(&lease, RunState::Canceled).await;
    runs.cancel(at_work).await;
    assert_eq!(runs.state(at_work).await, RunState::Canceled);
}

// C9
#[tokio::test]
async fn a_parked_run_is_tried_again_unless_one_like_it_is_active() {
    let mut fixture = Fixture::new().await;
    let runs = Runs::new(&mut fixture, "100").await;
    let parked = runs.create(RunKind::Incremental).await;
    let lease = runs.claim(parked).await.unwrap();
    runs.end(&lease, RunState::Parked).await;
    let newer = runs.create(RunKind::Incremental).await;
    assert!(runs.claim(parked).await.is_none());
    let lease = runs.claim(newer).await.unwrap();
    runs.end(&lease, RunState::Succeeded).await;
    assert!(runs.claim(parked).await.is_some());
    assert_eq!(runs.state(parked).await, RunState::Running);
}

#[tokio::test]
async fn two_conversations_of_a_page_are_two_runs_and_twice_the_same_is_one() {
    let mut fixture = Fixture::new().await;
    let runs = Runs::new(&mut fixture, "100").await;
    for (psid, mid) in [("7", "m_1"), ("8", "m_2")] {
        runs.store.store_messages(&runs.tenant.message(psid, mid, false, 1, "hello")).await.unwrap();
    }
    let ids = fixture.lines("select id::text from conversations order by id").await;
    let ids: Vec<i64> = ids.iter().map(|id| id.trim_matches(['(', ')']).parse().unwrap()).collect();
    let of = |id: i64| NewRun {
        conversation_id: Some(ConversationId::new(id)),
        interactive: true,
        ..NewRun::of_page(runs.tenant.account_id, RunKind::Messages, runs.tenant.connection_id)
    };
    let first = runs.make(of(ids[0])).await;
    assert!(matches!(first, CreatedRun::Created(_)));
    assert!(matches!(runs.make(of(ids[1])).await, CreatedRun::Created(_)));
    assert_eq!(runs.make(of(ids[0])).await, CreatedRun::AlreadyActive(first.id()));
}

// C8
#[tokio::test]
async fn what_syncs_did_is_kept_by_page_and_hour() {
    let mut fixture = Fixture::new().await;
    let runs = Runs::new(&mut fixture, "100").await;
    let other = Runs::new(&mut fixture, "200").await;
    let run = runs.create(RunKind::Incremental).await;
    let lease = runs.claim(run).await.unwrap();
    let batch = runs.tenant.message("7", "m_1", false, 1, "hello");
    for _ in 0..2 {
        runs.store.store_sync_page(&lease, &batch, &progress()).await.unwrap();
    }
    runs.end(&lease, RunState::Failed).await;
    let since = chrono::Utc::now() - Duration::from_hours(1);
    let history = async |runs: &Runs| {
        let history = async |tx: &mut AccountTx| sync_runs::history(tx, None, since).await;
        runs.gateway.account(runs.tenant.account_id, history).await.unwrap()
    };
    let hours = history(&runs).await;
    let hour = &hours[0];
    assert_eq!((hour.runs, hour.runs_failed, hour.calls, hour.errors), (1, 1, 4, 2));
    assert_eq!((hour.throttled_ms, hour.bytes), (60, 2_000));
    assert_eq!((hour.rows_new, hour.rows_changed, hour.rows_same), (2, 0, 2));
    assert!(history(&other).await.is_empty());
}
