//! Each kind of webhook becomes rows (SPEC D6, C10).

use chrono::{TimeDelta, Utc};
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{SplitEntry, WebhookEntry};
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use serde_json::{Value, json};

use crate::world::{World, echo, entry, message, raw_entry};

const AT: i64 = 1_770_000_000_000;

fn small() -> SimConfig {
    SimConfig { world: WorldConfig::simple(1, 0, 0), ..SimConfig::default() }
}

fn acted(content: &Value) -> WebhookEntry {
    let mut element = json!({"sender": {"id": "7"}, "recipient": {"id": "100"}, "timestamp": AT + 5_000});
    element.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
    entry("100", &element)
}

fn of_object(object: &str, owner: &str, rest: &Value) -> WebhookEntry {
    let mut json = json!({"id": owner, "time": AT / 1_000});
    json.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let split = SplitEntry {
        object: object.to_owned(),
        owner_id: owner.to_owned(),
        json: json.to_string().into_bytes().into(),
    };
    WebhookEntry { received_at: AT * 1_000, content: Some(Content::Entry(split)), ..WebhookEntry::default() }
}

#[tokio::test]
async fn what_people_do_with_messages_is_stored_whatever_comes_first() {
    let mut world = World::new(small()).await;
    world.rows.connection(world.account, "100").await;
    let edited = acted(&json!({"message_edit": {"mid": "m_1", "text": "Hej igen", "num_edit": 1}}));
    let deleted = acted(&json!({"message": {"mid": "m_2", "is_deleted": true}}));
    let reacted = acted(&json!({"reaction": {"mid": "m_3", "action": "react", "reaction": "love", "emoji": "❤"}}));
    // Before their messages, and once more after them.
    let changes = vec![edited, deleted, reacted];
    world.publish_entries(changes.clone()).await;
    let messages = vec![
        message("100", "7", "m_1", AT, "Hej"),
        message("100", "7", "m_2", AT + 1_000, "secret"),
        echo("100", "7", "m_3", AT + 2_000, "Goddag"),
    ];
    world.publish_entries(messages).await;
    world.publish_entries(changes).await;
    world.webhooks_are_stored("100").await;
    assert_eq!(world.number("select count(*) from message_changes where mid = 'm_1' and text = 'Hej igen'").await, 1);
    assert_eq!(world.number("select count(*) from messages where mid = 'm_2' and text is null").await, 1);
    assert_eq!(world.number("select count(*) from message_reactions where mid = 'm_3' and name = 'love'").await, 1);
    assert_eq!(world.number("select count(*) from quarantine").await, 0);
}

#[tokio::test]
async fn what_happens_between_a_page_and_a_customer_is_stored() {
    let mut world = World::new(small()).await;
    world.rows.connection(world.account, "100").await;
    let acts = [
        json!({"delivery": {"watermark": AT + 1_000}}),
        json!({"read": {"watermark": AT + 2_000}}),
        json!({"postback": {"mid": "m_5", "title": "Start", "payload": "GO", "referral": {"ref": "flyer"}}}),
        json!({"referral": {"ref": "flyer", "source": "SHORTLINK", "type": "OPEN_THREAD"}}),
        json!({"optin": {"ref": "box"}}),
        json!({"account_linking": {"status": "linked"}}),
        json!({"pass_thread_control": {"new_owner_app_id": 263, "previous_owner_app_id": "5"}}),
        json!({"response_feedback": {"feedback": "Good response", "mid": "m_1"}}),
        json!({"order": {"products": [], "note": "soon"}}),
        json!({"policy_enforcement": {"action": "warning", "reason": "spam"}}),
        json!({"app_roles": {"5": ["primary_receiver"]}}),
    ];
    let standby = json!({"sender": {"id": "7"}, "recipient": {"id": "100"}, "timestamp": AT, "message": {"mid": "m_6", "text": "hi"}});
    let label = json!({"field": "inbox_labels", "value": {"user": {"id": "7"}, "action": "add", "label": {"id": "9"}}});
    let mut entries: Vec<_> = acts.iter().map(acted).collect();
    entries.push(of_object("page", "100", &json!({"standby": [standby]})));
    entries.push(of_object("page", "100", &json!({"changes": [label, {"field": "phone", "value": "+45 1"}]})));
    for _ in 0..2 {
        world.publish_entries(entries.clone()).await;
    }
    world.webhooks_are_stored("100").await;
    let marks = format!(
        "select count(*) from conversation_marks where psid = '7' and handled_by_app = '263'
             and delivered_up_to = to_timestamp({}) and seen_up_to = to_timestamp({})",
        AT / 1_000 + 1,
        AT / 1_000 + 2
    );
    assert_eq!(world.number(&marks).await, 1);
    for (kind, count) in [
        ("postback", 1),
        ("referral", 2),
        ("opt_in", 1),
        ("account_linking", 1),
        ("thread_control", 1),
        ("feedback", 1),
        ("order", 1),
        ("label", 1),
        ("policy_enforcement", 1),
        ("app_roles", 1),
    ] {
        let sql = format!("select count(*) from conversation_events where kind = '{kind}'");
        assert_eq!(world.number(&sql).await, count, "{kind}");
    }
    assert_eq!(world.number("select count(*) from messages where mid in ('m_5', 'm_6')").await, 2);
    assert_eq!(world.number("select count(*) from connections where details_changed_at is not null").await, 1);
    assert_eq!(world.number("select count(*) from quarantine").await, 0);
}

#[tokio::test]
async fn an_instagram_account_is_not_the_page_of_the_same_number() {
    let mut world = World::new(small()).await;
    let page = world.rows.connection(world.account, "100").await;
    let instagram = world.rows.connection(world.account, "200").await;
    let linked = format!(
        "update connections set connection_type = 'instagram', instagram_account_id = '100' where id = {instagram}"
    );
    world.database.execute(&linked).await;
    let comment = json!({"field": "comments", "value": {"id": "178", "text": "nice", "from": {"id": "12", "username": "ada"},
        "media": {"id": "179", "media_product_type": "FEED"}}});
    let direct = json!({"sender": {"id": "7"}, "recipient": {"id": "100"}, "timestamp": AT, "message": {"mid": "m_ig", "text": "hi"}});
    world
        .publish_entries(vec![
            of_object("instagram", "100", &json!({"changes": [comment]})),
            of_object("instagram", "100", &json!({"messaging": [direct]})),
            of_object(
                "instagram",
                "100",
                &json!({"field": "mentions", "value": {"media_id": "55", "comment_id": "56"}}),
            ),
            of_object(
                "instagram",
                "100",
                &json!({"changes": [{"field": "story_insights", "value": {"media_id": "57", "reach": 3}}]}),
            ),
            of_object("instagram", "999", &json!({"messaging": [direct]})),
            message("100", "7", "m_page", AT, "to the Page"),
        ])
        .await;
    world.webhooks_are_stored("100").await;
    let of = |mid: &str, connection| {
        format!("select count(*) from messages where mid = '{mid}' and connection_id = {connection}")
    };
    assert_eq!(world.number(&of("m_ig", instagram)).await, 1);
    assert_eq!(world.number(&of("m_page", page)).await, 1);
    let comments =
        format!("select count(*) from comments where connection_id = {instagram} and (message = 'nice' or is_mention)");
    assert_eq!(world.number(&comments).await, 2);
    assert_eq!(world.number("select count(*) from posts where insights ->> 'reach' = '3'").await, 1);
    let kept = "select count(*) from quarantine where reason = 'page_not_connected' and object = 'instagram' and owner_id = '999'";
    assert_eq!(world.number(kept).await, 1);
}

#[tokio::test]
async fn what_an_earlier_version_did_not_understand_is_stored_by_the_next() {
    let mut world = World::without_worker(small()).await;
    world.rows.connection(world.account, "100").await;
    let kept = |id: u32, element: &str| {
        let body = format!(
            r#"{{"id":"100","time":{AT},"messaging":[{{"sender":{{"id":"7"}},"recipient":{{"id":"100"}},{element}}}]}}"#
        );
        format!(
            "insert into quarantine (reason, owner_id, body, digest, received_at)
             values ('not_understood', '100', convert_to('{body}', 'utf8'), sha256(convert_to('{body}{id}', 'utf8')), now());"
        )
    };
    let entries = [
        kept(1, r#""read":{"watermark":1770000000000}"#),
        kept(2, r#""a_kind_of_2031":{}"#),
        kept(3, r#""message":{"mid":"m_1","is_deleted":true}"#),
    ];
    world.database.execute(&entries.concat()).await;
    world.start_worker().await;
    world.count_is(1, "select count(*) from quarantine").await;
    assert_eq!(world.number("select count(*) from conversation_marks where psid = '7'").await, 1);
    assert_eq!(world.number("select count(*) from message_changes where deleted_at is not null").await, 1);
    assert_eq!(
        world.number("select count(*) from quarantine where body::text like '%' and reason = 'not_understood'").await,
        1
    );
}

#[tokio::test]
async fn a_sync_takes_over_what_no_webhook_told() {
    // C10
    let mut world = World::new(SimConfig { world: WorldConfig::simple(1, 2, 3), ..SimConfig::default() }).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    let connection = world.connect("Test Person", &page).await;
    let written = world
        .sim(
            "POST",
            &format!("pages/{page}/messages"),
            json!({"customer_name": "Ada", "text": "helo", "attachments": [{"type": "sticker"}]}),
        )
        .await;
    let mid = written["messages"][0]["mid"].as_str().unwrap().to_owned();
    world.ended(world.start_sync(RunKind::First, connection).await).await;
    world.all_runs_ended().await;
    let sticker = format!(
        "select count(*) from messages where mid = '{mid}' and text = 'helo' and attachments @> '[{{\"type\":\"sticker\"}}]'"
    );
    assert_eq!(world.number(&sticker).await, 1);

    world.sim("PATCH", &format!("pages/{page}/messages/{mid}"), json!({"text": "hello", "reaction": "❤"})).await;
    world.ended(world.start_sync(RunKind::First, connection).await).await;
    let edited = format!(
        "select count(*) from messages where mid = '{mid}' and text = 'hello' and text_edited and text_told_at is not null"
    );
    assert_eq!(world.number(&edited).await, 1);
    let reacted = format!("select count(*) from message_reactions where mid = '{mid}' and from_page and emoji = '❤'");
    assert_eq!(world.number(&reacted).await, 1);
    // Nothing that is listed is taken for gone.
    assert_eq!(world.number("select count(*) from message_changes where absent_at is not null").await, 0);
}

#[tokio::test]
async fn a_sync_takes_over_that_messages_were_taken_back() {
    // C10: Meta lists a message that was taken back without its details, or not at all.
    let mut world = World::new(SimConfig { world: WorldConfig::simple(1, 2, 3), ..SimConfig::default() }).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    let connection = world.connect("Test Person", &page).await;
    world.ended(world.start_sync(RunKind::Full, connection).await).await;
    world.all_runs_ended().await;
    let of_one = "select mid from messages where conversation_id = (select min(id) from conversations) order by sent_at desc, id desc";
    let newest = world.database.text(&format!("{of_one} limit 1")).await;
    let middle = world.database.text(&format!("{of_one} offset 1 limit 1")).await;
    let gone = async |mid: &str| {
        let sql =
            "select count(*) from message_changes where (absent_at, deleted_at) is distinct from (null, null) and mid";
        world.number(&format!("{sql} = '{mid}'")).await
    };
    world.sim("PATCH", &format!("pages/{page}/messages/{newest}"), json!({"deleted": true})).await;
    world.ended(world.start_sync(RunKind::Full, connection).await).await;
    assert_eq!((gone(&newest).await, gone(&middle).await), (1, 0));

    world.sim("PUT", "variations", json!({"unsent_left_out": true})).await;
    world.sim("PATCH", &format!("pages/{page}/messages/{middle}"), json!({"deleted": true})).await;
    world.ended(world.start_sync(RunKind::Full, connection).await).await;
    assert_eq!((gone(&newest).await, gone(&middle).await), (1, 1));
    assert_eq!(world.number("select count(*) from message_changes where absent_at is not null").await, 2);
}

#[tokio::test]
async fn what_only_a_webhook_told_is_compared_with_a_listing_that_is_as_it_was() {
    // C10: a message that was taken back before any sync saw it. Facebook tells what it told at the sync before.
    let mut world = World::new(SimConfig { world: WorldConfig::simple(1, 2, 3), ..SimConfig::default() }).await;
    let page = world.sim("GET", "pages", Value::Null).await[0]["id"].as_str().unwrap().to_owned();
    let connection = world.connect("Test Person", &page).await;
    world.ended(world.start_sync(RunKind::Full, connection).await).await;
    world.ended(world.start_sync(RunKind::Incremental, connection).await).await;
    world.all_runs_ended().await;

    let psid = world.database.text("select psid from conversations order by last_message_at desc limit 1").await;
    let told_at = (Utc::now() - TimeDelta::minutes(5)).timestamp_millis();
    let element = json!({"sender": {"id": psid}, "recipient": {"id": page}, "timestamp": told_at,
        "message": {"mid": "m_taken_back", "text": "Never mind"}});
    let told = raw_entry(&page, &json!({"id": page, "time": told_at, "messaging": [element]}).to_string());
    world.publish_entries(vec![WebhookEntry { received_at: told_at * 1_000, ..told }]).await;
    world.count_is(1, "select count(*) from messages where mid = 'm_taken_back'").await;
    world.ended(world.start_sync(RunKind::Incremental, connection).await).await;
    let gone = "select count(*) from message_changes where mid = 'm_taken_back' and absent_at is not null";
    assert_eq!(world.number(gone).await, 1);
}
