//! The Conversations API and the User Profile API.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{simple, text};

const FIELDS: &str = "id,updated_time,unread_count,message_count,participants,messages.limit(3){id,created_time,from,to,message,attachments}";

#[tokio::test]
async fn conversations_nest_participants_and_messages() {
    let sim = simple(1, 30, 8).await;
    let (page, token) = sim.first_page("Test Person").await;
    let query = [("fields", FIELDS), ("platform", "messenger"), ("access_token", &token)];
    let list = sim.get(&format!("/v25.0/{page}/conversations"), &query).await.json();
    let conversations = list["data"].as_array().unwrap();
    assert_eq!(conversations.len(), 25, "the default limit");
    for conversation in conversations {
        assert!(text(&conversation["id"]).starts_with("t_"));
        assert!(text(&conversation["updated_time"]).ends_with("+0000"));
        assert_eq!(conversation["message_count"], 8);
        assert_ne!(conversation.get("unread_count"), Some(&json!(0)), "zero is left out");
        assert_eq!(conversation["participants"]["data"][1]["id"], page.as_str());
        let customer = text(&conversation["participants"]["data"][0]["id"]);
        let messages = conversation["messages"]["data"].as_array().unwrap();
        assert_eq!(messages.len(), 3);
        assert_eq!(messages[0]["created_time"], conversation["updated_time"], "newest first");
        for message in messages {
            let (from, to) = (text(&message["from"]["id"]), text(&message["to"]["data"][0]["id"]));
            assert_eq!(HashSet::from([from, to]), HashSet::from([customer.clone(), page.clone()]));
            assert!(message["message"].is_string(), "empty where there is no text");
        }
        assert!(conversation["messages"]["paging"]["next"].is_string());
    }
}

#[tokio::test]
async fn every_conversation_and_message_is_met_once_by_following_next() {
    let sim = simple(1, 123, 47).await;
    let (page, token) = sim.first_page("Test Person").await;
    let query = [("limit", "20"), ("access_token", token.as_str())];
    let all = sim.follow(&format!("/v25.0/{page}/conversations"), &query).await;
    let ids: HashSet<_> = all.iter().map(|conversation| text(&conversation["id"])).collect();
    assert_eq!((all.len(), ids.len()), (123, 123));
    let times: Vec<_> = all.iter().map(|conversation| text(&conversation["updated_time"])).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));

    let nested = [("fields", "messages.limit(10){id,created_time}"), ("access_token", token.as_str())];
    let conversation = sim.get(&format!("/v25.0/{}", text(&all[60]["id"])), &nested).await.json();
    let mut messages = conversation["messages"]["data"].as_array().unwrap().clone();
    messages.extend(sim.follow(conversation["messages"]["paging"]["next"].as_str().unwrap(), &[]).await);
    let edge = sim.follow(&format!("/v25.0/{}/messages", text(&all[60]["id"])), &query).await;
    assert_eq!(messages, edge);
    assert_eq!(edge.len(), 47);
}

#[tokio::test]
async fn conversations_nest_in_their_page() {
    let sim = simple(1, 12, 3).await;
    let (page, token) = sim.first_page("Test Person").await;
    let fields = [("fields", "name,conversations.limit(5){id,messages.limit(1){message}}"), ("access_token", &*token)];
    let nested = sim.get(&format!("/v25.0/{page}"), &fields).await.json();
    assert_eq!(nested["name"], "Page 1");
    let mut conversations = nested["conversations"]["data"].as_array().unwrap().clone();
    conversations.extend(sim.follow(nested["conversations"]["paging"]["next"].as_str().unwrap(), &[]).await);
    assert_eq!(conversations.len(), 12);
    assert!(conversations.iter().all(|conversation| conversation["messages"]["data"][0]["message"].is_string()));
}

#[tokio::test]
async fn before_goes_back_to_the_page_before() {
    let sim = simple(1, 50, 1).await;
    let (page, token) = sim.first_page("Test Person").await;
    let path = format!("/v25.0/{page}/conversations");
    let first = sim.get(&path, &[("limit", "10"), ("access_token", &token)]).await.json();
    let second = sim.get(first["paging"]["next"].as_str().unwrap(), &[]).await.json();
    assert!(first["paging"].get("previous").is_none());
    let back = sim.get(second["paging"]["previous"].as_str().unwrap(), &[]).await.json();
    assert_eq!(back["data"], first["data"]);
    let foreign = [("after", text(&first["paging"]["cursors"]["after"]))];
    let conversation = text(&first["data"][0]["id"]);
    let query = [(foreign[0].0, foreign[0].1.as_str()), ("access_token", &token)];
    assert_eq!(sim.get(&format!("/v25.0/{conversation}/messages"), &query).await.error().0, 100);
}

#[tokio::test]
async fn a_great_limit_is_cut_and_since_has_no_effect() {
    let sim = simple(1, 150, 2).await;
    let (page, token) = sim.first_page("Test Person").await;
    let query = [("limit", "500"), ("since", "4102444800"), ("access_token", token.as_str())];
    let list = sim.get(&format!("/v25.0/{page}/conversations"), &query).await.json();
    assert_eq!(list["data"].as_array().unwrap().len(), 100);
    let greedy = [("limit", "100"), ("fields", "messages.limit(100){id}"), ("access_token", token.as_str())];
    let refused = sim.get(&format!("/v25.0/{page}/conversations"), &greedy).await;
    assert_eq!((refused.status, refused.error()), (500, (1, None)));
    let broken = [("limit", "many"), ("access_token", token.as_str())];
    assert_eq!(sim.get(&format!("/v25.0/{page}/conversations"), &broken).await.error(), (100, None));
}

#[tokio::test]
async fn a_page_can_be_short_or_empty_and_go_on() {
    let sim = simple(1, 30, 12).await;
    let (page, token) = sim.first_page("Test Person").await;
    let query = [("limit", "10"), ("access_token", token.as_str())];
    let path = format!("/v25.0/{page}/conversations");
    let whole = sim.follow(&path, &query).await;
    let messages_path = format!("/v25.0/{}/messages", text(&whole[0]["id"]));
    let messages = sim.follow(&messages_path, &query).await;
    for (effect, after) in [("empty_page", 0), ("empty_page", 1), ("short_page", 0), ("short_page", 2)] {
        let rule = json!({ "path": "GET /{page}/conversations", "effect": effect, "after": after, "times": 1 });
        sim.control("POST", "/faults", rule).await;
        assert_eq!(sim.follow(&path, &query).await, whole, "{effect} after {after}");
        let rule = json!({ "path": "/messages", "effect": "short_page", "after": after, "times": 1 });
        sim.control("POST", "/faults", rule).await;
        assert_eq!(sim.follow(&messages_path, &query).await, messages);
        sim.control("DELETE", "/faults", json!({})).await;
    }
}

#[tokio::test]
async fn user_id_finds_the_one_conversation() {
    let sim = simple(2, 10, 2).await;
    let (page, token) = sim.first_page("Test Person").await;
    let customers = sim.control("GET", &format!("/pages/{page}/customers"), json!({})).await;
    let psid = text(&customers[4]["psid"]);
    let path = format!("/v25.0/{page}/conversations");
    let found = sim.get(&path, &[("user_id", &psid), ("access_token", &token)]).await.json();
    assert_eq!(found, json!({ "data": [{ "id": customers[4]["conversation_id"] }] }));
    let nobody = sim.get(&path, &[("user_id", "123"), ("access_token", &token)]).await.json();
    assert_eq!(nobody, json!({ "data": [] }));
    let instagram = sim.get(&path, &[("platform", "instagram"), ("access_token", &token)]).await.json();
    assert_eq!(instagram, json!({ "data": [] }));
}

#[tokio::test]
async fn a_new_message_moves_its_conversation_up_and_keeps_milliseconds_to_webhooks() {
    let sim = simple(1, 20, 3).await;
    let (page, token) = sim.first_page("Test Person").await;
    let customers = sim.control("GET", &format!("/pages/{page}/customers"), json!({})).await;
    let psid = text(&customers[15]["psid"]);
    let body = json!({ "psid": psid, "text": "hello again", "count": 3 });
    let sent = sim.control("POST", &format!("/pages/{page}/messages"), body).await;
    let newest = sent["messages"][2].clone();

    let query = [("fields", FIELDS), ("access_token", token.as_str())];
    let top = sim.get(&format!("/v25.0/{page}/conversations"), &query).await.json()["data"][0].clone();
    assert_eq!(top["id"], customers[15]["conversation_id"]);
    assert_eq!(top["message_count"], 6);
    let unread = customers[15]["unread_count"].as_i64().unwrap() + 3;
    assert_eq!(top["unread_count"], unread);
    let read = top["messages"]["data"][0].clone();
    assert_eq!((&read["id"], &read["message"]), (&newest["mid"], &json!("hello again 3")));
    let seconds = chrono::DateTime::parse_from_str(&text(&read["created_time"]), "%Y-%m-%dT%H:%M:%S%z").unwrap();
    assert_eq!(seconds.timestamp(), newest["timestamp"].as_i64().unwrap().div_euclid(1_000));

    let node = sim.get(&format!("/v25.0/{}", text(&newest["mid"])), &[("access_token", &token)]).await.json();
    assert_eq!(node, json!({ "id": newest["mid"], "created_time": read["created_time"] }));

    let body = json!({ "psid": psid, "text": "answered" });
    sim.control("POST", &format!("/pages/{page}/replies"), body).await;
    let top = sim.get(&format!("/v25.0/{page}/conversations"), &query).await.json()["data"][0].clone();
    assert!(top.get("unread_count").is_none());
    assert_eq!(top["messages"]["data"][0]["from"]["id"], page.as_str());
}

#[tokio::test]
async fn a_new_customer_has_a_conversation_and_a_profile() {
    let sim = simple(1, 0, 0).await;
    let (page, token) = sim.first_page("Test Person").await;
    let empty = sim.get(&format!("/v25.0/{page}/conversations"), &[("access_token", &token)]).await.json();
    assert_eq!(empty, json!({ "data": [] }));
    let body = json!({ "customer_name": "Đặng Thị Mai 🌸", "attachments": [{ "type": "image" }] });
    let sent = sim.control("POST", &format!("/pages/{page}/messages"), body).await;
    let psid = text(&sent["psid"]);
    let query = [("fields", "first_name,last_name,name,profile_pic"), ("access_token", token.as_str())];
    let profile = sim.get(&format!("/v25.0/{psid}"), &query).await.json();
    assert_eq!(profile["name"], "Đặng Thị Mai 🌸");
    assert_eq!(sim.get(&text(&profile["profile_pic"]), &[]).await.header("content-type"), "image/png");
    let fields = [("fields", "message,attachments"), ("access_token", token.as_str())];
    let message = sim.get(&format!("/v25.0/{}", text(&sent["messages"][0]["mid"])), &fields).await.json();
    assert_eq!(message["message"], "");
    assert!(message["attachments"]["data"][0]["image_data"]["url"].is_string());
}

#[tokio::test]
async fn profiles_can_be_missing_in_each_documented_way() {
    let sim = simple(1, 5, 1).await;
    let (page, token) = sim.first_page("Test Person").await;
    let customers = sim.control("GET", &format!("/pages/{page}/customers"), json!({})).await;
    let psid = text(&customers[0]["psid"]);
    let answers = [("empty", None), ("unavailable", Some(2_018_218)), ("forbidden", Some(2_018_247)), ("full", None)];
    for (profile, code) in answers {
        sim.control("PATCH", &format!("/pages/{page}/customers/{psid}"), json!({ "profile": profile })).await;
        let reply = sim.get(&format!("/v25.0/{psid}"), &[("access_token", &token)]).await;
        match code {
            Some(code) => assert_eq!(reply.error().0, code),
            None => assert_eq!(reply.json() == json!({}), profile == "empty"),
        }
    }
    let other = sim.get(&format!("/v25.0/{psid}"), &[("access_token", &sim.user_token("Test Person").await)]).await;
    assert_eq!(other.error().0, 190, "only the Page's own token reads profiles");
}

#[tokio::test]
async fn a_conversation_cannot_be_written_to() {
    let sim = simple(1, 5, 1).await;
    let (page, token) = sim.first_page("Test Person").await;
    let list = sim.get(&format!("/v25.0/{page}/conversations"), &[("access_token", &token)]).await.json();
    let path = format!("/v25.0/{}", text(&list["data"][0]["id"]));
    let archived = sim.post(&path, &[("archived", "true"), ("access_token", &token)]).await;
    assert_eq!(archived.error(), (100, Some(33)));
    assert_eq!(sim.delete(&path, &[("access_token", &token)]).await.error(), (100, Some(33)));
}

#[tokio::test]
async fn a_million_conversations_start_at_once_and_are_read_at_any_place() {
    let started = std::time::Instant::now();
    let sim = simple(1, 1_000_000, 20).await;
    assert!(started.elapsed().as_secs() < 5, "started in {:?}", started.elapsed());
    let (page, token) = sim.first_page("Test Person").await;
    let path = format!("/v25.0/{page}/conversations");
    let query = [("limit", "100"), ("access_token", token.as_str())];
    let first: Value = sim.get(&path, &query).await.json();
    let body = json!({ "psid": sim.control("GET", &format!("/pages/{page}/customers"), json!({})).await[49]["psid"], "text": "hi" });
    sim.control("POST", &format!("/pages/{page}/messages"), body).await;
    let second = sim.get(first["paging"]["next"].as_str().unwrap(), &[]).await.json();
    let seen: HashSet<_> = [&first, &second]
        .iter()
        .flat_map(|list| list["data"].as_array().unwrap().clone())
        .map(|conversation| text(&conversation["id"]))
        .collect();
    assert_eq!(seen.len(), 200, "what moves up while being paged is not met twice below");
}
