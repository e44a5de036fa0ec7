//! Instagram accounts, their media and insights, and publishing.

use serde_json::{Value, json};

use crate::support::{Reply, TestSim, simple, text};

const MEDIA: &str =
    "id,caption,media_type,media_product_type,media_url,thumbnail_url,permalink,timestamp,like_count,comments_count";

struct Account {
    sim: TestSim,
    page: String,
    token: String,
    id: String,
}

impl Account {
    async fn start() -> Self {
        let sim = simple(2, 2, 1).await;
        let (page, token) = sim.first_page("Test Person").await;
        let linked = sim.control("PATCH", &format!("/pages/{page}"), json!({ "instagram": "page.one" })).await;
        let id = text(&linked["instagram"]["id"]);
        Self { sim, page, token, id }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Reply {
        let query: Vec<_> = query.iter().copied().chain([("access_token", self.token.as_str())]).collect();
        self.sim.get(&format!("/v25.0/{path}"), &query).await
    }

    async fn post(&self, edge: &str, form: &[(&str, &str)]) -> Reply {
        let form: Vec<_> = form.iter().copied().chain([("access_token", self.token.as_str())]).collect();
        self.sim.post(&format!("/v25.0/{}/{edge}", self.id), &form).await
    }

    async fn container(&self, form: &[(&str, &str)]) -> String {
        text(&self.post("media", form).await.json()["id"])
    }

    async fn status(&self, container: &str) -> Value {
        self.get(container, &[("fields", "status_code,status")]).await.json()
    }

    async fn publish(&self, container: &str) -> Reply {
        self.post("media_publish", &[("creation_id", container)]).await
    }

    async fn advance(&self, seconds: i64) {
        self.sim.control("POST", "/clock/advance", json!({ "seconds": seconds })).await;
    }
}

#[tokio::test]
async fn an_account_is_found_through_its_page() {
    let account = Account::start().await;
    let fields = "instagram_business_account{id,username,name,followers_count,media_count}";
    let page = account.get(&account.page, &[("fields", fields)]).await.json();
    assert_eq!(page["instagram_business_account"]["id"], account.id.as_str());
    assert_eq!(page["instagram_business_account"]["username"], "page.one");
    let own = account.get(&account.id, &[("fields", "username,media_count")]).await.json();
    assert_eq!((&own["username"], &own["media_count"]), (&json!("page.one"), &json!(30)));

    account.sim.control("PATCH", &format!("/pages/{}", account.page), json!({ "instagram": "" })).await;
    let page = account.get(&account.page, &[("fields", fields)]).await.json();
    assert_eq!(page, json!({ "id": account.page }), "left out where none is linked");
    assert_eq!(account.get(&account.id, &[]).await.error(), (100, Some(33)));
}

#[tokio::test]
async fn media_are_listed_newest_first_with_what_they_have() {
    let account = Account::start().await;
    let path = format!("/v25.0/{}/media", account.id);
    let query = [("fields", MEDIA), ("limit", "7"), ("access_token", account.token.as_str())];
    let media = account.sim.follow(&path, &query).await;
    assert_eq!(media.len(), 30);
    let times: Vec<_> = media.iter().map(|one| text(&one["timestamp"])).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));
    for one in &media {
        let is_video = one["media_type"] == "VIDEO";
        assert_eq!(one.get("thumbnail_url").is_some(), is_video, "only videos have one");
        assert_eq!(one.get("media_url").is_none(), one["media_type"] == "CAROUSEL_ALBUM");
    }
    let plain = account.get(&format!("{}/media", account.id), &[("limit", "1")]).await.json();
    assert_eq!(plain["data"], json!([{ "id": media[0]["id"] }]));
    let one = account.get(&text(&media[2]["id"]), &[("fields", MEDIA)]).await.json();
    assert_eq!(one, media[2]);
}

#[tokio::test]
async fn insights_are_told_by_metric() {
    let account = Account::start().await;
    let list = account.get(&format!("{}/media", account.id), &[("limit", "1")]).await.json();
    let path = format!("{}/insights", text(&list["data"][0]["id"]));
    let insights = account.get(&path, &[("metric", "reach,likes")]).await.json();
    assert_eq!((&insights["data"][0]["name"], &insights["data"][0]["period"]), (&json!("reach"), &json!("lifetime")));
    assert!(insights["data"][0]["values"][0]["value"].is_u64());
    assert_eq!(account.get(&path, &[("metric", "plays")]).await.error().0, 100, "deprecated");
    assert_eq!(account.get(&path, &[]).await.error().0, 100);
}

#[tokio::test]
async fn a_picture_is_published_once_its_container_is_finished() {
    let account = Account::start().await;
    let image = [("image_url", "https://example.com/a.jpg"), ("caption", "New menu #phở")];
    let container = account.container(&image).await;
    assert_eq!(account.status(&container).await["status_code"], "IN_PROGRESS");
    assert_eq!(account.publish(&container).await.error(), (9_007, Some(2_207_027)));
    account.advance(3).await;
    assert_eq!(account.status(&container).await["status_code"], "FINISHED");
    let media = text(&account.publish(&container).await.json()["id"]);
    assert_ne!(media, container);
    assert_eq!(account.status(&container).await["status_code"], "PUBLISHED");
    assert_eq!(account.publish(&container).await.error(), (24, Some(2_207_008)), "not twice");
    let newest = account.get(&format!("{}/media", account.id), &[("fields", "caption"), ("limit", "1")]).await.json();
    assert_eq!(newest["data"][0], json!({ "caption": "New menu #phở", "id": media }));
    let none = account.get(&format!("{media}/insights"), &[("metric", "reach")]).await.json();
    assert_eq!(none["data"], json!([]), "nothing is known yet");
    let limit =
        account.get(&format!("{}/content_publishing_limit", account.id), &[("fields", "config,quota_usage")]).await;
    assert_eq!(limit.json()["data"][0]["quota_usage"], 1);
    assert_eq!(limit.json()["data"][0]["config"], json!({ "quota_total": 50, "quota_duration": 86_400 }));
}

#[tokio::test]
async fn a_reel_takes_longer_and_a_broken_file_fails_by_itself() {
    let account = Account::start().await;
    let reel = account.container(&[("media_type", "REELS"), ("video_url", "https://example.com/a.mp4")]).await;
    let address = "https://example.com/sim-error-2207026/a.mp4";
    let broken = account.container(&[("media_type", "REELS"), ("video_url", address)]).await;
    account.advance(5).await;
    assert_eq!(account.status(&reel).await["status_code"], "IN_PROGRESS");
    account.advance(20).await;
    assert_eq!(account.status(&reel).await["status_code"], "FINISHED");
    let status = account.status(&broken).await;
    assert_eq!(status["status_code"], "ERROR");
    assert_eq!(status["status"], "Error: Media upload has failed with error code 2207026");
    assert_eq!(account.publish(&broken).await.error().0, 9_007);
    account.advance(86_400).await;
    assert_eq!(account.status(&reel).await["status_code"], "EXPIRED");
    assert_eq!(account.publish(&reel).await.error(), (-2, Some(2_207_020)));
}

#[tokio::test]
async fn a_carousel_is_made_of_items() {
    let account = Account::start().await;
    let item = [("image_url", "https://example.com/a.jpg"), ("is_carousel_item", "true")];
    let (one, two) = (account.container(&item).await, account.container(&item).await);
    account.advance(3).await;
    assert_eq!(account.publish(&one).await.error(), (24, Some(2_207_008)), "an item is no post");
    let carousel = account.container(&[("media_type", "CAROUSEL"), ("children", &format!("{one},{two}"))]).await;
    account.advance(3).await;
    assert_eq!(account.publish(&carousel).await.status, 200);
    let few = account.post("media", &[("media_type", "CAROUSEL"), ("children", &one)]).await;
    assert_eq!(few.error(), (100, Some(2_207_028)));
    let strange =
        account.post("media", &[("media_type", "CAROUSEL"), ("children", &format!("{one},{carousel}"))]).await;
    assert_eq!(strange.error(), (24, Some(2_207_006)));
}

#[tokio::test]
async fn what_instagram_does_not_take_is_told_by_its_own_codes() {
    let account = Account::start().await;
    let jpeg = ("image_url", "https://example.com/a.jpg");
    let long = "x".repeat(2_201);
    let tags = "#a ".repeat(31);
    for (form, error) in [
        (vec![("image_url", "https://example.com/a.png")], (36_001, Some(2_207_005))),
        (vec![("image_url", "no address")], (9_004, Some(2_207_052))),
        (vec![jpeg, ("caption", long.as_str())], (36_004, Some(2_207_010))),
        (vec![jpeg, ("caption", tags.as_str())], (36_004, Some(2_207_010))),
        (vec![("media_type", "POEM"), jpeg], (100, Some(2_207_023))),
        (vec![("media_type", "REELS")], (100, None)),
    ] {
        assert_eq!(account.post("media", &form).await.error(), error, "{form:?}");
    }
}

#[tokio::test]
async fn fifty_are_published_in_a_day() {
    let account = Account::start().await;
    let mut containers = Vec::new();
    for _ in 0..51 {
        containers.push(account.container(&[("image_url", "https://example.com/a.jpg")]).await);
    }
    account.advance(3).await;
    for container in &containers[..50] {
        assert_eq!(account.publish(container).await.status, 200);
    }
    assert_eq!(account.publish(&containers[50]).await.error(), (9, Some(2_207_042)));
}
