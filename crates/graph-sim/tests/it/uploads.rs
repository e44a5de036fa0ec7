//! Files that are uploaded: pictures, attachments, reels, and Instagram's videos.

use serde_json::{Value, json};

use crate::support::{Reply, TestSim, demo, simple, text};

async fn upload(sim: &TestSim, url: &str, token: &str, offset: u64, size: u64, bytes: Vec<u8>) -> Reply {
    let request = sim.http.post(url).header("Authorization", format!("OAuth {token}"));
    sim.send(request.header("offset", offset).header("file_size", size).body(bytes)).await
}

fn problem(reply: &Reply) -> (u16, String, bool) {
    let info = &reply.json()["debug_info"];
    (reply.status, text(&info["type"]), info["retriable"].as_bool().unwrap())
}

#[tokio::test]
async fn a_reel_is_uploaded_in_parts_looked_at_and_published() {
    let sim = simple(1, 1, 1).await;
    let (page, token) = sim.first_page("Test Person").await;
    let edge = format!("/v25.0/{page}/video_reels");
    let phase = async |form: &[(&str, &str)]| {
        let form: Vec<_> = form.iter().copied().chain([("access_token", token.as_str())]).collect();
        sim.post(&edge, &form).await
    };
    let started = phase(&[("upload_phase", "start")]).await.json();
    let (video, url) = (text(&started["video_id"]), text(&started["upload_url"]));
    let status = async || {
        let query = [("fields", "status"), ("access_token", token.as_str())];
        sim.get(&format!("/v25.0/{video}"), &query).await.json()["status"].clone()
    };
    let finish = [("upload_phase", "finish"), ("video_id", video.as_str()), ("video_state", "PUBLISHED")];

    assert_eq!(
        problem(&upload(&sim, &url, "nobody", 0, 10, vec![0; 10]).await),
        (400, "ProcessingFailedError".into(), false)
    );
    assert_eq!(
        problem(&upload(&sim, &url, &token, 0, 10, vec![0; 6]).await),
        (400, "PartialRequestError".into(), true)
    );
    assert_eq!(status().await["uploading_phase"]["bytes_transfered"], 6);
    assert_eq!(phase(&finish).await.error(), (100, None), "four bytes are missing");
    assert_eq!(
        problem(&upload(&sim, &url, &token, 0, 10, vec![0; 10]).await),
        (400, "OffsetInvalidError".into(), true)
    );
    assert_eq!(upload(&sim, &url, &token, 6, 10, vec![0; 4]).await.json()["success"], true);
    assert_eq!(status().await["video_status"], "processing");
    sim.control("POST", "/clock/advance", json!({ "seconds": 20 })).await;
    assert_eq!(status().await["video_status"], "ready");
    assert_eq!(phase(&finish).await.json(), json!({ "success": true }));
    assert_eq!(status().await["publishing_phase"]["publish_status"], "published");
    assert_eq!(phase(&finish).await.error(), (100, None), "once");
}

#[tokio::test]
async fn a_video_is_given_by_its_address_and_becomes_a_post() {
    let sim = simple(1, 1, 1).await;
    let (page, token) = sim.first_page("Test Person").await;
    let edge = format!("/v25.0/{page}/videos");
    let token = ("access_token", token.as_str());
    let address = ("file_url", "https://example.com/opening.mp4");
    let given = sim.post(&edge, &[address, ("description", "We open at nine"), token]).await.json();
    let video = format!("/v25.0/{}", text(&given["id"]));
    let status = async || sim.get(&video, &[("fields", "status,description"), token]).await.json();
    assert_eq!(status().await["status"]["video_status"], "processing");
    sim.control("POST", "/clock/advance", json!({ "seconds": 20 })).await;
    assert_eq!(status().await["status"]["video_status"], "ready");
    assert_eq!(status().await["description"], "We open at nine");
    let posts = sim.get(&format!("/v25.0/{page}/published_posts"), &[("fields", "message"), token]).await.json();
    assert_eq!(posts["data"][0]["message"], "We open at nine");

    assert_eq!(sim.post(&edge, &[token]).await.error(), (389, None));
    let kept_back = sim.post(&edge, &[address, ("description", "later"), ("published", "false"), token]).await;
    assert!(kept_back.json()["id"].is_string());
    let posts = sim.get(&format!("/v25.0/{page}/published_posts"), &[("fields", "message"), token]).await.json();
    assert_eq!(posts["data"][0]["message"], "We open at nine", "it is not published");
}

#[tokio::test]
async fn an_uploaded_container_waits_for_its_bytes() {
    let sim = demo().await;
    let (page, token) = sim.first_page("Linh Trần").await;
    let query = [("fields", "instagram_business_account"), ("access_token", token.as_str())];
    let account = text(&sim.get(&format!("/v25.0/{page}"), &query).await.json()["instagram_business_account"]["id"]);
    let form = [("media_type", "REELS"), ("upload_type", "resumable"), ("access_token", token.as_str())];
    let made = sim.post(&format!("/v25.0/{account}/media"), &form).await.json();
    let (container, url) = (text(&made["id"]), text(&made["uri"]));
    let status = async || {
        let query = [("fields", "status_code"), ("access_token", token.as_str())];
        text(&sim.get(&format!("/v25.0/{container}"), &query).await.json()["status_code"])
    };
    sim.control("POST", "/clock/advance", json!({ "seconds": 3_600 })).await;
    assert_eq!(status().await, "IN_PROGRESS", "no byte has come");
    assert_eq!(upload(&sim, &url, &token, 0, 3, vec![1, 2, 3]).await.json()["success"], true);
    sim.control("POST", "/clock/advance", json!({ "seconds": 20 })).await;
    assert_eq!(status().await, "FINISHED");
    let publish = [("creation_id", container.as_str()), ("access_token", token.as_str())];
    assert!(sim.post(&format!("/v25.0/{account}/media_publish"), &publish).await.json()["id"].is_string());
}

#[tokio::test]
async fn pictures_are_posts_or_parts_of_one() {
    let sim = simple(1, 1, 1).await;
    let (page, token) = sim.first_page("Test Person").await;
    let post = async |edge: &str, form: &[(&str, &str)]| {
        let form: Vec<_> = form.iter().copied().chain([("access_token", token.as_str())]).collect();
        sim.post(&format!("/v25.0/{page}/{edge}"), &form).await
    };
    let read = async |id: &str| {
        let query = [("fields", "message,full_picture,status_type"), ("access_token", token.as_str())];
        sim.get(&format!("/v25.0/{id}"), &query).await.json()
    };
    let alone = post("photos", &[("url", "https://example.com/a.jpg"), ("caption", "Lunch")]).await.json();
    let shown = read(&text(&alone["post_id"])).await;
    assert_eq!((&shown["full_picture"], &shown["message"]), (&json!("https://example.com/a.jpg"), &json!("Lunch")));
    let kept: Value = post("photos", &[("url", "https://example.com/b.jpg"), ("published", "false")]).await.json();
    assert!(kept.get("post_id").is_none());
    let attached = json!([{ "media_fbid": kept["id"] }]).to_string();
    let two = text(&post("feed", &[("attached_media", &attached)]).await.json()["id"]);
    assert_eq!(read(&two).await["status_type"], "added_photos");
    assert_eq!(post("photos", &[("url", "no address")]).await.error(), (324, Some(2_069_019)));
    assert_eq!(post("feed", &[("attached_media", r#"[{"media_fbid":"5"}]"#)]).await.error(), (100, None));
}

#[tokio::test]
async fn an_uploaded_attachment_is_sent_by_its_id() {
    let sim = simple(1, 3, 2).await;
    let (page, token) = sim.first_page("Test Person").await;
    let psid = text(&sim.control("GET", &format!("/pages/{page}/customers"), json!({})).await[0]["psid"]);
    sim.control("POST", &format!("/pages/{page}/messages"), json!({ "psid": psid, "text": "hi" })).await;
    let path = format!("/v25.0/{page}/message_attachments");
    let message = json!({ "attachment": { "type": "image", "payload": { "is_reusable": true } } }).to_string();
    let file =
        reqwest::multipart::Part::bytes(vec![0xff; 5 << 20]).file_name("menu.png").mime_str("image/png").unwrap();
    let form = reqwest::multipart::Form::new().text("message", message.clone()).part("filedata", file);
    let request = sim.http.post(sim.url(&path)).bearer_auth(&token).multipart(form);
    let id = text(&sim.send(request).await.json()["attachment_id"]);
    let sent = json!({ "attachment": { "type": "image", "payload": { "attachment_id": id } } }).to_string();
    let recipient = json!({ "id": psid }).to_string();
    let form = [("recipient", recipient.as_str()), ("message", sent.as_str()), ("access_token", token.as_str())];
    assert!(sim.post(&format!("/v25.0/{page}/messages"), &form).await.json()["message_id"].is_string());
    let nothing = [("message", message.as_str()), ("access_token", token.as_str())];
    assert_eq!(sim.post(&path, &nothing).await.error(), (100, None), "neither an address nor a file");
}

#[tokio::test]
async fn a_file_may_really_be_fetched_and_is_judged_by_what_comes() {
    let sim = demo().await;
    let (page, token) = sim.first_page("Linh Trần").await;
    let query = [("fields", "instagram_business_account"), ("access_token", token.as_str())];
    let account = text(&sim.get(&format!("/v25.0/{page}"), &query).await.json()["instagram_business_account"]["id"]);
    sim.control("PUT", "/variations", json!({ "fetch_files": true })).await;
    let outcome = async |name: &str, address: &str| {
        let form = [(name, address), ("media_type", if name == "video_url" { "REELS" } else { "IMAGE" })];
        let form: Vec<_> = form.into_iter().chain([("access_token", token.as_str())]).collect();
        let container = text(&sim.post(&format!("/v25.0/{account}/media"), &form).await.json()["id"]);
        sim.control("POST", "/clock/advance", json!({ "seconds": 30 })).await;
        let query = [("fields", "status_code,status"), ("access_token", token.as_str())];
        let path = format!("/v25.0/{container}");
        for _ in 0..1_000 {
            let status = sim.get(&path, &query).await.json();
            if status["status_code"] == "ERROR" {
                return text(&status["status"]);
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("it never failed");
    };
    let picture = format!("{}/_cdn/pages/{page}.png?x=.jpg", sim.running.base_url());
    assert!(outcome("image_url", &picture).await.ends_with("2207005"), "a PNG, whatever its address says");
    assert!(outcome("video_url", &picture).await.ends_with("2207026"));
    assert!(outcome("image_url", "http://127.0.0.1:9/nobody.jpg").await.ends_with("2207052"));
}
