//! C10: files that come with messages.

use std::path::Path;

use bytes::Bytes;
use pagekeeper_devstack::api::Api;
use pagekeeper_devstack::command_line::ServiceName;
use pagekeeper_devstack::demo;
use pagekeeper_testkit::{Poll, wait_for};
use serde_json::json;

use crate::real_time::{connected_page, on_top};
use crate::support::{LIMIT, System};

/// A customer's picture: the address of its message and of its file.
struct Picture {
    page: String,
    mid: String,
    path: String,
}

impl Picture {
    async fn sent(system: &System, browser: &Api) -> Self {
        let (_, page) = connected_page(browser).await;
        let message = json!({ "customer_name": "Åse Nguyễn", "text": "Kan I lave den her?", "attachments": [{ "type": "image" }] });
        let sent = system.simulator.post(&format!("/_sim/pages/{page}/messages"), &message).await.unwrap();
        let mid = sent["messages"][0]["mid"].as_str().unwrap().to_owned();
        let top = on_top(browser, "Kan I lave den her?").await;
        let thread = browser.get_ok(&format!("/api/conversations/{}/messages", top["id"])).await.unwrap();
        assert_eq!(thread["data"][0]["attachments"][0]["type"], "image");
        Self { page, mid, path: format!("/api/messages/{}/attachments/0", thread["data"][0]["id"]) }
    }

    async fn seen(&self, browser: &Api) -> Bytes {
        let answer = browser.stream(&self.path).await.unwrap();
        assert_eq!((answer.status().as_u16(), &answer.headers()["content-type"]), (200, &"image/png".parse().unwrap()));
        answer.bytes().await.unwrap()
    }

    async fn address(&self, system: &System) -> String {
        system.database.text(&format!("select url from message_media where mid = '{}'", self.mid)).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_in_a_message_is_seen_on_the_same_day_and_after_its_address_has_expired() {
    let system = System::start().await;
    let browser = system.logged_in(demo::PERSON).await;
    let picture = Picture::sent(&system, &browser).await;
    let today = picture.seen(&browser).await;
    assert!(today.starts_with(b"\x89PNG"));
    let old = picture.address(&system).await;

    system.simulator.post("/_sim/clock/advance", &json!({ "seconds": 2 * 86_400 })).await.unwrap();
    assert_eq!(picture.seen(&browser).await, today);
    assert_ne!(picture.address(&system).await, old, "a fresh one was asked for");
    assert!(!system.folder().join("media").exists(), "nothing is copied unless it is wanted");
    system.stack.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_made_where_it_is_wanted_and_deleted_when_its_sender_takes_the_message_back() {
    let system = System::start_with(|options| {
        for service in [ServiceName::Gateway, ServiceName::SyncWorker] {
            let changes = options.overrides.entry(service).or_default();
            changes.insert("PAGEKEEPER__MEDIA__COPY".to_owned(), "true".to_owned());
        }
    })
    .await;
    let browser = system.logged_in(demo::PERSON).await;
    let picture = Picture::sent(&system, &browser).await;
    let copied = format!("select count(*) from message_media where mid = '{}' and copied_at is not null", picture.mid);
    wait_for("the copy", LIMIT, async || {
        let copied = system.database.number(&copied).await;
        Poll::when((copied == 1).then_some(()), format!("{copied} copied"))
    })
    .await;
    let key =
        system.database.text(&format!("select copy_key::text from message_media where mid = '{}'", picture.mid)).await;
    let account = system.database.number("select id from accounts").await;
    let file = system.folder().join("media").join(account.to_string()).join(key);

    // Facebook's own store is not asked any more: its address has expired, and stays as it is.
    let old = picture.address(&system).await;
    system.simulator.post("/_sim/clock/advance", &json!({ "seconds": 2 * 86_400 })).await.unwrap();
    assert_eq!(picture.seen(&browser).await, std::fs::read(&file).unwrap());
    assert_eq!(picture.address(&system).await, old);

    let message = format!("/_sim/pages/{}/messages/{}", picture.page, picture.mid);
    system.simulator.patch(&message, &json!({ "deleted": true })).await.unwrap();
    gone(&file).await;
    wait_for("the file to be refused", LIMIT, async || {
        let status = browser.get(&picture.path).await.unwrap().status.as_u16();
        Poll::when((status == 410).then_some(()), format!("{status}"))
    })
    .await;
    system.stack.stop().await.unwrap();
}

async fn gone(file: &Path) {
    wait_for("the copy to be deleted", LIMIT, async || {
        Poll::when((!file.exists()).then_some(()), "it is there".to_owned())
    })
    .await;
}
