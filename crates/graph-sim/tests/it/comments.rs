//! What a Page does about comments: answers, hides, deletes.

use serde_json::{Value, json};

use crate::support::receiver::{Receiver, wait};
use crate::support::{Reply, TestSim, simple, text, texts};

const FIELDS: &str = "id,message,from,parent{id},is_hidden,can_hide,comment_count";

struct Thread {
    sim: TestSim,
    page: String,
    token: String,
    post: String,
    comment: String,
}

impl Thread {
    async fn start() -> Self {
        let sim = simple(1, 3, 2).await;
        let (page, token) = sim.first_page("Test Person").await;
        let posts = sim.control("GET", &format!("/pages/{page}/posts"), json!({})).await;
        let post = text(&posts[0]["id"]);
        let path = format!("/pages/{page}/posts/{post}/comments");
        let written = sim.control("POST", &path, json!({ "customer_name": "Ada", "text": "How much?" })).await;
        Self { comment: text(&written["comment_id"]), sim, page, token, post }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let query: Vec<_> = query.iter().copied().chain([("access_token", self.token.as_str())]).collect();
        self.sim.get(&format!("/v25.0/{path}"), &query).await.json()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let form: Vec<_> = form.iter().copied().chain([("access_token", self.token.as_str())]).collect();
        self.sim.post(&format!("/v25.0/{path}"), &form).await
    }
}

#[tokio::test]
async fn an_answer_stands_below_its_comment() {
    let thread = Thread::start().await;
    let edge = format!("{}/comments", thread.comment);
    let answer = text(&thread.post(&edge, &[("message", "Nine euros")]).await.json()["id"]);
    let read = thread.get(&answer, &[("fields", FIELDS)]).await;
    assert_eq!((&read["parent"]["id"], &read["from"]["id"]), (&json!(thread.comment), &json!(thread.page)));
    assert_eq!(read["can_hide"], false, "its own");
    assert_eq!(texts(&thread.get(&edge, &[]).await["data"], "id"), std::slice::from_ref(&answer));

    let of_post = format!("{}/comments", thread.post);
    assert_eq!(texts(&thread.get(&of_post, &[]).await["data"], "id"), std::slice::from_ref(&thread.comment));
    let stream = thread.get(&of_post, &[("filter", "stream"), ("fields", FIELDS)]).await;
    assert_eq!(texts(&stream["data"], "id"), [thread.comment.clone(), answer.clone()]);
    assert_eq!(stream["data"][0]["comment_count"], 1);
    let deeper = text(&thread.post(&format!("{answer}/comments"), &[("message", "More?")]).await.json()["id"]);
    assert_eq!(thread.get(&deeper, &[("fields", FIELDS)]).await["parent"]["id"], thread.comment.as_str());
    assert_eq!(thread.post(&edge, &[]).await.error(), (100, None));
}

#[tokio::test]
async fn a_comment_is_hidden_shown_and_deleted_and_each_is_told() {
    let thread = Thread::start().await;
    let receiver = Receiver::start();
    receiver.subscribe_to(&thread.sim, &thread.page, &thread.token, "feed").await;
    for hidden in ["true", "false"] {
        assert_eq!(thread.post(&thread.comment, &[("is_hidden", hidden)]).await.json()["success"], true);
        let read = thread.get(&thread.comment, &[("fields", FIELDS)]).await;
        assert_eq!(read["is_hidden"].to_string(), hidden);
    }
    assert_eq!(thread.post(&thread.comment, &[]).await.error(), (100, None));
    let path = format!("/v25.0/{}", thread.comment);
    let token = [("access_token", thread.token.as_str())];
    assert_eq!(thread.sim.delete(&path, &token).await.json(), json!({ "success": true }));
    assert_eq!(thread.sim.delete(&path, &token).await.error(), (100, Some(33)));
    wait("three changes", || receiver.entries().len() == 3).await;
    let verbs: Vec<_> = receiver.entries().iter().map(|entry| text(&entry["changes"][0]["value"]["verb"])).collect();
    assert_eq!(verbs, ["hide", "unhide", "remove"]);
    assert!(receiver.entries()[2]["changes"][0]["value"].get("message").is_none());
}

#[tokio::test]
async fn comments_need_permission_and_task() {
    let thread = Thread::start().await;
    thread.sim.control("DELETE", "/people/Test%20Person/permissions/pages_manage_engagement", json!({})).await;
    assert_eq!(thread.post(&thread.comment, &[("is_hidden", "true")]).await.error().0, 200);
}
