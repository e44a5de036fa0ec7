//! Files on their way to Meta: attachments, reels, Instagram's videos.

use bytes::Bytes;
use pagekeeper_common::domain::ids::{InstagramAccountId, PageId};
use pagekeeper_common::graph::{
    AttachmentUpload, Decision, FilePart, Platform, ReelPublication, ReelState, ReelTime, SendableKind,
    UploadedContainer,
};

use crate::fake::{FakeGraph, Reply, TOKEN};

fn page() -> PageId {
    PageId::parse("1122").unwrap()
}

#[tokio::test]
async fn the_token_goes_with_the_bytes_to_metas_host_and_to_no_other() {
    for address in ["https://evil.example/x", "http://127.0.0.1:1/x", "no address", "data:x"] {
        let answer = format!(r#"{{"video_id":"70","upload_url":"{address}"}}"#);
        let graph = FakeGraph::start([Reply::json(&answer)]).await;
        let refused = graph.client.start_reel(&graph.auth(), &page()).await.unwrap_err();
        assert_eq!(refused.decision, Decision::Unreadable, "{address}");
    }
}

#[tokio::test]
async fn a_part_is_sent_with_its_place_and_a_broken_one_may_go_on() {
    let graph = FakeGraph::start([]).await;
    let upload_url = format!("{}/video-upload/v25.0/70?x=1", graph.base_url);
    let started = format!(r#"{{"video_id":70,"upload_url":"{upload_url}"}}"#);
    let refusal = |retriable: bool| {
        let body =
            format!(r#"{{"debug_info":{{"retriable":{retriable},"type":"T","message":"{{\"success\":false}}"}}}}"#);
        Reply::status(400, &body)
    };
    let replies = [
        Reply::json(&started),
        refusal(true),
        refusal(false),
        Reply::status(502, "<html>"),
        Reply::json(r#"{"success":true,"message":"Upload successful."}"#),
    ];
    let graph = graph.answering(replies);
    let (client, auth) = (&graph.client, graph.auth());
    let reel = client.start_reel(&auth, &page()).await.unwrap().value;
    let part = FilePart { offset: 6, file_size: 10, bytes: Bytes::from_static(b"last") };
    for expected in [Decision::Transient, Decision::BadRequest, Decision::Transient] {
        let error = client.upload_part(&auth, &reel.upload_url, part.clone()).await.unwrap_err();
        assert_eq!(error.decision, expected);
    }
    client.upload_part(&auth, &reel.upload_url, part).await.unwrap();
    let asked = graph.asked();
    let sent = asked.last().unwrap();
    assert_eq!(sent.header("authorization"), Some(format!("OAuth {TOKEN}").as_str()));
    assert_eq!((sent.header("offset"), sent.header("file_size")), (Some("6"), Some("10")));
    assert_eq!((sent.path.as_str(), sent.body.as_str()), ("/video-upload/v25.0/70", "last"));
}

#[tokio::test]
async fn a_reel_is_asked_about_and_published_now_later_or_never() {
    let status = |text: &str| Reply::json(&format!(r#"{{"status":{text},"id":"70"}}"#));
    let graph = FakeGraph::start([
        status(r#"{"video_status":"uploading","uploading_phase":{"status":"in_progress","bytes_transfered":"6"}}"#),
        status(r#"{"video_status":"ready","publishing_phase":{"status":"completed"}}"#),
        status(r#"{"video_status":"something new"}"#),
        Reply::json(r#"{"success":true}"#),
        Reply::json(r#"{"success":true}"#),
    ])
    .await;
    let (client, auth) = (&graph.client, graph.auth());
    let video = pagekeeper_common::domain::ids::VideoId::parse("70").unwrap();
    let uploading = client.reel_status(&auth, &video).await.unwrap().value;
    assert_eq!((uploading.state, uploading.received), (ReelState::Uploading, 6));
    assert_eq!(client.reel_status(&auth, &video).await.unwrap().value.state, ReelState::Published);
    assert_eq!(client.reel_status(&auth, &video).await.unwrap().value.state, ReelState::Unknown);
    let at = chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    for when in [ReelTime::Now, ReelTime::At(at)] {
        let publication = ReelPublication { description: Some("Lunch".to_owned()), when };
        client.finish_reel(&auth, &page(), &video, &publication).await.unwrap();
    }
    let asked = graph.asked();
    assert_eq!((asked[3].form("video_state"), asked[3].form("upload_phase")), (Some("PUBLISHED"), Some("finish")));
    let scheduled = (asked[4].form("video_state"), asked[4].form("scheduled_publish_time"));
    assert_eq!(scheduled, (Some("SCHEDULED"), Some("1790000000")));
}

#[tokio::test]
async fn an_instagram_video_is_uploaded_to_the_address_that_came_with_its_container() {
    let graph = FakeGraph::start([]).await;
    let made = format!(r#"{{"id":"60","uri":"{}/ig-api-upload/v25.0/60"}}"#, graph.base_url);
    let graph = graph.answering([Reply::json(&made), Reply::json(r#"{"success":"true"}"#)]);
    let (client, auth) = (&graph.client, graph.auth());
    let account = InstagramAccountId::parse("178").unwrap();
    let reel = UploadedContainer::Reel { caption: Some("Lunch".to_owned()), share_to_feed: true };
    let (container, url) = client.create_uploaded_container(&auth, &account, &reel).await.unwrap().value;
    client.upload_from(&auth, &url, &"https://e.example/v.mp4".parse().unwrap()).await.unwrap();
    let asked = graph.asked();
    assert_eq!(container.as_str(), "60");
    assert_eq!((asked[0].form("upload_type"), asked[0].form("media_type")), (Some("resumable"), Some("REELS")));
    assert_eq!(asked[1].header("file_url"), Some("https://e.example/v.mp4"));
}

#[tokio::test]
async fn an_attachment_goes_by_its_address_or_as_a_file() {
    let graph =
        FakeGraph::start([Reply::json(r#"{"attachment_id":"9"}"#), Reply::json(r#"{"attachment_id":9}"#)]).await;
    let (client, auth) = (&graph.client, graph.auth());
    let uploads = [
        AttachmentUpload::Url("https://e.example/menu.pdf".to_owned()),
        AttachmentUpload::File {
            name: "menü.pdf".to_owned(),
            mime_type: "application/pdf".to_owned(),
            bytes: Bytes::from_static(b"%PDF"),
        },
    ];
    for upload in &uploads {
        let id = client.upload_attachment(&auth, &page(), Platform::Messenger, SendableKind::File, upload).await;
        assert_eq!(id.unwrap().value.as_str(), "9");
    }
    let asked = graph.asked();
    asked[0].assert_authorized();
    assert_eq!(asked[0].form_json("message")["attachment"]["payload"]["url"], "https://e.example/menu.pdf");
    let multipart = &asked[1];
    assert!(multipart.header("content-type").unwrap().starts_with("multipart/form-data"));
    for expected in ["name=\"filedata\"", "application/pdf", "%PDF", "name=\"appsecret_proof\"", "is_reusable"] {
        assert!(multipart.body.contains(expected), "{expected} in {}", multipart.body);
    }
    assert!(!multipart.body.contains(TOKEN), "it stands in the header alone");
}
