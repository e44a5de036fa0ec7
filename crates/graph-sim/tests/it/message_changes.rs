//! Messages that are edited, taken back and reacted to, and what customers do beside writing.

use serde_json::{Value, json};

use crate::support::receiver::{Receiver, wait};
use crate::support::{TestSim, simple, text};

struct Desk {
    sim: TestSim,
    receiver: Receiver,
    page: String,
    token: String,
    psid: String,
    mid: String,
}

impl Desk {
    /// With one message of a new customer.
    async fn start(fields: &str) -> Self {
        let (sim, receiver) = (simple(1, 1, 1).await, Receiver::start());
        let (page, token) = sim.first_page("Test Person").await;
        let body = json!({ "customer_name": "Ada", "text": "Do you have oat mlik?" });
        let written = sim.control("POST", &format!("/pages/{page}/messages"), body).await;
        receiver.subscribe_to(&sim, &page, &token, fields).await;
        let (psid, mid) = (text(&written["psid"]), text(&written["messages"][0]["mid"]));
        Self { sim, receiver, page, token, psid, mid }
    }

    async fn change(&self, change: Value) {
        self.sim.control("PATCH", &format!("/pages/{}/messages/{}", self.page, self.mid), change).await;
    }

    async fn read(&self) -> crate::support::Reply {
        let query = [("fields", "message,reactions"), ("access_token", self.token.as_str())];
        self.sim.get(&format!("/v25.0/{}", self.mid), &query).await
    }

    async fn events(&self, count: usize) -> Vec<Value> {
        wait("events", || self.receiver.entries().len() >= count).await;
        self.receiver.entries().iter().map(|entry| entry["messaging"][0].clone()).collect()
    }
}

#[tokio::test]
async fn an_edit_shows_and_is_told_with_its_number() {
    let desk = Desk::start("message_edits").await;
    desk.change(json!({ "text": "Do you have oat milk?" })).await;
    desk.change(json!({ "text": "Do you have soy milk?" })).await;
    assert_eq!(desk.read().await.json()["message"], "Do you have soy milk?");
    let events = desk.events(2).await;
    assert_eq!(events[1]["message_edit"], json!({ "mid": desk.mid, "text": "Do you have soy milk?", "num_edit": 2 }));
    assert_eq!(events[1]["sender"]["id"], desk.psid.as_str());
}

#[tokio::test]
async fn a_reaction_comes_and_goes() {
    let desk = Desk::start("message_reactions").await;
    desk.change(json!({ "reaction": "❤" })).await;
    assert_eq!(desk.read().await.json()["reactions"]["data"][0]["reaction"], "❤");
    desk.change(json!({ "reaction": "" })).await;
    assert!(desk.read().await.json().get("reactions").is_none());
    let events = desk.events(2).await;
    assert_eq!(
        (&events[0]["reaction"]["action"], &events[1]["reaction"]["action"]),
        (&json!("react"), &json!("unreact"))
    );
    assert_eq!(events[0]["sender"]["id"], desk.page.as_str(), "the other side reacts");
}

#[tokio::test]
async fn what_was_taken_back_has_no_details_any_more() {
    let desk = Desk::start("messages").await;
    desk.change(json!({ "deleted": true })).await;
    assert_eq!(desk.read().await.error(), (9_000_001, None));
    let query = [("fields", "messages{message}"), ("user_id", &desk.psid), ("access_token", &desk.token)];
    let list = desk.sim.get(&format!("/v25.0/{}/conversations", desk.page), &query).await.json();
    assert_eq!(list["data"][0]["messages"]["data"], json!([{ "id": desk.mid }]));
    let event = desk.events(1).await.remove(0);
    assert_eq!(event["message"], json!({ "mid": desk.mid, "is_deleted": true }));
}

#[tokio::test]
async fn customers_read_press_buttons_and_follow_links() {
    let desk = Desk::start("message_reads,messaging_postbacks,messaging_referrals,messaging_optins").await;
    let path = format!("/pages/{}/customers/{}/events", desk.page, desk.psid);
    for act in [
        json!({ "read": {} }),
        json!({ "postback": { "title": "Start", "payload": "GO" } }),
        json!({ "referral": { "reference": "flyer", "source": "SHORTLINK" } }),
        json!({ "opt_in": { "reference": "news" } }),
    ] {
        desk.sim.control("POST", &path, act).await;
    }
    let events = desk.events(4).await;
    assert!(events[0]["read"]["watermark"].is_i64());
    assert_eq!(events[1]["postback"], json!({ "title": "Start", "payload": "GO" }));
    assert_eq!(events[2]["referral"]["ref"], "flyer");
    assert_eq!(events[3]["optin"], json!({ "ref": "news" }));
}
