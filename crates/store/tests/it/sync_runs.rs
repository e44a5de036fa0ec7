//! Sync runs: one at a time for a Page, resumed after a crash, fenced by version (SPEC C7).

use std::time::Duration;

use chrono::TimeDelta;
use pagekeeper_common::domain::ids::{RunId, ThreadId};
use pagekeeper_common::domain::sync_run::{CircleGuard, OlderMessages, RunCursor, RunKind, RunPhase, RunState};
use pagekeeper_store::connections::Synced;
use pagekeeper_store::messages::StoreBatch;
use pagekeeper_store::sync_runs::{self, CreatedRun, EndedRun, NewRun, RunEnd, RunLease, RunProgress};
use pagekeeper_store::{AccountTx, AccountsTx, Store, StoreError, SystemTx, connections};

use crate::fixture::{Fixture, Tenant, at};

const MINUTE: Duration = Duration::from_mins(1);

pub(crate) fn progress() -> RunProgress {
    RunProgress {
        phase: RunPhase::FetchingConversations,
        cursor: RunCursor {
            after: Some("QVFI".to_owned()),
            listed: false,
            conversations: 50,
            newest: Some(at(9)),
            older: vec![OlderMessages {
                thread_id: ThreadId::parse("t_1").unwrap(),
                psid: "7".to_owned(),
                after: "abc".to_owned(),
                circle: CircleGuard::default(),
            }],
            ..RunCursor::default()
        },
        expected_conversations: Some(500),
        conversations: 50,
        calls: 2,
        throttled_ms: 30,
        bytes: 1_000,
        errors: 1,
        rows_known: 0,
    }
}

fn new_run(tenant: &Tenant, kind: RunKind) -> NewRun {
    match kind {
        RunKind::Connect => NewRun::connect(tenant.account_id, tenant.owner),
        _ => NewRun::of_page(tenant.account_id, kind, tenant.connection_id),
    }
}

async fn create(store: &Store, tenant: &Tenant, kind: RunKind) -> CreatedRun {
    let new = new_run(tenant, kind);
    store.account(tenant.account_id, async |tx: &mut AccountTx| sync_runs::create(tx, &new).await).await.unwrap()
}

async fn claim(store: &Store, tenant: &Tenant, id: RunId, owner: &str) -> Option<(sync_runs::Run, RunLease)> {
    store
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| sync_runs::claim(tx, id, owner, MINUTE).await)
        .await
        .unwrap()
}

#[tokio::test]
async fn of_the_same_thing_a_page_has_one_run_at_a_time() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let (gateway, worker) = (fixture.gateway(), fixture.worker());
    let first = create(&gateway, &tenant, RunKind::Incremental).await;
    assert!(matches!(first, CreatedRun::Created(_)));
    assert_eq!(create(&gateway, &tenant, RunKind::Incremental).await, CreatedRun::AlreadyActive(first.id()));
    let connect = create(&gateway, &tenant, RunKind::Connect).await;
    assert!(matches!(connect, CreatedRun::Created(_)));
    assert_eq!(create(&gateway, &tenant, RunKind::Connect).await, CreatedRun::AlreadyActive(connect.id()));

    let (_, lease) = claim(&worker, &tenant, first.id(), "a").await.unwrap();
    let result = serde_json::json!({"pages": 1});
    let ended = RunEnd { state: RunState::Succeeded, error: None, result: None };
    worker
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
            sync_runs::save_result(tx, &lease, &result).await?;
            sync_runs::end(tx, &lease, &ended, None).await
        })
        .await
        .unwrap();
    assert!(matches!(create(&gateway, &tenant, RunKind::Incremental).await, CreatedRun::Created(_)));
    assert!(claim(&worker, &tenant, first.id(), "b").await.is_none());
    let run = worker
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| sync_runs::find(tx, first.id()).await)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((run.state, run.result), (RunState::Succeeded, Some(result)));
}

#[tokio::test]
async fn a_page_of_data_and_the_cursor_after_it_are_stored_together() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    let run = create(&fixture.gateway(), &tenant, RunKind::First).await.id();
    let (_, lease) = claim(&store, &tenant, run, "a").await.unwrap();
    let batch = tenant.message("7", "m_1", false, 1, "hello");
    let (stored, _) = store.store_sync_page(&lease, &batch, &progress()).await.unwrap();
    assert_eq!((stored.new_messages, stored.new_contacts.len(), stored.changed.len()), (1, 1, 1));
    store.store_sync_page(&lease, &batch, &progress()).await.unwrap();

    let run = store
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| sync_runs::find(tx, run).await)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(run.cursor, progress().cursor);
    assert_eq!((run.state, run.phase), (RunState::Running, RunPhase::FetchingConversations));
    assert_eq!((run.conversations, run.conversations_changed, run.messages, run.contacts), (100, 1, 1, 1));
    assert_eq!((run.calls, run.throttled_ms, run.expected_conversations), (4, 60, Some(500)));
    assert_eq!((run.rows_new, run.rows_changed, run.rows_same, run.bytes, run.errors), (2, 0, 2, 2_000, 2));

    let last = RunProgress { rows_known: 7, ..progress() };
    let ended = RunEnd { state: RunState::Succeeded, error: None, result: None };
    let end = async |tx: &mut AccountsTx| sync_runs::end(tx, &lease, &ended, Some(&last)).await;
    store.accounts(&[tenant.account_id], end).await.unwrap();
    let run = store
        .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| sync_runs::find(tx, run.id).await)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((run.state, run.phase, run.conversations, run.calls), (RunState::Succeeded, RunPhase::Done, 150, 6));
    assert_eq!((run.throttled_ms, run.bytes, run.errors, run.rows_same), (90, 3_000, 3, 9));
    let counted = "select (runs = 1 and calls = 6 and errors = 3 and throttled_ms = 90 and bytes = 3000 and rows_same = 9)::int::bigint
        from sync_statistics";
    assert_eq!(fixture.database.number(counted).await, 1);
}

#[tokio::test]
async fn each_row_is_counted_by_what_became_of_it() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    let counted = async |batch: &StoreBatch| {
        let rows = store.store_messages(batch).await.unwrap().rows;
        (rows.new, rows.changed, rows.same)
    };
    assert_eq!(counted(&tenant.message("7", "m_1", false, 1, "hello")).await, (2, 0, 0));
    assert_eq!(counted(&tenant.message("7", "m_1", false, 1, "hello")).await, (0, 0, 2));
    // A later message moves its conversation; an earlier one leaves it.
    assert_eq!(counted(&tenant.message("7", "m_3", false, 3, "are you there?")).await, (1, 1, 0));
    assert_eq!(counted(&tenant.message("7", "m_2", false, 2, "hm")).await, (1, 0, 1));
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_writes_nothing() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    let run = create(&fixture.gateway(), &tenant, RunKind::First).await.id();
    let (_, stale) = claim(&store, &tenant, run, "a").await.unwrap();
    assert!(claim(&store, &tenant, run, "b").await.is_none());

    fixture.database.execute("update sync_runs set lease_until = now() - interval '1 second'").await;
    let (_, fresh) = claim(&store, &tenant, run, "b").await.unwrap();
    let batch = tenant.message("7", "m_1", false, 1, "hello");
    let error = store.store_sync_page(&stale, &batch, &progress()).await.unwrap_err();
    assert!(matches!(error, StoreError::LeaseLost), "{error:?}");
    assert_eq!(fixture.database.number("select count(*) from messages").await, 0);
    let ended = RunEnd { state: RunState::Failed, error: None, result: None };
    let end = async |lease: RunLease| {
        store
            .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| sync_runs::end(tx, &lease, &ended, None).await)
            .await
    };
    assert!(matches!(end(stale).await.unwrap_err(), StoreError::LeaseLost));
    store.store_sync_page(&fresh, &batch, &progress()).await.unwrap();
    end(fresh).await.unwrap();
    assert!(matches!(end(fresh).await.unwrap_err(), StoreError::LeaseLost));
}

#[tokio::test]
async fn runs_end_together_or_none_of_them() {
    let mut fixture = Fixture::new().await;
    let tenants = [fixture.tenant("100").await, fixture.tenant("200").await];
    let accounts = tenants.each_ref().map(|tenant| tenant.account_id);
    let (store, gateway) = (fixture.worker(), fixture.gateway());
    let mut leases = Vec::new();
    // Two of the first Page, which are counted in one row.
    for (tenant, kind) in
        [(&tenants[0], RunKind::First), (&tenants[0], RunKind::Details), (&tenants[1], RunKind::First)]
    {
        let run = create(&gateway, tenant, kind).await.id();
        leases.push(claim(&store, tenant, run, "a").await.unwrap().1);
    }
    let (end, last) = (RunEnd { state: RunState::Succeeded, error: None, result: None }, progress());
    let end_all = async |leases: &[RunLease]| {
        let runs: Vec<EndedRun<'_>> =
            leases.iter().map(|lease| EndedRun { lease: *lease, end: &end, last: Some(&last) }).collect();
        store.accounts(&accounts, async |tx: &mut AccountsTx| sync_runs::end_all(tx, &runs).await).await
    };

    let run = leases[2].run_id;
    let lost = format!("update sync_runs set lease_until = now() - interval '1 second' where id = {run}");
    fixture.database.execute(&lost).await;
    let (_, fresh) = claim(&store, &tenants[1], run, "b").await.unwrap();
    assert!(matches!(end_all(&leases).await.unwrap_err(), StoreError::LeaseLost));
    assert_eq!(fixture.database.number("select count(*) from sync_runs where state = 'running'").await, 3);
    leases[2] = fresh;
    end_all(&leases).await.unwrap();
    let ended = "select count(*) from sync_runs where state = 'succeeded' and calls = 2 and conversations = 50";
    assert_eq!(fixture.database.number(ended).await, 3);
    let counted = fixture.lines("select runs, calls, bytes from sync_statistics order by connection_id").await;
    assert_eq!(counted, ["(2,4,2000)", "(1,2,1000)"]);
}

#[tokio::test]
async fn an_abandoned_run_is_claimed_once_for_another_command_and_goes_on_from_its_cursor() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    let id = create(&fixture.gateway(), &tenant, RunKind::First).await.id();
    let (_, lease) = claim(&store, &tenant, id, "a").await.unwrap();
    store.store_sync_page(&lease, &tenant.message("7", "m_1", false, 1, "hello"), &progress()).await.unwrap();
    let abandoned =
        async || store.system(async |tx: &mut SystemTx| sync_runs::claim_waiting(tx, 10, &[]).await).await.unwrap();
    assert!(abandoned().await.is_empty());
    fixture.database.execute("update sync_runs set lease_until = now() - interval '1 second'").await;
    let found = abandoned().await;
    assert_eq!(found.iter().map(|run| (run.run_id, run.account_id)).collect::<Vec<_>>(), [(id, tenant.account_id)]);
    assert!(abandoned().await.is_empty());
    let (run, _) = claim(&store, &tenant, id, "b").await.unwrap();
    assert_eq!(run.cursor, progress().cursor);
    assert!(matches!(
        store.store_sync_page(&lease, &tenant.message("8", "m_2", false, 1, "hello"), &progress()).await,
        Err(StoreError::LeaseLost)
    ));
}

// C5
#[tokio::test]
async fn a_pages_statistics_count_its_rows_and_the_runs_of_a_day() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    for (psid, mid) in [("7", "m_1"), ("7", "m_2"), ("8", "m_3")] {
        store.store_messages(&tenant.message(psid, mid, false, 1, "hello")).await.unwrap();
    }
    let runs = format!(
        "insert into sync_runs (account_id, connection_id, kind, state, created_at)
         select {}, {}, 'incremental', 'succeeded', now() - n * interval '30 minutes' from generate_series(1, 4) n",
        tenant.account_id, tenant.connection_id
    );
    fixture.database.execute(&runs).await;
    let statistics = fixture
        .gateway()
        .account(tenant.account_id, async |tx: &mut AccountTx| sync_runs::statistics(tx, tenant.connection_id).await)
        .await
        .unwrap();
    assert_eq!(
        (
            statistics.total_conversations,
            statistics.total_contacts,
            statistics.total_messages,
            statistics.syncs_last_24h
        ),
        (2, 2, 3, 4)
    );
    assert!((statistics.average_interval_s.unwrap() - 1800.0).abs() < 1.0);
}

// C7
#[tokio::test]
async fn a_page_is_due_when_it_was_not_synced_lately() {
    let mut fixture = Fixture::new().await;
    let stale = fixture.tenant("100").await;
    let fresh = fixture.tenant("200").await;
    let busy = fixture.tenant("300").await;
    let off = fixture.tenant("400").await;
    let (gateway, worker) = (fixture.gateway(), fixture.worker());
    worker
        .accounts(&[fresh.account_id], async |tx: &mut AccountsTx| {
            let synced = Synced { connection_id: fresh.connection_id, watermark: Some(at(5)), digest: None };
            connections::mark_synced(tx, &[synced]).await
        })
        .await
        .unwrap();
    create(&gateway, &busy, RunKind::Incremental).await;
    gateway
        .account(off.account_id, async |tx: &mut AccountTx| connections::disconnect(tx, off.connection_id).await)
        .await
        .unwrap();
    let stale_before = chrono::Utc::now() - TimeDelta::minutes(30);
    for store in [&gateway, &worker] {
        let due =
            store.system(async |tx: &mut SystemTx| connections::list_due(tx, stale_before, 10).await).await.unwrap();
        // The busy one too: whoever starts a run for it joins the one that is at work.
        let due: Vec<_> = due.iter().map(|due| due.connection_id).collect();
        assert_eq!(due, [stale.connection_id, busy.connection_id]);
    }
}
