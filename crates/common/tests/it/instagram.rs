//! Instagram: accounts, media, insights and publishing, as they are asked for and as they are answered.

use std::num::NonZeroU32;

use chrono::{TimeZone, Utc};
use pagekeeper_common::domain::ids::{ContainerId, InstagramAccountId, MediaId};
use pagekeeper_common::graph::{
    API_VERSION, ContainerStatus, Decision, MediaInsight, MediaType, NewContainer, PublishingQuota, ThrottleScope,
};

use crate::fake::{FakeGraph, Reply};

const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();

fn account() -> InstagramAccountId {
    InstagramAccountId::parse("17841405822304914").unwrap()
}

fn container() -> ContainerId {
    ContainerId::parse("17889").unwrap()
}

#[tokio::test]
async fn media_come_as_they_are() {
    let body = r#"{"data":[
        {"id":"1","caption":"…","comments_count":0,"like_count":3,"media_type":"VIDEO","media_product_type":"REELS",
         "media_url":"https://s/1","thumbnail_url":"https://s/1.jpg","permalink":"https://i/1","timestamp":"2021-08-13T08:25:28+0000"},
        {"id":2,"media_type":"CAROUSEL_ALBUM"},
        {"id":"3","media_type":"HOLOGRAM","like_count":"7"}],
        "paging":{"cursors":{"after":"abc"},"next":"https://graph.facebook.com/next"}}"#;
    let graph = FakeGraph::start([Reply::json(body)]).await;
    let list = graph.client.instagram_media(&graph.auth(), &account(), TEN, None).await.unwrap().value;
    let types: Vec<_> = list.data.iter().map(|media| media.media_type).collect();
    assert_eq!(types, [MediaType::Video, MediaType::Carousel, MediaType::Unknown]);
    let first = &list.data[0];
    assert_eq!((first.likes, first.comments, first.product_type.as_deref()), (Some(3), Some(0), Some("REELS")));
    assert_eq!(first.at, Some(Utc.with_ymd_and_hms(2021, 8, 13, 8, 25, 28).unwrap()));
    assert_eq!((&list.data[1].media_url, list.data[1].likes, list.data[2].likes), (&None, None, Some(7)));
    assert!(list.after.is_some());
    assert_eq!(graph.asked_once().path, format!("/{API_VERSION}/17841405822304914/media"));
}

#[tokio::test]
async fn a_metric_without_data_is_missing_and_not_zero() {
    let body = r#"{"data":[{"name":"reach","period":"lifetime","values":[{"value":5}],"title":"Reach","id":"1/insights/reach/lifetime"},
        {"name":"saved","period":"lifetime","values":[]}]}"#;
    let graph = FakeGraph::start([Reply::json(body), Reply::json(r#"{"data":[]}"#)]).await;
    let media = MediaId::parse("1").unwrap();
    let insights = graph.client.media_insights(&graph.auth(), &media, &["reach", "saved"]).await.unwrap().value;
    assert_eq!(insights, [MediaInsight { metric: "reach".to_owned(), value: 5 }]);
    assert!(graph.client.media_insights(&graph.auth(), &media, &["reach"]).await.unwrap().value.is_empty());
    assert_eq!(graph.asked()[0].query("metric"), Some("reach,saved"));
}

#[tokio::test]
async fn each_kind_of_container_is_asked_for_as_documented() {
    let url = || "https://example.com/a".to_owned();
    let caption = || Some("New menu #phở".to_owned());
    let children = vec![container(), ContainerId::parse("17890").unwrap()];
    for (new, expected) in [
        (
            NewContainer::Image { image_url: url(), caption: caption(), alt_text: Some("A bowl".to_owned()) },
            vec![("image_url", "https://example.com/a"), ("caption", "New menu #phở"), ("alt_text", "A bowl")],
        ),
        (
            NewContainer::Reel { video_url: url(), caption: None, share_to_feed: true },
            vec![("media_type", "REELS"), ("video_url", "https://example.com/a"), ("share_to_feed", "true")],
        ),
        (
            NewContainer::CarouselImage { image_url: url() },
            vec![("image_url", "https://example.com/a"), ("is_carousel_item", "true")],
        ),
        (
            NewContainer::CarouselVideo { video_url: url() },
            vec![("media_type", "VIDEO"), ("video_url", "https://example.com/a"), ("is_carousel_item", "true")],
        ),
        (
            NewContainer::Carousel { children, caption: None },
            vec![("media_type", "CAROUSEL"), ("children", "17889,17890")],
        ),
        (
            NewContainer::StoryImage { image_url: url() },
            vec![("media_type", "STORIES"), ("image_url", "https://example.com/a")],
        ),
        (
            NewContainer::StoryVideo { video_url: url() },
            vec![("media_type", "STORIES"), ("video_url", "https://example.com/a")],
        ),
    ] {
        let graph = FakeGraph::start([Reply::json(r#"{"id":"17889"}"#)]).await;
        let made = graph.client.create_container(&graph.auth(), &account(), &new).await.unwrap().value;
        assert_eq!(made, container());
        let asked = graph.asked_once();
        asked.assert_authorized();
        let sent: Vec<_> = asked.form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(sent[..sent.len() - 1], expected, "and the proof");
    }
}

#[tokio::test]
async fn a_containers_status_is_read_from_its_code_and_its_text() {
    for (body, expected) in [
        (r#"{"status_code":"IN_PROGRESS"}"#, ContainerStatus::InProgress),
        (r#"{"status_code":"FINISHED","status":"Finished: Media has been uploaded"}"#, ContainerStatus::Finished),
        (r#"{"status_code":"PUBLISHED"}"#, ContainerStatus::Published),
        (r#"{"status_code":"EXPIRED"}"#, ContainerStatus::Expired),
        (
            r#"{"status_code":"ERROR","status":"Error: Media upload has failed with error code 2207026"}"#,
            ContainerStatus::Failed { subcode: Some(2_207_026) },
        ),
        (r#"{"status_code":"ERROR","status":"Error: 12"}"#, ContainerStatus::Failed { subcode: None }),
        (r#"{"status_code":"ERROR"}"#, ContainerStatus::Failed { subcode: None }),
        (r#"{"status_code":"DREAMING"}"#, ContainerStatus::Unknown),
    ] {
        let graph = FakeGraph::start([Reply::json(body)]).await;
        let status = graph.client.container_status(&graph.auth(), &container()).await.unwrap().value;
        assert_eq!(status, expected, "{body}");
    }
    let graph = FakeGraph::start([Reply::json(r#"{"id":"17889"}"#)]).await;
    let error = graph.client.container_status(&graph.auth(), &container()).await.unwrap_err();
    assert_eq!(error.decision, Decision::Unreadable);
}

#[tokio::test]
async fn what_publishing_is_refused_with_says_what_to_do() {
    for (code, subcode, decision) in [
        (9_007, 2_207_027, Decision::NotReady),
        (9, 2_207_042, Decision::Throttled { scope: ThrottleScope::Business, retry_after: None }),
        (24, 2_207_008, Decision::Gone),
        (-2, 2_207_020, Decision::Gone),
        (25, 2_207_050, Decision::PolicyBlocked),
        (4, 2_207_051, Decision::PolicyBlocked),
        (36_003, 2_207_009, Decision::BadRequest),
        (1, 2_207_057, Decision::BadRequest),
    ] {
        let body = format!(r#"{{"error":{{"message":"no","code":{code},"error_subcode":{subcode}}}}}"#);
        let graph = FakeGraph::start([Reply::status(400, &body)]).await;
        let error = graph.client.publish_container(&graph.auth(), &account(), &container()).await.unwrap_err();
        assert_eq!(error.decision, decision, "{code}/{subcode}");
        assert!(!error.decision.leaves_a_write_in_doubt(), "{code}/{subcode}");
    }
    let server = r#"{"error":{"message":"Fatal","code":-1,"error_subcode":2207001}}"#;
    let graph = FakeGraph::start([Reply::status(500, server)]).await;
    let error = graph.client.publish_container(&graph.auth(), &account(), &container()).await.unwrap_err();
    assert!(error.decision.leaves_a_write_in_doubt(), "its status will tell");
}

#[tokio::test]
async fn the_quota_is_what_meta_says_now() {
    let body = r#"{"data":[{"quota_usage":2,"config":{"quota_total":50,"quota_duration":86400}}]}"#;
    let graph = FakeGraph::start([Reply::json(body), Reply::json(r#"{"data":[{"quota_usage":2}]}"#)]).await;
    let ask = async || graph.client.publishing_quota(&graph.auth(), &account()).await.unwrap().value;
    assert_eq!(ask().await, Some(PublishingQuota { used: 2, total: Some(50), duration_s: Some(86_400) }));
    assert_eq!(ask().await, Some(PublishingQuota { used: 2, total: None, duration_s: None }));
}
