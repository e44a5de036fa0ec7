//! Custom labels, moderation, and what a conversation cannot be asked for.

use serde_json::{Value, json};

use crate::support::receiver::Receiver;
use crate::support::{Reply, TestSim, simple, text, texts};

/// A Page with its token, and its customers' PSIDs.
struct Desk {
    sim: TestSim,
    page: String,
    token: String,
    psids: Vec<String>,
}

impl Desk {
    async fn start() -> Self {
        let sim = simple(2, 12, 2).await;
        let (page, token) = sim.first_page("Test Person").await;
        let psids = texts(&sim.control("GET", &format!("/pages/{page}/customers"), json!({})).await, "psid");
        Self { sim, page, token, psids }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Reply {
        let query: Vec<_> = query.iter().copied().chain([("access_token", self.token.as_str())]).collect();
        self.sim.get(&format!("/v25.0/{path}"), &query).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let form: Vec<_> = form.iter().copied().chain([("access_token", self.token.as_str())]).collect();
        self.sim.post(&format!("/v25.0/{path}"), &form).await
    }

    async fn delete(&self, path: &str, query: &[(&str, &str)]) -> Reply {
        let query: Vec<_> = query.iter().copied().chain([("access_token", self.token.as_str())]).collect();
        self.sim.delete(&format!("/v25.0/{path}"), &query).await
    }

    async fn label(&self, name: &str) -> String {
        text(&self.post(&format!("{}/custom_labels", self.page), &[("page_label_name", name)]).await.json()["id"])
    }

    async fn customer(&self, psid: &str) -> Value {
        let all = self.sim.control("GET", &format!("/pages/{}/customers", self.page), json!({})).await;
        all.as_array().unwrap().iter().find(|customer| customer["psid"] == psid).unwrap().clone()
    }
}

#[tokio::test]
async fn a_label_belongs_to_the_customer_and_goes_with_its_deletion() {
    let desk = Desk::start().await;
    let (vip, gone) = (desk.label("VIP").await, desk.label("Gone").await);
    let psid = desk.psids[0].as_str();
    for label in [&vip, &gone] {
        let given = desk.post(&format!("{label}/label"), &[("user", psid)]).await;
        assert_eq!(given.json(), json!({ "success": true }));
    }
    let of_customer = async || {
        let list = desk.get(&format!("{psid}/custom_labels"), &[("fields", "page_label_name")]).await.json();
        texts(&list["data"], "page_label_name")
    };
    assert_eq!(of_customer().await, ["VIP", "Gone"]);
    assert_eq!(desk.delete(&gone, &[]).await.json(), json!({ "success": true }));
    assert_eq!(of_customer().await, ["VIP"]);
    assert_eq!(desk.delete(&format!("{vip}/label"), &[("user", psid)]).await.json(), json!({ "success": true }));
    assert!(of_customer().await.is_empty());
    assert_eq!(desk.delete(&gone, &[]).await.error(), (100, Some(33)));
    assert_ne!(desk.label("New").await, gone, "an id is never given again");
}

#[tokio::test]
async fn labels_are_listed_in_pages() {
    let desk = Desk::start().await;
    for number in 1..=7 {
        desk.label(&format!("Label {number}")).await;
    }
    let path = format!("/v25.0/{}/custom_labels", desk.page);
    let query = [("fields", "page_label_name"), ("limit", "3"), ("access_token", &desk.token)];
    let all = desk.sim.follow(&path, &query).await;
    assert_eq!(texts(&json!(all), "page_label_name").len(), 7);
    assert_eq!(desk.get(&format!("{}/custom_labels", desk.page), &[("fields", "colour")]).await.error().0, 100);
}

#[tokio::test]
async fn a_label_of_another_page_or_customer_is_refused() {
    let desk = Desk::start().await;
    let label = desk.label("VIP").await;
    let pages = desk.sim.control("GET", "/pages", json!({})).await;
    let other = text(&pages.as_array().unwrap().iter().find(|page| page["id"] != desk.page.as_str()).unwrap()["id"]);
    let theirs = desk.sim.control("GET", &format!("/pages/{other}/customers"), json!({})).await;
    let stranger = text(&theirs[0]["psid"]);
    assert_eq!(desk.post(&format!("{label}/label"), &[("user", &stranger)]).await.error(), (100, Some(2_018_001)));
    assert_eq!(desk.get(&format!("{stranger}/custom_labels"), &[]).await.error(), (100, Some(33)));
}

#[tokio::test]
async fn a_change_of_labels_is_told() {
    let desk = Desk::start().await;
    let receiver = Receiver::start();
    receiver.subscribe_to(&desk.sim, &desk.page, &desk.token, "inbox_labels").await;
    let label = desk.label("VIP").await;
    let psid = desk.psids[0].as_str();
    desk.post(&format!("{label}/label"), &[("user", psid)]).await;
    desk.post(&format!("{label}/label"), &[("user", psid)]).await;
    desk.delete(&format!("{label}/label"), &[("user", psid)]).await;
    crate::support::receiver::wait("both changes", || receiver.entries().len() >= 2).await;
    let changes: Vec<Value> = receiver.entries().iter().map(|entry| entry["changes"][0].clone()).collect();
    let label = json!({ "id": label, "page_label_name": "VIP" });
    for action in ["add", "remove"] {
        let value = json!({ "user": { "id": psid }, "action": action, "label": label });
        assert!(changes.contains(&json!({ "field": "inbox_labels", "value": value })), "{changes:?}");
    }
    assert_eq!(changes.len(), 2, "the second time changed nothing");
}

#[tokio::test]
async fn people_are_blocked_and_conversations_moved_to_spam() {
    let desk = Desk::start().await;
    let path = format!("{}/moderate_conversations", desk.page);
    let users =
        |psids: &[String]| json!(psids.iter().map(|psid| json!({ "id": psid })).collect::<Vec<_>>()).to_string();
    let moderate = async |psids: &[String], actions: Value| {
        desk.post(&path, &[("user_ids", &users(psids)), ("actions", &actions.to_string())]).await
    };
    let done = moderate(&desk.psids[..2], json!(["block_user", "move_to_spam"])).await;
    assert_eq!(done.json(), json!({ "success": "true" }), "a string");
    let first = desk.customer(&desk.psids[0]).await;
    assert_eq!((&first["blocked"], &first["spam"]), (&json!(true), &json!(true)));
    let blocked = desk.get(&format!("{}/blocked", desk.page), &[]).await.json();
    assert_eq!(blocked["data"].as_array().unwrap().len(), 2);
    assert_eq!(moderate(&desk.psids[..1], json!(["UNBLOCK_USER"])).await.json()["success"], "true");

    for (psids, actions) in [
        (&desk.psids[..], json!(["block_user"])),
        (&desk.psids[..1], json!(["block_user", "unblock_user"])),
        (&desk.psids[..1], json!(["block_user", "ban_user", "move_to_spam"])),
        (&desk.psids[..1], json!(["archive"])),
        (&[], json!(["block_user"])),
        (&["12345".to_owned()], json!(["block_user"])),
    ] {
        assert_eq!(moderate(psids, actions.clone()).await.error().0, 100, "{actions}");
    }
    assert_eq!(desk.customer(&desk.psids[0]).await["blocked"], false);
}

#[tokio::test]
async fn the_list_of_blocked_people_is_changed_one_by_one() {
    let desk = Desk::start().await;
    let path = format!("{}/blocked", desk.page);
    let psid = desk.psids[3].as_str();
    assert_eq!(desk.post(&path, &[("psid", &json!([psid]).to_string())]).await.json(), json!({ psid: true }));
    assert_eq!(texts(&desk.get(&path, &[]).await.json()["data"], "id"), [psid]);
    assert_eq!(desk.delete(&path, &[("psid", psid)]).await.json(), json!({ "success": true }));
    assert_eq!(desk.get(&path, &[]).await.json()["data"], json!([]));
}

#[tokio::test]
async fn a_conversation_cannot_be_archived_muted_or_marked_as_read() {
    let desk = Desk::start().await;
    let conversation = text(&desk.customer(&desk.psids[0]).await["conversation_id"]);
    for form in [[("archived", "true")], [("muted", "true")], [("read", "true")]] {
        assert_eq!(desk.post(&conversation, &form).await.error(), (100, Some(33)));
    }
    assert_eq!(desk.delete(&conversation, &[]).await.error(), (100, Some(33)));
}
