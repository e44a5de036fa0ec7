//! A switched-off Page is unsubscribed at Meta and its tokens are wiped.

use pagekeeper_bus::Outgoing;
use pagekeeper_contracts::v1::DisconnectPage;
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test]
async fn a_disconnected_page_is_unsubscribed_and_its_tokens_are_wiped() {
    // A12
    let world = World::new(SimConfig { world: WorldConfig::simple(1, 2, 2), ..SimConfig::default() }).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    world.log_in("Test Person").await;
    world.ended(world.start_connect().await).await;
    let connection_id = world.number("select id from connections").await;
    world.database.execute("update connections set state = 'disconnected', disconnected_at = now()").await;
    // Facebook is away at first: the command waits, and is carried out later.
    let effect = json!({"error": {"status": 500, "code": 2, "is_transient": true}});
    world
        .sim("POST", "faults", json!({"method": "DELETE", "path": "subscribed_apps", "times": 1, "effect": effect}))
        .await;
    let command = DisconnectPage { account_id: world.account.get(), connection_id };
    world.publish(Outgoing::of(&command)).await;
    world.count_is(1, "select count(*) from credentials where kind = 'page' and sealed is null and not is_valid").await;
    let subscribed = world.sim("GET", &format!("pages/{page}"), Value::Null).await["subscribed_fields"].clone();
    assert!(subscribed.as_array().is_none_or(Vec::is_empty), "{subscribed}");
    assert_eq!(world.number("select count(*) from conversations").await, 2);
}
