//! C8: what syncs did is kept for a while, not for ever; and tables have statistics soon after their first rows.

use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_graph_sim::{SimConfig, WorldConfig};

use crate::world::World;

#[tokio::test]
async fn runs_that_ended_long_ago_are_forgotten_and_those_that_wait_for_a_person_stay() {
    let sim = SimConfig { world: WorldConfig::simple(1, 0, 0), ..SimConfig::default() };
    let mut world = World::without_worker(sim).await;
    let account = world.account;
    let connection = world.rows.connection(account, "100").await;
    for (state, days) in [("succeeded", 91), ("succeeded", 89), ("parked", 91)] {
        let ended = format!("now() - interval '{days} days'");
        world
            .database
            .execute(&format!(
                "insert into sync_runs (account_id, connection_id, kind, state, started_at, ended_at)
                 values ({account}, {connection}, 'incremental', '{state}', {ended}, {ended})"
            ))
            .await;
    }
    world.start_worker().await;
    world.count_is(2, "select count(*) from sync_runs").await;
    let old = "select count(*) from sync_runs where state = 'parked' or ended_at > now() - interval '90 days'";
    assert_eq!(world.number(old).await, 2);
}

#[tokio::test]
async fn tables_have_statistics_soon_after_their_first_rows() {
    let sim = SimConfig { world: WorldConfig::simple(1, 60, 5), ..SimConfig::default() };
    let mut world = World::new(sim).await;
    let page = world.page_id("Page 1").await;
    let connection = world.connect("Test Person", &page).await;
    world.start_sync(RunKind::Full, connection).await;
    let known = "select count(*) from pg_class where oid in ('contacts'::regclass, 'conversations'::regclass, 'messages'::regclass)
         and reltuples > 0";
    world.count_is(3, known).await;
}
