//! Names are fetched behind the messages.

use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use serde_json::{Value, json};

use crate::world::{World, message};

async fn customers(world: &World, page: &str) -> Vec<Value> {
    world.sim("GET", &format!("pages/{page}/customers?limit=10"), Value::Null).await.as_array().unwrap().clone()
}

#[tokio::test]
async fn names_are_fetched_behind_the_messages_and_a_refused_one_ends_nothing() {
    // D2
    let mut world = World::new(SimConfig { world: WorldConfig::simple(1, 4, 1), ..SimConfig::default() }).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    world.connect("Test Person", &page).await;
    let customers = customers(&world, &page).await;
    let psid = |index: usize| customers[index]["psid"].as_str().unwrap().to_owned();
    for (index, profile) in [(1, "empty"), (2, "unavailable"), (3, "forbidden")] {
        world.sim("PATCH", &format!("pages/{page}/customers/{}", psid(index)), json!({"profile": profile})).await;
    }
    let entries =
        (0..4).map(|index| message(&page, &psid(index), &format!("m_{index}"), 1_770_000_000_000, "Hi")).collect();
    world.publish_entries(entries).await;
    world.count_is(4, "select count(*) from contacts where profile_checked_at is not null").await;
    let name = customers[0]["name"].as_str().unwrap().replace('\'', "''");
    assert_eq!(world.number(&format!("select count(*) from contacts where name = '{name}'")).await, 1);
    assert_eq!(world.number("select count(*) from contacts where name is null").await, 3);
    // The picture that came with the name; and both can be found.
    world
        .count_is(
            1,
            &format!(
                "select count(*) from contacts c join contact_pictures p on p.contact_id = c.id
        where c.name = '{name}' and c.picture_at is not null and p.picture_type = 'image/png'"
            ),
        )
        .await;
    world.count_is(1, "select count(*) from search_progress where subject = 'messages' and indexed_up_to = (select max(id) from messages)").await;
    assert_eq!(world.number("select count(*) from message_search where words::text like '%.hi%'").await, 4);
}

#[tokio::test]
async fn the_picture_of_a_contact_that_a_sync_named_is_fetched_once_somebody_looks() {
    let mut world = World::new(SimConfig { world: WorldConfig::simple(1, 3, 1), ..SimConfig::default() }).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    let connection = world.connect("Test Person", &page).await;
    world.ended(world.start_sync(RunKind::Full, connection).await).await;
    assert_eq!(world.number("select count(*) from contacts where name is not null").await, 3);
    assert_eq!(world.number("select count(*) from contact_pictures").await, 0);
    world
        .database
        .execute("update contacts set picture_due_at = now() where id in (select min(id) from contacts)")
        .await;
    let shown = "select count(*) from contacts c join contact_pictures p on p.contact_id = c.id
        where c.id in (select min(id) from contacts) and c.name is not null and c.picture_at is not null
            and c.picture_checked_at is not null and c.picture_due_at is null";
    world.count_is(1, shown).await;
    assert_eq!(world.number("select count(*) from contact_pictures").await, 1);
}

#[tokio::test]
async fn a_message_is_stored_while_facebook_does_not_answer() {
    // D2
    let mut world = World::new(SimConfig { world: WorldConfig::simple(1, 1, 1), ..SimConfig::default() }).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    world.connect("Test Person", &page).await;
    world.sim("POST", "faults", json!({"effect": "hang"})).await;
    world.publish_entries(vec![message(&page, "77", "m_1", 1_770_000_000_000, "anybody there?")]).await;
    world.count_is(1, "select count(*) from messages where text = 'anybody there?'").await;
}
