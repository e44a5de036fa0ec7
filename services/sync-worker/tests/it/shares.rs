//! Workers share the queues of webhooks: both work, and one goes on alone when the other dies.

use pagekeeper_bus::{Bus, BusConfig};
use pagekeeper_contracts::v1::WebhookEntry;
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use pagekeeper_testkit::{Poll, wait_for};
use tokio_util::sync::CancellationToken;

use crate::world::{LIMIT, World, message};

const PAGES: i64 = 16;
const PEOPLE: i64 = 5;

/// A world of many Pages that remembers which worker stored a message, by the name of its connections.
async fn world() -> World {
    let sim = SimConfig { world: WorldConfig::simple(1, 0, 0), ..SimConfig::default() };
    let mut world = World::without_worker(sim).await;
    for page in 0..PAGES {
        world.rows.connection(world.account, &(100 + page).to_string()).await;
    }
    world
        .database
        .execute(
            "create table stored (id bigint generated always as identity, worker text, connection_id bigint);
             create function note() returns trigger language plpgsql security definer as $$ begin
                 insert into stored (worker, connection_id)
                     select distinct current_setting('application_name'), connection_id from added;
                 return null;
             end $$;
             create trigger note after insert on messages referencing new table as added
                 for each statement execute function note()",
        )
        .await;
    world
}

async fn start_worker(world: &mut World, name: &str) {
    let url = world.database.url_as("pagekeeper_sync_worker");
    let url = format!("{url}{}application_name={name}", if url.contains('?') { '&' } else { '?' });
    let settings = [("PAGEKEEPER__DATABASE__URL", url.as_str()), ("PAGEKEEPER__WEBHOOKS__SHARE_INTERVAL_S", "1")];
    world.start_worker_with(&settings).await;
}

/// A message of each person to each Page.
fn round(number: i64) -> Vec<WebhookEntry> {
    let message = |of: i64| {
        let (page, person) = (100 + of % PAGES, of / PAGES);
        let mid = format!("m_{number}_{of}");
        message(&page.to_string(), &format!("7{person}"), &mid, 1_770_000_000_000 + number, "Hej")
    };
    (0..PAGES * PEOPLE).map(message).collect()
}

/// Goes on with traffic, each message twice, until the last things stored were stored by exactly these workers.
async fn until_at_work(world: &World, rounds: &mut i64, expected: &[&str]) {
    let mut since = world.number("select coalesce(max(id), 0) from stored").await;
    let count = i64::try_from(expected.len()).unwrap();
    let named = expected.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(",");
    wait_for("the workers", LIMIT, async || {
        for _ in 0..2 {
            world.publish_split(round(*rounds), 4).await;
        }
        *rounds += 1;
        world.count_is(*rounds * PAGES * PEOPLE, "select count(*) from messages").await;
        let (names, ours, shared) = (
            world.number(&format!("select count(distinct worker) from stored where id > {since}")).await,
            world
                .number(&format!(
                    "select count(distinct worker) from stored where id > {since} and worker in ({named})"
                ))
                .await,
            world
                .number(&format!(
                    "select count(*) from (select connection_id from stored where id > {since}
                     group by connection_id having count(distinct worker) > 1) pages"
                ))
                .await,
        );
        since = world.number("select max(id) from stored").await;
        let is_so = (names, ours, shared) == (count, count, 0);
        Poll::when(is_so.then_some(()), format!("{names} workers, {ours} of {count}, {shared} Pages of several"))
    })
    .await;
}

#[tokio::test]
async fn two_workers_share_the_pages_and_one_goes_on_alone_when_the_other_is_killed() {
    let mut world = world().await;
    let mut rounds = 0;
    start_worker(&mut world, "first").await;
    until_at_work(&world, &mut rounds, &["first"]).await;
    start_worker(&mut world, "second").await;
    until_at_work(&world, &mut rounds, &["first", "second"]).await;

    // Killed in the middle: what it held comes to the other.
    for number in rounds..rounds + 20 {
        world.publish_split(round(number), 4).await;
    }
    rounds += 20;
    world.kill_first_worker().await;
    until_at_work(&world, &mut rounds, &["second"]).await;
    start_worker(&mut world, "third").await;
    until_at_work(&world, &mut rounds, &["second", "third"]).await;

    world.stop_workers().await;
    assert_eq!(world.number("select count(*) from messages").await, rounds * PAGES * PEOPLE);
    assert_eq!(world.number("select count(*) from conversations").await, PAGES * PEOPLE);
    assert_eq!(world.number("select count(*) from contacts").await, PAGES * PEOPLE);
    assert_eq!(world.number("select count(*) from quarantine").await, 0);
    // Statistics of sessions that have ended are there.
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(world.number(deadlocks).await, 0);
    // Those that stopped have left; the one that was killed is forgotten by itself.
    world.count_is(0, "select count(*) from workers where lease_until > now()").await;
}

#[tokio::test]
async fn queues_beyond_the_configured_number_are_worked_off() {
    let mut world = world().await;
    // As webhook-ingest does that was given a larger number before the workers were.
    let config = BusConfig { webhook_queues: 7, ..BusConfig::new(world.vhost.url()) };
    let bus = Bus::start(&config, "larger", &CancellationToken::new()).unwrap();
    assert!(bus.ready(LIMIT).await);
    world.publish_split(round(0), 7).await;
    start_worker(&mut world, "worker").await;
    world.count_is(PAGES * PEOPLE, "select count(*) from messages").await;

    // And once more while it is at work.
    let config = BusConfig { webhook_queues: 9, ..BusConfig::new(world.vhost.url()) };
    let larger = Bus::start(&config, "larger still", &CancellationToken::new()).unwrap();
    assert!(larger.ready(LIMIT).await);
    world.publish_split(round(1), 9).await;
    world.count_is(2 * PAGES * PEOPLE, "select count(*) from messages").await;
}
