//! What Meta does in more than one way.

use serde_json::json;

use crate::support::receiver::Receiver;
use crate::support::{demo, simple, text};

#[tokio::test]
async fn ids_come_as_numbers_times_as_texts_and_fields_that_nobody_knows() {
    let (sim, receiver) = (simple(1, 1, 1).await, Receiver::start());
    let (page, token) = sim.first_page("Test Person").await;
    receiver.subscribe(&sim, &page, &token).await;
    let all = json!({ "numeric_ids": true, "unknown_fields": true, "text_times": true });
    sim.control("PUT", "/variations", all).await;
    let read = sim.get(&format!("/v25.0/{page}"), &[("access_token", &token)]).await.json();
    assert_eq!(read["id"].as_u64().unwrap().to_string(), page);
    assert!(read["a_field_of_2031"].is_object());
    let body = json!({ "customer_name": "Ada", "text": "hi" });
    sim.control("POST", &format!("/pages/{page}/messages"), body).await;
    let entry = receiver.wait_for(1).await[0].json()["entry"][0].clone();
    assert!(entry["id"].is_u64() && entry["time"].is_string() && entry["messaging"][0]["timestamp"].is_string());
    assert_eq!(entry["messaging"][0]["message"]["text"], "hi");
}

#[tokio::test]
async fn errors_may_leave_out_their_subcode() {
    let sim = demo().await;
    sim.control("PUT", "/variations", json!({ "omit_subcodes": true })).await;
    assert_eq!(sim.get("/v25.0/5", &[("access_token", &sim.user_token("Linh Trần").await)]).await.error(), (100, None));
    let (page, token) = sim.first_page("Linh Trần").await;
    let labels = format!("/v25.0/{page}/custom_labels");
    assert_eq!(sim.get(&labels, &[("access_token", &token)]).await.status, 200);
    let changed = json!({ "omit_subcodes": false, "contact_terms_accepted": false });
    sim.control("PUT", "/variations", changed).await;
    assert_eq!(sim.get(&labels, &[("access_token", &token)]).await.error(), (2, Some(2_018_344)));
}

#[tokio::test]
async fn a_sent_message_is_delivered_and_read_as_is_asked_for() {
    let (sim, receiver) = (simple(1, 1, 1).await, Receiver::start());
    let (page, token) = sim.first_page("Test Person").await;
    receiver.subscribe_to(&sim, &page, &token, "message_deliveries,message_reads").await;
    sim.control(
        "PUT",
        "/variations",
        json!({ "delivery_mids": false, "read_receipts": true, "mark_seen_reads": true }),
    )
    .await;
    let body = json!({ "customer_name": "Ada", "text": "hi" });
    let psid = text(&sim.control("POST", &format!("/pages/{page}/messages"), body).await["psid"]);
    let recipient = json!({ "id": psid }).to_string();
    let send = async |what: (&str, &str)| {
        let form = [("recipient", recipient.as_str()), what, ("access_token", token.as_str())];
        assert_eq!(sim.post(&format!("/v25.0/{page}/messages"), &form).await.status, 200);
    };
    let unread = async || {
        let customers = sim.control("GET", &format!("/pages/{page}/customers?q=ada"), json!({})).await;
        customers[0]["unread_count"].as_u64().unwrap()
    };
    assert_eq!(unread().await, 1);
    send(("sender_action", "mark_seen")).await;
    assert_eq!(unread().await, 0);
    send(("message", r#"{"text":"hello"}"#)).await;
    let entries = crate::support::receiver::wait("both", || receiver.entries().len() == 2);
    entries.await;
    let delivery = &receiver.entries()[0]["messaging"][0]["delivery"];
    assert!(delivery.get("mids").is_none() && delivery["watermark"].is_i64());
    assert!(receiver.entries()[1]["messaging"][0]["read"]["watermark"].is_i64());
}

#[tokio::test]
async fn a_page_of_high_volume_lists_no_conversations() {
    let sim = simple(1, 3, 1).await;
    let (page, token) = sim.first_page("Test Person").await;
    let path = format!("/v25.0/{page}/conversations");
    let thread = text(&sim.get(&path, &[("access_token", &token)]).await.json()["data"][0]["id"]);
    sim.control("PUT", "/limits", json!({ "enforced": true })).await;
    sim.control("PATCH", &format!("/pages/{page}"), json!({ "high_volume": true })).await;
    assert_eq!(sim.get(&path, &[("access_token", &token)]).await.error(), (613, None));
    assert_eq!(sim.get(&format!("/v25.0/{thread}"), &[("access_token", &token)]).await.status, 200, "a single one");
    let unknown = sim.send(sim.http.put(sim.url("/_sim/variations")).json(&json!({ "colour": true }))).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn instagram_hesitates_once_and_counts_to_another_number() {
    let sim = demo().await;
    let (page, token) = sim.first_page("Linh Trần").await;
    let query = [("fields", "instagram_business_account"), ("access_token", token.as_str())];
    let account = text(&sim.get(&format!("/v25.0/{page}"), &query).await.json()["instagram_business_account"]["id"]);
    sim.control("PUT", "/variations", json!({ "not_ready_once": true, "published_max": 1 })).await;
    let publish = async || {
        let form = [("image_url", "https://example.com/a.jpg"), ("access_token", token.as_str())];
        let container = text(&sim.post(&format!("/v25.0/{account}/media"), &form).await.json()["id"]);
        sim.control("POST", "/clock/advance", json!({ "seconds": 5 })).await;
        let form = [("creation_id", container.as_str()), ("access_token", token.as_str())];
        let path = format!("/v25.0/{account}/media_publish");
        assert_eq!(sim.post(&path, &form).await.error(), (9_007, Some(2_207_027)), "finished, and not ready");
        sim.post(&path, &form).await
    };
    assert_eq!(publish().await.status, 200);
    assert_eq!(publish().await.error(), (9, Some(2_207_042)));
}
