//! Instagram Direct: conversations of the account that is linked to a Page, its webhooks, and answers.

use serde_json::{Value, json};

use crate::support::receiver::Receiver;
use crate::support::{TestSim, demo, text, texts};

/// A Page with a linked account: the Page, its token, the account.
async fn linked() -> (TestSim, String, String, String) {
    let sim = demo().await;
    let (page, token) = sim.first_page("Linh Trần").await;
    let query = [("fields", "instagram_business_account"), ("access_token", token.as_str())];
    let account = text(&sim.get(&format!("/v25.0/{page}"), &query).await.json()["instagram_business_account"]["id"]);
    (sim, page, token, account)
}

#[tokio::test]
async fn direct_messages_are_conversations_of_another_platform() {
    let (sim, page, token, account) = linked().await;
    sim.control("PUT", "/limits", json!({ "enforced": false })).await;
    let path = format!("/v25.0/{page}/conversations");
    let fields = "id,updated_time,participants,messages{id,created_time,from,to,message}";
    let query = [("platform", "instagram"), ("fields", fields), ("limit", "4"), ("access_token", token.as_str())];
    let direct = sim.follow(&path, &query).await;
    let messenger = sim.follow(&path, &[("limit", "50"), ("access_token", &token)]).await;
    assert_eq!((direct.len(), messenger.len()), (15, 60));
    let people = &direct[0]["participants"]["data"];
    assert_eq!(people[1]["id"], account.as_str());
    assert_eq!(people[1]["username"], "pho.nha.linh");
    assert!(people[0]["username"].is_string() && people[0].get("email").is_none() && people[0].get("name").is_none());
    let ids = |list: &[Value]| list.iter().map(|one| text(&one["id"])).collect::<std::collections::BTreeSet<_>>();
    assert!(ids(&direct).is_disjoint(&ids(&messenger)));

    let without = sim.control("PATCH", &format!("/pages/{page}"), json!({ "instagram": "" })).await;
    assert_eq!(without["instagram"], Value::Null);
    assert_eq!(sim.get(&path, &query).await.json()["data"], json!([]), "no account is linked");
    let gone = format!("/v25.0/{}", text(&direct[0]["id"]));
    assert_eq!(sim.get(&gone, &[("access_token", &token)]).await.error(), (100, Some(33)));
}

#[tokio::test]
async fn of_a_direct_conversation_only_the_twenty_newest_messages_have_details() {
    let (sim, _, token, account) = linked().await;
    let body = json!({ "customer_name": "Ada Lovelace", "text": "number", "count": 25 });
    let written = sim.control("POST", &format!("/pages/{account}/messages"), body).await;
    let thread = text(&written["conversation_id"]);
    let query = [("fields", "id,created_time,message"), ("limit", "50"), ("access_token", token.as_str())];
    let messages = sim.get(&format!("/v25.0/{thread}/messages"), &query).await.json()["data"].clone();
    let detailed = messages.as_array().unwrap().iter().filter(|message| message.get("message").is_some()).count();
    assert_eq!((messages.as_array().unwrap().len(), detailed), (25, 20));
    let oldest = format!("/v25.0/{}", text(&messages[24]["id"]));
    let read = sim.get(&oldest, &[("fields", "message"), ("access_token", &token)]).await;
    assert_eq!(read.error(), (9_000_001, None));
    let newest = format!("/v25.0/{}", text(&messages[0]["id"]));
    let read = sim.get(&newest, &[("fields", "message,from"), ("access_token", &token)]).await.json();
    assert_eq!(read["message"], "number 25");
    assert!(text(&read["from"]["username"]).starts_with("adalovelace."));
}

#[tokio::test]
async fn a_direct_message_comes_as_a_webhook_of_the_account_and_is_answered_within_a_day() {
    let (sim, page, token, account) = linked().await;
    let receiver = Receiver::start();
    receiver.subscribe(&sim, &page, &token).await;
    let path = format!("/v25.0/{}/subscriptions", sim.running.app_id());
    let mut subscription: Vec<_> = receiver.subscription(&sim, "messages,comments").to_vec();
    subscription[0] = ("object", "instagram");
    assert_eq!(sim.post(&path, &subscription).await.json()["success"], true);
    let app_token = sim.app_token();
    let subscribed = sim.get(&path, &[("access_token", &app_token)]).await.json();
    assert_eq!(texts(&subscribed["data"], "object"), ["page", "instagram"]);

    let body = json!({ "customer_name": "Ada", "text": "Do you deliver?" });
    let written = sim.control("POST", &format!("/pages/{account}/messages"), body).await;
    let igsid = text(&written["psid"]);
    let delivered = receiver.wait_for(1).await[0].json();
    assert_eq!(delivered["object"], "instagram");
    let entry = &delivered["entry"][0];
    assert_eq!((&entry["id"], &entry["messaging"][0]["recipient"]["id"]), (&json!(account), &json!(account)));
    assert_eq!(entry["messaging"][0]["sender"]["id"], igsid.as_str());

    let send = async |text: &str| {
        let recipient = json!({ "id": igsid }).to_string();
        let message = json!({ "text": text, "metadata": "5" }).to_string();
        let form = [("recipient", recipient.as_str()), ("message", message.as_str()), ("access_token", token.as_str())];
        sim.post(&format!("/v25.0/{page}/messages"), &form).await
    };
    assert_eq!(send(&"é".repeat(501)).await.error(), (100, None), "1,000 bytes at most");
    let sent = send("Yes, until ten").await.json();
    let echo = receiver.wait_for(2).await[1].json();
    let message = &echo["entry"][0]["messaging"][0]["message"];
    assert_eq!(
        (&echo["object"], &message["is_echo"], &message["mid"]),
        (&json!("instagram"), &json!(true), &sent["message_id"])
    );
    sim.control("POST", "/clock/advance", json!({ "seconds": 25 * 3600 })).await;
    assert_eq!(send("too late").await.error(), (10, Some(2_534_022)));
}

#[tokio::test]
async fn who_wrote_has_a_profile_with_a_user_name() {
    let (sim, _, token, account) = linked().await;
    let body = json!({ "customer_name": "Ada Lovelace", "text": "hi" });
    let igsid = text(&sim.control("POST", &format!("/pages/{account}/messages"), body).await["psid"]);
    let path = format!("/v25.0/{igsid}");
    let fields = "name,username,profile_pic,follower_count,is_user_follow_business";
    let profile = sim.get(&path, &[("fields", fields), ("access_token", &token)]).await.json();
    assert_eq!(profile["name"], "Ada Lovelace");
    assert!(text(&profile["username"]).starts_with("adalovelace.") && profile["follower_count"].is_number());
    let messengers = sim.get(&path, &[("fields", "first_name"), ("access_token", &token)]).await;
    assert_eq!(messengers.error(), (100, None));
    let unavailable = json!({ "profile": "unavailable" });
    sim.control("PATCH", &format!("/pages/{account}/customers/{igsid}"), unavailable).await;
    assert_eq!(sim.get(&path, &[("access_token", &token)]).await.error(), (230, None));
}

#[tokio::test]
async fn comments_under_media_come_in_each_of_their_shapes() {
    let (sim, page, token, account) = linked().await;
    let receiver = Receiver::start();
    receiver.subscribe(&sim, &page, &token).await;
    let path = format!("/v25.0/{}/subscriptions", sim.running.app_id());
    let mut subscription: Vec<_> = receiver.subscription(&sim, "comments,mentions").to_vec();
    subscription[0] = ("object", "instagram");
    assert_eq!(sim.post(&path, &subscription).await.json()["success"], true);
    let query = [("fields", "id,comments_count"), ("limit", "1"), ("access_token", token.as_str())];
    let newest = async || sim.get(&format!("/v25.0/{account}/media"), &query).await.json()["data"][0].clone();
    let before = newest().await;
    let edge = format!("/media/{}/comments", text(&before["id"]));
    let first = sim.control("POST", &edge, json!({ "customer_name": "Ada", "text": "nice" })).await;
    sim.control("PUT", "/variations", json!({ "comment_id": true, "flat_changes": true })).await;
    let answer = json!({ "psid": first["psid"], "text": "and vegan?", "answers": first["comment_id"] });
    let second = sim.control("POST", &edge, answer).await;
    sim.control("PUT", "/variations", json!({ "flat_changes": false })).await;
    sim.control("POST", &edge, json!({ "psid": first["psid"], "text": "@pho", "mention": true })).await;

    crate::support::receiver::wait("three changes", || receiver.entries().len() == 3).await;
    let entries = receiver.entries();
    let comment = &entries[0]["changes"][0];
    assert_eq!((&comment["field"], &comment["value"]["id"]), (&json!("comments"), &first["comment_id"]));
    assert_eq!((&comment["value"]["media"]["id"], &entries[0]["id"]), (&before["id"], &json!(account)));
    assert!(text(&comment["value"]["from"]["username"]).starts_with("ada."));
    let flat = &entries[1];
    assert_eq!((&flat["field"], &flat["value"]["comment_id"]), (&json!("comments"), &second["comment_id"]));
    assert_eq!(flat["value"]["parent_id"], first["comment_id"]);
    assert_eq!(entries[2]["changes"][0]["field"], "mentions");
    let count = |media: &Value| media["comments_count"].as_u64().unwrap();
    assert_eq!(count(&newest().await), count(&before) + 3);
}

#[tokio::test]
async fn a_request_that_nobody_answered_is_not_listed_after_thirty_days() {
    let (sim, page, token, account) = linked().await;
    sim.control("PUT", "/limits", json!({ "enforced": false })).await;
    let body = json!({ "customer_name": "Ada", "text": "hi" });
    let thread = text(&sim.control("POST", &format!("/pages/{account}/messages"), body).await["conversation_id"]);
    let query = [("platform", "instagram"), ("limit", "50"), ("access_token", token.as_str())];
    let is_listed = async || {
        let list = sim.follow(&format!("/v25.0/{page}/conversations"), &query).await;
        list.iter().any(|conversation| conversation["id"] == thread.as_str())
    };
    assert!(is_listed().await);
    sim.control("POST", "/clock/advance", json!({ "seconds": 31 * 86_400 })).await;
    assert!(!is_listed().await);
}
