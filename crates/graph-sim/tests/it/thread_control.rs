//! Conversations that another app has, and apps that reach nobody.

use serde_json::{Value, json};

use crate::support::receiver::Receiver;
use crate::support::{Reply, TestSim, simple, text};

const PAGE_INBOX: &str = "263902037430900";

struct Desk {
    sim: TestSim,
    page: String,
    token: String,
    psid: String,
}

impl Desk {
    async fn start() -> Self {
        let sim = simple(1, 3, 2).await;
        let (page, token) = sim.first_page("Test Person").await;
        let psid = text(&sim.control("GET", &format!("/pages/{page}/customers"), json!({})).await[0]["psid"]);
        let desk = Self { sim, page, token, psid };
        desk.customer_writes("hi").await;
        desk
    }

    async fn customer_writes(&self, text: &str) {
        let body = json!({ "psid": self.psid, "text": text });
        self.sim.control("POST", &format!("/pages/{}/messages", self.page), body).await;
    }

    async fn customer_is(&self, change: Value) {
        let path = format!("/pages/{}/customers/{}", self.page, self.psid);
        self.sim.control("PATCH", &path, change).await;
    }

    async fn post(&self, edge: &str, form: &[(&str, &str)]) -> Reply {
        let recipient = json!({ "id": self.psid }).to_string();
        let own = [("recipient", recipient.as_str()), ("access_token", self.token.as_str())];
        let form: Vec<_> = form.iter().copied().chain(own).collect();
        self.sim.post(&format!("/v25.0/{}/{edge}", self.page), &form).await
    }

    async fn send(&self) -> Reply {
        self.post("messages", &[("message", r#"{"text":"hello"}"#)]).await
    }

    async fn owner(&self) -> String {
        let query = [("recipient", self.psid.as_str()), ("access_token", self.token.as_str())];
        let owner = self.sim.get(&format!("/v25.0/{}/thread_owner", self.page), &query).await.json();
        text(&owner["data"][0]["thread_owner"]["app_id"])
    }
}

#[tokio::test]
async fn a_conversation_is_passed_and_taken_and_meanwhile_on_standby() {
    let desk = Desk::start().await;
    let receiver = Receiver::start();
    receiver.subscribe_to(&desk.sim, &desk.page, &desk.token, "messages,messaging_handovers,standby").await;
    let app_id = desk.sim.running.app_id().to_owned();
    assert_eq!(desk.owner().await, app_id);
    assert_eq!(desk.post("pass_thread_control", &[("target_app_id", "5")]).await.error(), (100, Some(2_018_164)));
    let passed = desk.post("pass_thread_control", &[("target_app_id", PAGE_INBOX)]).await;
    assert_eq!(passed.json(), json!({ "success": true }));
    assert_eq!(desk.owner().await, PAGE_INBOX);
    assert_eq!(desk.send().await.error(), (2_018_300, None));

    desk.customer_writes("are you there?").await;
    let events = receiver.wait_for(2).await;
    let control = &events[0].json()["entry"][0]["messaging"][0]["pass_thread_control"];
    assert_eq!((&control["previous_owner_app_id"], &control["new_owner_app_id"]), (&json!(app_id), &json!(PAGE_INBOX)));
    let listened = &events[1].json()["entry"][0];
    assert!(listened.get("messaging").is_none());
    assert_eq!(listened["standby"][0]["message"]["text"], "are you there?");

    desk.post("take_thread_control", &[]).await;
    assert_eq!((desk.owner().await, desk.send().await.status), (app_id.clone(), 200));
    let path = format!("/pages/{}/customers/{}/thread_owner", desk.page, desk.psid);
    let taken = desk.sim.control("PUT", &path, json!({ "app_id": PAGE_INBOX })).await;
    assert_eq!(taken["controlled_by"], PAGE_INBOX);
    desk.sim.control("PUT", &path, json!({})).await;
    assert_eq!(desk.owner().await, app_id);
}

#[tokio::test]
async fn who_blocked_the_business_looks_like_a_fault_of_the_service() {
    let desk = Desk::start().await;
    desk.customer_is(json!({ "blocks_page": true })).await;
    let refused = desk.send().await;
    assert_eq!((refused.status, refused.error()), (500, (2, None)));
    assert_eq!(refused.json()["error"]["is_transient"], true);
    desk.customer_is(json!({ "blocks_page": false })).await;
    assert_eq!(desk.send().await.status, 200);
}

#[tokio::test]
async fn an_app_in_development_reaches_and_hears_nobody() {
    let desk = Desk::start().await;
    let receiver = Receiver::start();
    receiver.subscribe(&desk.sim, &desk.page, &desk.token).await;
    desk.sim.control("PUT", "/app", json!({ "live": false })).await;
    assert_eq!(desk.send().await.error(), (200, Some(2_018_028)));
    desk.customer_writes("unheard").await;
    desk.sim.control("PUT", "/app", json!({ "live": true })).await;
    desk.customer_writes("heard").await;
    let heard = receiver.wait_for(1).await;
    assert_eq!(heard[0].json()["entry"][0]["messaging"][0]["message"]["text"], "heard");
}

#[tokio::test]
async fn addresses_of_pictures_end_after_a_day() {
    let desk = Desk::start().await;
    let body = json!({ "psid": desk.psid, "attachments": [{ "type": "image" }] });
    desk.sim.control("POST", &format!("/pages/{}/messages", desk.page), body).await;
    let path = format!("/v25.0/{}/conversations", desk.page);
    let fields = "messages.limit(1){attachments}";
    let query = [("user_id", desk.psid.as_str()), ("fields", fields), ("access_token", desk.token.as_str())];
    let address = async || {
        let list = desk.sim.get(&path, &query).await.json();
        text(&list["data"][0]["messages"]["data"][0]["attachments"]["data"][0]["image_data"]["url"])
    };
    let first = address().await;
    assert_eq!(desk.sim.get(&first, &[]).await.status, 200);
    desk.sim.control("POST", "/clock/advance", json!({ "seconds": 26 * 3_600 })).await;
    assert_eq!(desk.sim.get(&first, &[]).await.status, 403);
    assert_eq!(desk.sim.get(&address().await, &[]).await.status, 200, "Graph gives a fresh one");
}
