//! A person's Pages are connected.

use pagekeeper_common::domain::sync_run::RunState;
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use serde_json::{Value, json};

use crate::world::{World, instagram_entry, message};

fn result_of<'a>(result: &'a Value, page_id: &str) -> &'a Value {
    result["results"].as_array().unwrap().iter().find(|page| page["page_id"] == page_id).unwrap()
}

#[tokio::test]
async fn all_pages_of_a_person_are_connected_also_those_of_a_business() {
    // A1, A2, A7
    let world = World::new(SimConfig::default()).await;
    world.log_in("Linh Trần").await;
    let run = world.ended(world.start_connect().await).await;
    assert_eq!(run.state, RunState::Succeeded, "{run:?}");
    let result = run.result.unwrap();
    assert_eq!((&result["pages"], &result["connected"]), (&json!(3), &json!(3)), "{result}");
    let connected = "select count(*) from connections where state = 'connected' and subscribed_at is not null
        and picture is not null and category is not null and last_synced_at is not null";
    assert_eq!(world.number(connected).await, 3);
    let of_pages = "select count(*) from conversations v join connections c on c.id = v.connection_id
        where v.thread_id is not null and c.connection_type = 'facebook'";
    assert_eq!(world.number(of_pages).await, 60 + 40 + 25);
    world.count_is(0, "select count(*) from contacts where name is null").await;
    // Sealed, not clear: Meta's tokens begin with EAA.
    let sealed = "select count(*) from credentials where kind = 'page' and is_long_lived and position('EAA'::bytea in sealed) = 0";
    assert_eq!(world.number(sealed).await, 4);
    let person = "select count(*) from credentials where kind = 'user' and is_long_lived and expires_at > now() + interval '50 days'
        and data_access_expires_at is not null and 'pages_messaging' = any (scopes)";
    assert_eq!(world.number(person).await, 1);
    let business = world.page_id("Bánh Mì Express").await;
    let fields = world.sim("GET", &format!("pages/{business}"), Value::Null).await["subscribed_fields"].clone();
    assert!(fields.as_array().unwrap().contains(&json!("messages")), "{fields}");
    // Older messages than a conversation's newest follow in the background.
    world.all_runs_ended().await;
    let all = "select count(*) from sync_runs where state <> 'succeeded'";
    assert_eq!(world.number(all).await, 0);
}

#[tokio::test]
async fn a3_the_instagram_account_of_a_page_is_connected_and_synced_beside_it() {
    let world = World::new(SimConfig::default()).await;
    let page = world.page_id("Phở Nhà Linh").await;
    let account = world.sim("GET", &format!("pages/{page}"), Value::Null).await["instagram"]["id"].clone();
    let account = account.as_str().unwrap();
    // Written before the account was connected.
    let message = json!({"sender": {"id": "998877"}, "recipient": {"id": account}, "timestamp": 1_790_000_000_000_i64,
        "message": {"mid": "aWdf_early", "text": "Are you open?"}});
    let early = json!({"id": account, "time": 1_790_000_000_000_i64, "messaging": [message]}).to_string();
    world.publish_entries(vec![instagram_entry(account, &early)]).await;
    world.count_is(1, "select count(*) from quarantine where reason = 'page_not_connected'").await;

    world.log_in("Linh Trần").await;
    let result = world.ended(world.start_connect().await).await.result.unwrap();
    let told: Vec<_> =
        result["results"].as_array().unwrap().iter().filter(|one| one["connection_type"] == "instagram").collect();
    assert_eq!(
        (told.len(), &told[0]["name"], &told[0]["success"]),
        (1, &json!("@pho.nha.linh"), &json!(true)),
        "{result}"
    );
    assert_eq!((&result["pages"], &result["connected"]), (&json!(3), &json!(3)), "Pages are counted");
    let connection = format!(
        "select count(*) from connections where connection_type = 'instagram' and page_id = '{page}' and state = 'connected'
             and instagram_account_id = '{account}' and instagram_username = 'pho.nha.linh' and picture is not null"
    );
    assert_eq!(world.number(&connection).await, 1);
    let of_account =
        "from conversations v join connections c on c.id = v.connection_id where c.connection_type = 'instagram'";
    world.count_is(15 + 1, &format!("select count(*) {of_account}")).await;
    assert_eq!(world.number("select count(*) from messages where mid = 'aWdf_early' and not from_page").await, 1);
    let both = format!(
        "select count(distinct m.from_page) from messages m where m.conversation_id in (select v.id {of_account})"
    );
    assert_eq!(world.number(&both).await, 2, "the account's own messages are told from its customers'");
    world.all_runs_ended().await;
}

#[tokio::test]
async fn a_page_without_the_needed_role_is_listed_with_the_reason() {
    // A9
    let world = World::new(SimConfig::default()).await;
    world.log_in("Mia Østergaard").await;
    let run = world.ended(world.start_connect().await).await;
    let result = run.result.unwrap();
    let page = world.page_id("Cykelhuset Aarhus").await;
    assert_eq!(result_of(&result, &page)["error"], "task_missing");
    assert_eq!(result["connected"], 0);
    assert_eq!(world.number("select count(*) from connections").await, 0);
}

#[tokio::test]
async fn a_declined_permission_is_named() {
    // A9
    let world = World::new(SimConfig::default()).await;
    let scopes = ["public_profile", "pages_show_list", "pages_read_engagement", "pages_manage_metadata"];
    world.log_in_with(json!({"person": "Linh Trần", "long_lived": false, "scopes": scopes})).await;
    let result = world.ended(world.start_connect().await).await.result.unwrap();
    assert_eq!(result["missing_scopes"], json!(["pages_messaging"]));
    assert!(result["results"].as_array().unwrap().iter().all(|page| page["error"] == "permission_missing"), "{result}");
}

#[tokio::test]
async fn a_page_of_another_account_stays_there() {
    let mut world = World::new(SimConfig::default()).await;
    let page = world.page_id("Phở Nhà Linh").await;
    let other = world.rows.account("Another account").await;
    world.rows.connection(other, &page).await;
    world.log_in("Linh Trần").await;
    let result = world.ended(world.start_connect().await).await.result.unwrap();
    assert_eq!(result_of(&result, &page)["error"], "connected_elsewhere");
    assert_eq!(result["connected"], 2);
    assert_eq!(world.number(&format!("select count(*) from connections where account_id = {other}")).await, 1);
}

#[tokio::test]
async fn a_person_without_pages_is_told_so() {
    let world = World::new(SimConfig::default()).await;
    world.log_in("Noah Pedersen").await;
    let run = world.ended(world.start_connect().await).await;
    assert_eq!((run.state, run.result.unwrap()["pages"].clone()), (RunState::Succeeded, json!(0)));
}

#[tokio::test]
async fn a_dead_token_fails_the_run_with_the_reason() {
    let world = World::new(SimConfig::default()).await;
    world.log_in("Linh Trần").await;
    world.sim("POST", "tokens/kill", json!({"person": "Linh Trần", "reason": "password_changed"})).await;
    let run = world.ended(world.start_connect().await).await;
    assert_eq!((run.state, run.error.as_deref()), (RunState::Failed, Some("password_changed")));
    assert_eq!(world.number("select count(*) from credentials where is_valid").await, 0);
}

#[tokio::test]
async fn one_pages_failure_does_not_fail_the_others() {
    // A2
    let world = World::new(SimConfig { world: WorldConfig::simple(3, 4, 2), ..SimConfig::default() }).await;
    let pages = world.sim("GET", "pages", Value::Null).await;
    let broken = pages[1]["id"].as_str().unwrap();
    let effect = json!({"error": {"status": 403, "code": 200}});
    world.sim("POST", "faults", json!({"path": "subscribed_apps", "page": broken, "effect": effect})).await;
    world.log_in("Test Person").await;
    let result = world.ended(world.start_connect().await).await.result.unwrap();
    assert_eq!((&result["pages"], &result["connected"]), (&json!(3), &json!(2)), "{result}");
    assert_eq!(result_of(&result, broken)["success"], false);
    assert_eq!(world.number("select count(*) from conversations").await, 8);
}

#[tokio::test]
async fn what_came_before_a_page_was_connected_is_stored_when_it_is() {
    let world = World::new(SimConfig { world: WorldConfig::simple(1, 2, 2), ..SimConfig::default() }).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    let early = (0..3).map(|n| message(&page, "77", &format!("m_early_{n}"), 1_770_000_000_000 + n, "early")).collect();
    world.publish_entries(early).await;
    world.count_is(3, "select count(*) from quarantine where reason = 'page_not_connected'").await;
    world.log_in("Test Person").await;
    world.ended(world.start_connect().await).await;
    world.count_is(3, "select count(*) from messages where text = 'early'").await;
    world.count_is(0, "select count(*) from quarantine").await;
}
