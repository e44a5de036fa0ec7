//! Posts, pictures, reels and comments.

use bytes::Bytes;
use pagekeeper_common::graph::{
    ContainerStatus, Decision, FilePart, NewContainer, NewPhoto, NewPost, ReelPublication, ReelState, ReelTime,
};
use serde_json::json;
use std::num::NonZeroU32;

use super::Facebook;

#[tokio::test]
async fn a_picture_is_published_on_instagram_once() {
    let facebook = Facebook::start().await;
    let (page, auth, _) = facebook.busy_page().await;
    let client = &facebook.client;
    let account = client.page_details(&auth, &page, true).await.unwrap().value.instagram.unwrap().id;
    let profile = client.instagram_profile(&auth, &account).await.unwrap().value;
    assert_eq!((profile.username.as_deref(), profile.media), (Some("pho.nha.linh"), Some(30)));

    let address = "https://example.com/a.jpg".to_owned();
    let image = NewContainer::Image { image_url: address, caption: Some("New menu".to_owned()), alt_text: None };
    let container = client.create_container(&auth, &account, &image).await.unwrap().value;
    let early = client.publish_container(&auth, &account, &container).await.unwrap_err();
    assert_eq!(early.decision, Decision::NotReady);
    facebook.control(reqwest::Method::POST, "clock/advance", json!({ "seconds": 3 })).await;
    assert_eq!(client.container_status(&auth, &container).await.unwrap().value, ContainerStatus::Finished);

    // Meta publishes it and answers with an error: the container tells.
    let effect = json!({ "error": { "status": 500, "code": 2, "is_transient": true, "applied": true } });
    facebook.fault("media_publish", effect).await;
    let doubtful = client.publish_container(&auth, &account, &container).await.unwrap_err();
    assert!(doubtful.decision.leaves_a_write_in_doubt());
    assert_eq!(client.container_status(&auth, &container).await.unwrap().value, ContainerStatus::Published);
    let ten = NonZeroU32::new(10).unwrap();
    let newest = client.instagram_media(&auth, &account, ten, None).await.unwrap().value.data.remove(0);
    assert_eq!(newest.caption.as_deref(), Some("New menu"));
    assert!(client.media_insights(&auth, &newest.id, &["reach"]).await.unwrap().value.is_empty());
    let quota = client.publishing_quota(&auth, &account).await.unwrap().value.unwrap();
    assert_eq!((quota.used, quota.total), (1, Some(50)));
}

#[tokio::test]
async fn a_comment_is_answered_hidden_and_deleted_and_a_reel_published() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let (page, auth, _) = facebook.busy_page().await;
    let one = NonZeroU32::MIN;
    let post = client.published_posts(&auth, &page, one, None).await.unwrap().value.data.remove(0).id;
    let path = format!("pages/{page}/posts/{}/comments", post.as_str());
    facebook.control(reqwest::Method::POST, &path, json!({ "customer_name": "Ada", "text": "How much?" })).await;
    let comment = client.comments(&auth, &post, one, None).await.unwrap().value.data.remove(0);
    let answer = client.answer_comment(&auth, &comment.id, "Nine euros").await.unwrap().value;
    let answer = client.comment(&auth, &answer).await.unwrap().value;
    assert_eq!((answer.parent_id.as_ref(), answer.author_id.as_deref()), (Some(&comment.id), Some(page.as_str())));
    client.hide_comment(&auth, &comment.id, true).await.unwrap();
    assert!(client.comment(&auth, &comment.id).await.unwrap().value.is_hidden);
    client.delete_comment(&auth, &comment.id).await.unwrap();
    assert_eq!(client.comment(&auth, &comment.id).await.unwrap_err().decision, Decision::Gone);

    let reel = client.start_reel(&auth, &page).await.unwrap().value;
    let part = |offset, bytes: &'static [u8]| FilePart { offset, file_size: 10, bytes: Bytes::from_static(bytes) };
    let broken = client.upload_part(&auth, &reel.upload_url, part(0, b"first ")).await.unwrap_err();
    assert_eq!(broken.decision, Decision::Transient);
    let status = client.reel_status(&auth, &reel.video).await.unwrap().value;
    assert_eq!((status.state, status.received), (ReelState::Uploading, 6));
    client.upload_part(&auth, &reel.upload_url, part(status.received, b"last")).await.unwrap();
    let now = ReelPublication { description: None, when: ReelTime::Now };
    client.finish_reel(&auth, &page, &reel.video, &now).await.unwrap();
    facebook.control(reqwest::Method::POST, "clock/advance", json!({ "seconds": 20 })).await;
    assert_eq!(client.reel_status(&auth, &reel.video).await.unwrap().value.state, ReelState::Published);

    let photo = NewPhoto { url: "https://example.com/a.jpg".to_owned(), caption: None, kept_back: true };
    let photos = vec![client.upload_photo(&auth, &page, &photo).await.unwrap().value.id];
    let post = NewPost { photos, ..NewPost::default() };
    let id = client.publish_post(&auth, &page, &post).await.unwrap().value;
    assert_eq!(client.post(&auth, &id).await.unwrap().value.picture_url.as_deref(), Some("https://example.com/a.jpg"));
}
