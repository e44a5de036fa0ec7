//! Posts with their engagement, comments, and private replies.

use serde_json::{Value, json};

use crate::support::receiver::Receiver;
use crate::support::{Reply, TestSim, simple, text, texts};

const ENGAGEMENT: &str = "id,message,created_time,permalink_url,is_published,shares,likes.limit(0).summary(true),\
     comments.limit(0).summary(true),reactions.limit(0).summary(total_count)";

struct Wall {
    sim: TestSim,
    page: String,
    token: String,
}

impl Wall {
    async fn start() -> Self {
        let sim = simple(1, 3, 2).await;
        let (page, token) = sim.first_page("Test Person").await;
        Self { sim, page, token }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Reply {
        let query: Vec<_> = query.iter().copied().chain([("access_token", self.token.as_str())]).collect();
        self.sim.get(&format!("/v25.0/{path}"), &query).await
    }

    async fn post(&self, edge: &str, form: &[(&str, &str)]) -> Reply {
        let form: Vec<_> = form.iter().copied().chain([("access_token", self.token.as_str())]).collect();
        self.sim.post(&format!("/v25.0/{}/{edge}", self.page), &form).await
    }

    async fn newest_post(&self) -> String {
        let list = self.get(&format!("{}/published_posts", self.page), &[("limit", "1")]).await.json();
        text(&list["data"][0]["id"])
    }

    /// Id of the comment, and the PSID of who wrote it.
    async fn comment(&self, post: &str, body: Value) -> (String, String) {
        let written = self.sim.control("POST", &format!("/pages/{}/posts/{post}/comments", self.page), body).await;
        (text(&written["comment_id"]), text(&written["psid"]))
    }

    async fn reply_privately(&self, comment: &str) -> Reply {
        let recipient = json!({ "comment_id": comment }).to_string();
        self.post("messages", &[("recipient", &recipient), ("message", r#"{"text":"Let us talk here"}"#)]).await
    }
}

#[tokio::test]
async fn posts_are_listed_with_their_engagement() {
    let wall = Wall::start().await;
    let path = format!("/v25.0/{}/published_posts", wall.page);
    let query = [("fields", ENGAGEMENT), ("limit", "15"), ("access_token", &wall.token)];
    let posts = wall.sim.follow(&path, &query).await;
    assert_eq!(posts.len(), 40);
    let times: Vec<_> = posts.iter().map(|post| text(&post["created_time"])).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "newest first");
    for post in &posts {
        assert!(text(&post["id"]).starts_with(&format!("{}_", wall.page)));
        assert!(
            post["likes"]["summary"]["total_count"].as_u64() <= post["reactions"]["summary"]["total_count"].as_u64()
        );
        assert_ne!(post.get("shares"), Some(&json!({ "count": 0 })), "left out where nobody shared it");
    }
    assert!(posts.iter().any(|post| post.get("message").is_none()), "a picture without words");
    let one = wall.get(&text(&posts[3]["id"]), &[("fields", ENGAGEMENT)]).await.json();
    assert_eq!(one, posts[3]);
    assert_eq!(wall.get(&format!("{}/feed", wall.page), &[("limit", "101")]).await.error().0, 100);
    assert_eq!(wall.get(&format!("{}/feed", wall.page), &[("fields", "colour")]).await.error().0, 100);
}

#[tokio::test]
async fn a_post_is_published_at_once_or_waits_unpublished() {
    let wall = Wall::start().await;
    let receiver = Receiver::start();
    receiver.subscribe_to(&wall.sim, &wall.page, &wall.token, "feed").await;
    let id = text(&wall.post("feed", &[("message", "New menu!")]).await.json()["id"]);
    assert_eq!(wall.newest_post().await, id);
    let told = receiver.wait_for(1).await[0].entries()[0]["changes"][0].clone();
    assert_eq!(
        (&told["field"], &told["value"]["post_id"], &told["value"]["item"]),
        (&json!("feed"), &json!(id), &json!("status"))
    );

    let now = wall.sim.control("GET", "/state", json!({})).await["clock"]["now_ms"].as_i64().unwrap() / 1_000;
    let later = |seconds: i64| {
        [
            ("message", "Soon".to_owned()),
            ("published", "false".to_owned()),
            ("scheduled_publish_time", (now + seconds).to_string()),
        ]
    };
    let schedule = async |seconds: i64| {
        let form = later(seconds);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        wall.post("feed", &form).await
    };
    assert_eq!(schedule(60).await.error().0, 100, "too soon");
    let waiting = text(&schedule(3_600).await.json()["id"]);
    assert_eq!(wall.newest_post().await, id, "not yet");
    let feed = wall.get(&format!("{}/feed", wall.page), &[("fields", "id,is_published")]).await.json();
    assert_eq!(feed["data"][0], json!({ "id": waiting, "is_published": false }));
    assert_eq!(wall.post("feed", &[]).await.error().0, 100);
    assert_eq!(wall.post("feed", &[("link", "no address")]).await.error().0, 100);
}

#[tokio::test]
async fn a_comment_is_told_counted_and_read() {
    let wall = Wall::start().await;
    let receiver = Receiver::start();
    receiver.subscribe_to(&wall.sim, &wall.page, &wall.token, "feed").await;
    let post = wall.newest_post().await;
    let (comment, psid) = wall.comment(&post, json!({ "customer_name": "Ada L", "text": "How much is it?" })).await;
    let told = receiver.wait_for(1).await[0].entries()[0]["changes"][0]["value"].clone();
    assert_eq!(
        (&told["item"], &told["verb"], &told["comment_id"], &told["post_id"], &told["parent_id"]),
        (&json!("comment"), &json!("add"), &json!(comment), &json!(post), &json!(post))
    );
    assert_eq!((&told["from"]["name"], &told["from"]["id"]), (&json!("Ada L"), &json!(psid)));
    for number in 2..=5 {
        wall.comment(&post, json!({ "psid": psid, "text": format!("And {number}?") })).await;
    }
    let path = format!("/v25.0/{post}/comments");
    let query = [("fields", "id,message,from"), ("limit", "2"), ("access_token", wall.token.as_str())];
    let all = wall.sim.follow(&path, &query).await;
    assert_eq!(texts(&json!(all), "message"), ["How much is it?", "And 2?", "And 3?", "And 4?", "And 5?"]);
    let counted = wall.get(&post, &[("fields", "comments.limit(0).summary(true)")]).await.json();
    assert_eq!(counted["comments"]["summary"]["total_count"], 5);
    let one = wall.get(&comment, &[("fields", "message,can_reply_privately")]).await.json();
    assert_eq!((&one["message"], &one["can_reply_privately"]), (&json!("How much is it?"), &json!(true)));
}

#[tokio::test]
async fn a_comment_gets_one_private_reply_within_seven_days() {
    let wall = Wall::start().await;
    let post = wall.newest_post().await;
    let (comment, psid) = wall.comment(&post, json!({ "customer_name": "Ada L", "text": "How much is it?" })).await;
    let sent = wall.reply_privately(&comment).await.json();
    assert_eq!(sent["recipient_id"], psid.as_str());
    let thread = wall.sim.control("GET", &format!("/pages/{}/customers/{psid}/messages", wall.page), json!({})).await;
    assert_eq!((&thread[0]["mid"], &thread[0]["text"]), (&sent["message_id"], &json!("Let us talk here")));
    assert_eq!(wall.reply_privately(&comment).await.error().0, 10_900, "once");

    let recipient = json!({ "id": psid }).to_string();
    let more = [("recipient", recipient.as_str()), ("message", r#"{"text":"More"}"#)];
    assert_eq!(wall.post("messages", &more).await.error(), (10, Some(2_018_278)), "not before they answer");

    let (late, _) = wall.comment(&post, json!({ "psid": psid, "text": "Hello?" })).await;
    wall.sim.control("POST", "/clock/advance", json!({ "seconds": 7 * 86_400 })).await;
    assert_eq!(wall.reply_privately(&late).await.error(), (10, Some(2_018_278)));
    assert_eq!(wall.reply_privately("1_2").await.error(), (100, Some(33)));
}

#[tokio::test]
async fn the_wall_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Some(folder.path().join("journal"));
    let config = || pagekeeper_graph_sim::SimConfig {
        world: pagekeeper_graph_sim::WorldConfig::simple(1, 3, 2),
        enforce_limits: false,
        journal: journal.clone(),
        ..pagekeeper_graph_sim::SimConfig::default()
    };
    let sim = crate::support::start(config()).await;
    let (page, token) = sim.first_page("Test Person").await;
    let wall = Wall { sim, page, token };
    let id = text(&wall.post("feed", &[("message", "New menu!")]).await.json()["id"]);
    let (comment, _) = wall.comment(&id, json!({ "customer_name": "Ada L", "text": "Nice" })).await;
    wall.reply_privately(&comment).await;
    let label = text(&wall.post("custom_labels", &[("page_label_name", "VIP")]).await.json()["id"]);
    let Wall { sim, page, token } = wall;
    sim.running.stop().await;
    for _ in 0..2 {
        // The second time from a compacted journal.
        let wall = Wall { sim: crate::support::start(config()).await, page: page.clone(), token: token.clone() };
        assert_eq!(wall.newest_post().await, id);
        assert_eq!(wall.get(&comment, &[]).await.json()["message"], "Nice");
        assert_eq!(wall.reply_privately(&comment).await.error().0, 10_900);
        let labels = wall.get(&format!("{page}/custom_labels"), &[]).await.json();
        assert_eq!(texts(&labels["data"], "id"), [label.as_str()]);
        wall.sim.running.stop().await;
    }
}
