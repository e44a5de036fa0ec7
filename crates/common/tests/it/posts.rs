//! Posts and comments, as they are asked for and as they are answered.

use std::num::NonZeroU32;

use chrono::{TimeZone, Utc};
use pagekeeper_common::domain::ids::{PageId, PostId};
use pagekeeper_common::graph::{API_VERSION, Decision, Engagement, NewPhoto, NewPost};

use crate::fake::{FakeGraph, Reply};

const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();

fn page() -> PageId {
    PageId::parse("1122").unwrap()
}

#[tokio::test]
async fn a_post_comes_with_its_engagement() {
    let body = r#"{"data":[
        {"id":"1122_5","created_time":"2026-05-23T19:28:12+0000","message":"Congrats! 🎉","permalink_url":"https:\/\/f\/5",
         "full_picture":"https:\/\/s\/5","status_type":"shared_story","is_published":true,"shares":{"count":"1684"},
         "likes":{"data":[],"summary":{"total_count":19924,"can_like":false}},
         "comments":{"data":[],"summary":{"order":"ranked","total_count":462}},
         "reactions":{"data":[],"summary":{"total_count":20311}}},
        {"id":"1122_4","story":"Page updated its cover","is_published":"true","likes":[],"shares":null},
        {"message":"no id"}],
        "paging":{"cursors":{"after":"abc"},"next":"https://graph.facebook.com/next"}}"#;
    let graph = FakeGraph::start([Reply::json(body)]).await;
    let list = graph.client.published_posts(&graph.auth(), &page(), TEN, None).await.unwrap().value;
    let [first, second] = list.data.as_slice() else { panic!("{:?}", list.data) };
    assert_eq!(first.engagement, Engagement { likes: 19_924, reactions: 20_311, comments: 462, shares: 1_684 });
    assert_eq!((first.message.as_deref(), first.picture_url.as_deref()), (Some("Congrats! 🎉"), Some("https://s/5")));
    assert_eq!(first.created_time, Some(Utc.with_ymd_and_hms(2026, 5, 23, 19, 28, 12).unwrap()));
    assert_eq!((&second.message, second.is_published, second.engagement), (&None, true, Engagement::default()));
    assert_eq!((list.dropped, list.after.is_some()), (1, true));
    let asked = graph.asked_once();
    asked.assert_authorized();
    assert_eq!(asked.path, format!("/{API_VERSION}/1122/published_posts"));
    assert_eq!(asked.query("limit"), Some("10"));
    assert!(asked.query("fields").unwrap().contains("likes.limit(0).summary(true)"));
}

#[tokio::test]
async fn more_than_meta_gives_is_not_asked_for() {
    let graph = FakeGraph::start([Reply::json(r#"{"data":[]}"#)]).await;
    graph.client.published_posts(&graph.auth(), &page(), NonZeroU32::MAX, None).await.unwrap();
    assert_eq!(graph.asked_once().query("limit"), Some("100"));
}

#[tokio::test]
async fn a_post_is_published_now_or_at_its_time() {
    let graph = FakeGraph::start([Reply::json(r#"{"id":"1122_6"}"#), Reply::json(r#"{"id":"1122_7"}"#)]).await;
    let (client, auth) = (&graph.client, graph.auth());
    let now = NewPost {
        message: Some("New menu!".to_owned()),
        link: Some("https://example.com".to_owned()),
        ..NewPost::default()
    };
    assert_eq!(client.publish_post(&auth, &page(), &now).await.unwrap().value, PostId::parse("1122_6").unwrap());
    let at = Utc.with_ymd_and_hms(2026, 12, 1, 8, 0, 0).unwrap();
    client.publish_post(&auth, &page(), &NewPost { publish_at: Some(at), ..now }).await.unwrap();
    let asked = graph.asked();
    assert_eq!((asked[0].form("message"), asked[0].form("published")), (Some("New menu!"), None));
    assert_eq!(
        (asked[1].form("published"), asked[1].form("scheduled_publish_time")),
        (Some("false"), Some("1796112000"))
    );
}

#[tokio::test]
async fn what_publishing_answers_decides_whether_it_may_have_happened() {
    let duplicate = r#"{"error":{"message":"(#506) Duplicate","code":506}}"#;
    let transient = r#"{"error":{"message":"An unexpected error","code":2,"is_transient":true}}"#;
    for (reply, decision, in_doubt) in [
        (Reply::status(400, duplicate), Decision::BadRequest, false),
        (Reply::status(500, transient), Decision::Transient, true),
        (Reply::json("{}"), Decision::Unreadable, true),
    ] {
        let graph = FakeGraph::start([reply]).await;
        let post = NewPost { message: Some("Hi".to_owned()), ..NewPost::default() };
        let error = graph.client.publish_post(&graph.auth(), &page(), &post).await.unwrap_err();
        assert_eq!((error.decision, error.decision.leaves_a_write_in_doubt()), (decision, in_doubt));
    }
}

#[tokio::test]
async fn several_pictures_are_uploaded_first_and_then_one_post() {
    let graph = FakeGraph::start([
        Reply::json(r#"{"id":"801"}"#),
        Reply::json(r#"{"id":802,"post_id":"1122_8"}"#),
        Reply::json(r#"{"id":"1122_9"}"#),
    ])
    .await;
    let (client, auth) = (&graph.client, graph.auth());
    let kept = NewPhoto { url: "https://e.example/a.jpg".to_owned(), caption: None, kept_back: true };
    let first = client.upload_photo(&auth, &page(), &kept).await.unwrap().value;
    assert_eq!((first.id.as_str(), &first.post_id), ("801", &None));
    let alone = NewPhoto { caption: Some("Lunch".to_owned()), kept_back: false, ..kept };
    let second = client.upload_photo(&auth, &page(), &alone).await.unwrap().value;
    assert_eq!((second.id.as_str(), second.post_id.unwrap().as_str()), ("802", "1122_8"));
    let post = NewPost { photos: vec![first.id], ..NewPost::default() };
    client.publish_post(&auth, &page(), &post).await.unwrap();
    let asked = graph.asked();
    assert_eq!((asked[0].form("published"), asked[1].form("published")), (Some("false"), Some("true")));
    assert_eq!(asked[2].form_json("attached_media"), serde_json::json!([{ "media_fbid": "801" }]));
}

#[tokio::test]
async fn several_posts_are_read_by_one_request_and_counted_singly() {
    let body =
        r#"{"1122_5":{"id":"1122_5","shares":{"count":3}},"1122_6":{"message":"no id"},"1122_7":{"id":"1122_7"}}"#;
    let graph = FakeGraph::start([Reply::json(body)]).await;
    let ids = ["1122_7", "1122_6", "1122_5", "1122_4"].map(|id| PostId::parse(id).unwrap());
    let answer = graph.client.posts(&graph.auth(), &ids).await.unwrap();
    let read: Vec<_> = answer.value.iter().map(|post| post.id.as_str()).collect();
    assert_eq!((read, answer.calls), (vec!["1122_7", "1122_5"], 4));
    assert_eq!(answer.value[1].engagement.shares, 3);
    let asked = graph.asked_once();
    assert_eq!((asked.path.as_str(), asked.query("ids")), ("/v25.0", Some("1122_7,1122_6,1122_5,1122_4")));
}

#[tokio::test]
async fn a_feed_that_is_paged_by_time_goes_on() {
    let first = r#"{"data":[{"id":"1_2"}],"paging":{"previous":"https://g/1/posts?since=1625428258&__previous=1",
        "next":"https://g/1/posts?access_token=EAAtesttoken&limit=25&until=1624385168&since&__paging_token=enc_A%2BB"}}"#;
    let graph = FakeGraph::start([Reply::json(first), Reply::json(r#"{"data":[{"id":"1_1"}]}"#)]).await;
    let (auth, page, limit) = (graph.auth(), page(), TEN);
    let after = graph.client.published_posts(&auth, &page, limit, None).await.unwrap().value.after.unwrap();
    assert!(!after.as_str().contains("EAA"), "the token is not kept");
    let last = graph.client.published_posts(&auth, &page, limit, Some(&after)).await.unwrap().value;
    assert!(last.after.is_none());
    let asked = graph.asked().pop().unwrap();
    assert_eq!((asked.query("until"), asked.query("__paging_token")), (Some("1624385168"), Some("enc_A+B")));
    assert_eq!((asked.query("after"), asked.query("since")), (None, None));
}
