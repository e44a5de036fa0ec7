//! The Send API.

use serde_json::{Value, json};

use crate::support::receiver::Receiver;
use crate::support::{Reply, TestSim, simple, text};

const DAY_S: i64 = 86_400;

/// A Page, its token, and a customer who has just written.
struct Thread {
    sim: TestSim,
    page: String,
    token: String,
    psid: String,
    conversation: String,
}

impl Thread {
    async fn start() -> Self {
        let sim = simple(2, 5, 3).await;
        let (page, token) = sim.first_page("Test Person").await;
        let written = json!({ "customer_name": "Ada L", "text": "Are you there?" });
        let written = sim.control("POST", &format!("/pages/{page}/messages"), written).await;
        let (psid, conversation) = (text(&written["psid"]), text(&written["conversation_id"]));
        Self { sim, page, token, psid, conversation }
    }

    /// As JSON, to the Page's id.
    async fn send(&self, mut body: Value) -> Reply {
        if body.get("recipient").is_none() {
            body["recipient"] = json!({ "id": self.psid });
        }
        let url = self.sim.url(&format!("/v25.0/{}/messages", self.page));
        self.sim.send(self.sim.http.post(url).bearer_auth(&self.token).json(&body)).await
    }

    async fn messages(&self) -> Vec<Value> {
        let query = [("fields", "id,message,from,attachments"), ("access_token", &self.token)];
        self.sim.follow(&format!("/v25.0/{}/messages", self.conversation), &query).await
    }

    async fn advance(&self, seconds: i64) {
        self.sim.control("POST", "/clock/advance", json!({ "seconds": seconds })).await;
    }
}

#[tokio::test]
async fn what_is_sent_stands_in_the_conversation_and_comes_back_as_an_echo_and_a_delivery() {
    let thread = Thread::start().await;
    let receiver = Receiver::start();
    receiver.subscribe_to(&thread.sim, &thread.page, &thread.token, "message_echoes,message_deliveries").await;
    let message = json!({ "text": "Yes, until 18.", "metadata": "reply:7" });
    let answer = thread.send(json!({ "messaging_type": "RESPONSE", "message": message })).await.json();
    assert_eq!(answer["recipient_id"], thread.psid.as_str());
    let mid = text(&answer["message_id"]);

    let newest = thread.messages().await[0].clone();
    assert_eq!((&newest["id"], &newest["message"]), (&json!(mid), &json!("Yes, until 18.")));
    assert_eq!(newest["from"]["id"], thread.page.as_str());

    crate::support::receiver::wait("both events", || receiver.entries().len() >= 2).await;
    let events: Vec<Value> = receiver.entries().iter().map(|entry| entry["messaging"][0].clone()).collect();
    let echo = events.iter().find(|event| event.get("message").is_some()).unwrap();
    assert_eq!((&echo["sender"]["id"], &echo["recipient"]["id"]), (&json!(thread.page), &json!(thread.psid)));
    let app_id: i64 = thread.sim.running.app_id().parse().unwrap();
    assert_eq!(
        echo["message"],
        json!({ "is_echo": true, "app_id": app_id, "metadata": "reply:7", "mid": mid, "text": "Yes, until 18." })
    );
    let delivery = events.iter().find(|event| event.get("delivery").is_some()).unwrap();
    assert_eq!(delivery["delivery"]["mids"], json!([mid]));
    assert_eq!(delivery["sender"]["id"], thread.psid.as_str());
}

#[tokio::test]
async fn a_form_to_me_does_as_well_as_json() {
    let thread = Thread::start().await;
    let recipient = json!({ "id": thread.psid }).to_string();
    let message = json!({ "text": "As a form" }).to_string();
    let form = [("recipient", recipient.as_str()), ("message", &message), ("access_token", &thread.token)];
    let answer = thread.sim.post("/v25.0/me/messages", &form).await.json();
    assert_eq!(thread.messages().await[0]["id"], answer["message_id"]);
}

#[tokio::test]
async fn an_attachment_is_sent_by_address_and_again_by_its_id() {
    let thread = Thread::start().await;
    let send = async |payload: Value| {
        thread.send(json!({ "message": { "attachment": { "type": "image", "payload": payload } } })).await
    };
    let first = send(json!({ "url": "https://example.com/menu.png", "is_reusable": true })).await.json();
    let id = text(&first["attachment_id"]);
    let again = send(json!({ "attachment_id": id })).await.json();
    assert!(again.get("attachment_id").is_none());
    let newest = thread.messages().await[0].clone();
    assert_eq!(newest["attachments"]["data"][0]["mime_type"], "image/png");
    assert_eq!(send(json!({ "url": "file:///etc/passwd" })).await.error(), (100, Some(2_018_008)));
    assert_eq!(send(json!({ "attachment_id": "menu" })).await.error(), (100, Some(2_018_074)));
}

#[tokio::test]
async fn after_a_day_only_a_human_agent_may_write_and_after_a_week_nobody() {
    let thread = Thread::start().await;
    let plain = json!({ "message": { "text": "Hello again" } });
    let human =
        json!({ "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT", "message": { "text": "Sorry for the wait" } });
    thread.advance(DAY_S - 60).await;
    assert_eq!(thread.send(plain.clone()).await.status, 200);
    thread.advance(120).await;
    assert_eq!(thread.send(plain.clone()).await.error(), (10, Some(2_018_278)));
    assert_eq!(thread.send(human.clone()).await.status, 200);
    thread.advance(6 * DAY_S).await;
    assert_eq!(thread.send(human).await.error(), (10, Some(2_018_278)));
    let written = json!({ "psid": thread.psid, "text": "Still interested" });
    thread.sim.control("POST", &format!("/pages/{}/messages", thread.page), written).await;
    assert_eq!(thread.send(plain).await.status, 200, "the customer opens it again");
}

#[tokio::test]
async fn who_cannot_be_reached_is_told_apart() {
    let thread = Thread::start().await;
    let hello = |recipient: &str| json!({ "recipient": { "id": recipient }, "message": { "text": "Hello" } });
    assert_eq!(thread.send(hello("12345")).await.error(), (100, Some(2_018_001)));
    let pages = thread.sim.control("GET", "/pages", json!({})).await;
    let other = text(&pages.as_array().unwrap().iter().find(|page| page["id"] != thread.page.as_str()).unwrap()["id"]);
    let theirs = thread.sim.control("GET", &format!("/pages/{other}/customers"), json!({})).await;
    assert_eq!(thread.send(hello(&text(&theirs[0]["psid"]))).await.error(), (100, Some(2_018_001)));
    let path = format!("/pages/{}/customers/{}", thread.page, thread.psid);
    thread.sim.control("PATCH", &path, json!({ "reachable": false })).await;
    assert_eq!(thread.send(hello(&thread.psid)).await.error().0, 551);
    thread.sim.control("PATCH", &path, json!({ "reachable": true })).await;
    assert_eq!(thread.send(hello(&thread.psid)).await.status, 200);
}

#[tokio::test]
async fn sender_actions_stand_alone_and_have_no_message_id() {
    let thread = Thread::start().await;
    let mid = text(&thread.messages().await[0]["id"]);
    for body in [
        json!({ "sender_action": "mark_seen" }),
        json!({ "sender_action": "typing_on" }),
        json!({ "sender_action": "react", "payload": { "message_id": mid, "reaction": "😊" } }),
        json!({ "sender_action": "unreact", "payload": { "message_id": mid } }),
    ] {
        assert_eq!(thread.send(body).await.json(), json!({ "recipient_id": thread.psid }));
    }
    let both = json!({ "sender_action": "typing_on", "message": { "text": "Hi" } });
    assert_eq!(thread.send(both).await.error(), (100, Some(2_018_014)));
    assert_eq!(thread.send(json!({ "sender_action": "dance" })).await.error().0, 100);
    assert_eq!(thread.messages().await.len(), 1);
}

#[tokio::test]
async fn a_message_that_is_wrong_is_refused_and_not_sent() {
    let thread = Thread::start().await;
    let tag = |tag: &str| json!({ "messaging_type": "MESSAGE_TAG", "tag": tag, "message": { "text": "Hi" } });
    let image = json!({ "type": "image", "payload": { "url": "https://example.com/a.png" } });
    for body in [
        json!({ "message": { "text": "x".repeat(2_000) } }),
        json!({ "message": {} }),
        json!({ "message": { "text": "Hi", "attachment": image } }),
        json!({ "message": { "text": "Hi", "metadata": "x".repeat(1_000) } }),
        json!({ "message": { "text": "Hi", "quick_replies": [{ "content_type": "song" }] } }),
        json!({ "messaging_type": "SPAM", "message": { "text": "Hi" } }),
        tag("ACCOUNT_UPDATE"),
        tag("CONFIRMED_EVENT_UPDATE"),
        json!({ "message": "no object" }),
        json!({}),
    ] {
        let answer = thread.send(body.clone()).await;
        assert_eq!((answer.status, answer.error().0), (400, 100), "{body}");
    }
    assert_eq!(thread.send(json!({ "message": { "text": "ü".repeat(1_999) } })).await.status, 200);
    assert_eq!(thread.messages().await.len(), 2);
}

#[tokio::test]
async fn sending_needs_the_pages_token_the_permission_and_the_task() {
    let thread = Thread::start().await;
    let user = thread.sim.user_token("Test Person").await;
    let recipient = json!({ "id": thread.psid }).to_string();
    let form =
        |token| [("recipient", recipient.clone()), ("message", r#"{"text":"Hi"}"#.to_owned()), ("access_token", token)];
    let path = format!("/v25.0/{}/messages", thread.page);
    let send = async |token: &str| {
        thread.sim.send(thread.sim.http.post(thread.sim.url(&path)).form(&form(token.to_owned()))).await
    };
    assert_eq!(send(&user).await.error().0, 190);
    let narrow = json!({ "person": "Test Person", "scopes": ["pages_show_list", "pages_manage_metadata"] });
    thread.sim.control("POST", "/tokens", narrow).await;
    assert_eq!(send(&thread.token).await.error().0, 200, "pages_messaging was taken back");
}

#[tokio::test]
async fn a_send_may_have_happened_although_the_answer_is_an_error() {
    let thread = Thread::start().await;
    let fault = json!({
        "method": "POST", "path": "messages", "times": 1,
        "effect": { "error": { "status": 500, "code": 2, "is_transient": true, "applied": true } },
    });
    thread.sim.control("POST", "/faults", fault).await;
    let answer = thread.send(json!({ "message": { "text": "Once" } })).await;
    assert_eq!((answer.status, answer.error().0), (500, 2));
    assert_eq!(thread.messages().await[0]["message"], "Once");
}

#[tokio::test]
async fn a_page_writes_under_a_persona() {
    let sim = simple(1, 1, 1).await;
    let (page, token) = sim.first_page("Test Person").await;
    let body = json!({ "customer_name": "Ada", "text": "hi" });
    let psid = text(&sim.control("POST", &format!("/pages/{page}/messages"), body).await["psid"]);
    let edge = format!("/v25.0/{page}/personas");
    let form = [("name", "Lan"), ("profile_picture_url", "https://e.example/l.jpg"), ("access_token", token.as_str())];
    let persona = text(&sim.post(&edge, &form).await.json()["id"]);
    let list = sim.get(&edge, &[("access_token", &token)]).await.json();
    assert_eq!(list["data"][0]["name"], "Lan");
    let recipient = json!({ "id": psid }).to_string();
    let send = async |persona: &str| {
        let form = [
            ("recipient", recipient.as_str()),
            ("message", r#"{"text":"hello"}"#),
            ("persona_id", persona),
            ("access_token", token.as_str()),
        ];
        sim.post(&format!("/v25.0/{page}/messages"), &form).await
    };
    assert_eq!(send(&persona).await.status, 200);
    assert_eq!(sim.delete(&format!("/v25.0/{persona}"), &[("access_token", &token)]).await.json()["success"], true);
    assert_eq!(send(&persona).await.error(), (100, None));
}
