//! D4: server-sent events.

use std::time::Duration;

use futures_util::StreamExt;
use pagekeeper_testkit::{Poll, wait_for};
use reqwest::Method;
use serde_json::json;
use tokio::sync::mpsc;

use crate::browser::{Browser, send};
use crate::data;
use crate::system::{LONG, System};

/// A stream that is read in the background.
struct Stream {
    frames: mpsc::UnboundedReceiver<String>,
}

impl Stream {
    async fn open(browser: &Browser) -> Self {
        let response =
            browser.request(Method::GET, "/api/events").timeout(Duration::from_mins(5)).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"text/event-stream".parse().unwrap())
        );
        assert_eq!(
            (&response.headers()["cache-control"], &response.headers()["x-accel-buffering"]),
            (&"no-store".parse().unwrap(), &"no".parse().unwrap())
        );
        let (sender, frames) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut body = response.bytes_stream();
            while let Some(Ok(bytes)) = body.next().await {
                let text = String::from_utf8(bytes.to_vec()).unwrap();
                for frame in text.split("\n\n").filter(|frame| !frame.is_empty()) {
                    let _ = sender.send(frame.to_owned());
                }
            }
        });
        let mut stream = Self { frames };
        assert!(stream.next().await.unwrap().starts_with("retry: "));
        stream
    }

    /// None at the end of the stream.
    async fn next(&mut self) -> Option<String> {
        tokio::time::timeout(LONG, self.frames.recv()).await.unwrap()
    }

    async fn next_event(&mut self) -> Option<String> {
        loop {
            match self.next().await {
                Some(frame) if frame.starts_with(':') || frame.starts_with("event: resync") => {}
                frame => return frame,
            }
        }
    }
}

#[tokio::test]
async fn a_change_reaches_each_screen_of_its_account_and_no_other() {
    let system = System::start().await;
    let linh = system.logged_in("Linh Trần").await;
    let omar = system.logged_in("Omar Haddad").await;
    let linhs = data::a_page(&system.database, linh.account_id().await, "111").await;
    let omars = data::a_page(&system.database, omar.account_id().await, "222").await;
    system.connected_to_broker().await;
    let (mut first, mut second, mut other) =
        (Stream::open(&linh).await, Stream::open(&linh).await, Stream::open(&omar).await);

    let read = |page: data::Page| format!("/api/conversations/{}/read", page.conversation);
    linh.post_json(&read(linhs), json!({"up_to": data::NEWEST})).await.expect(200);
    for stream in [&mut first, &mut second] {
        let event = stream.next_event().await.unwrap();
        assert!(
            event.starts_with("event: conversation\ndata: ") && event.contains(&format!("[{}]", linhs.conversation)),
            "{event}"
        );
    }
    omar.post_json(&read(omars), json!({"up_to": data::NEWEST})).await.expect(200);
    let event = other.next_event().await.unwrap();
    assert!(event.contains(&format!("[{}]", omars.conversation)), "{event}");
}

#[tokio::test]
async fn a_stream_is_kept_open_by_comments() {
    let system = System::start_with(&[("LIVE__HEARTBEAT_S", "1")]).await;
    let mut stream = Stream::open(&system.logged_in("Linh Trần").await).await;
    wait_for("two heartbeats", LONG, async || {
        let frame = stream.next().await.unwrap();
        Poll::when(frame.starts_with(':').then_some(()), frame)
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_with_its_session_at_once() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let mut other = browser.clone();
    other.cookies.clear();
    other.log_in(&system.graph, "Linh Trần").await;
    let (mut ended, mut stays) = (Stream::open(&browser).await, Stream::open(&other).await);
    browser.post("/api/auth/logout").await.expect(204);
    while ended.next().await.is_some() {}
    // The person's other session goes on.
    system.connected_to_broker().await;
    let page = data::a_page(&system.database, other.account_id().await, "111").await;
    other.post(&format!("/api/connections/{}/disconnect", page.connection)).await.expect(200);
    assert!(stays.next_event().await.unwrap().starts_with("event: connection"));
}

#[tokio::test]
async fn a_stream_ends_when_another_gateway_ended_its_session() {
    let system = System::start_with(&[("LIVE__RECHECK_S", "1")]).await;
    let mut stream = Stream::open(&system.logged_in("Linh Trần").await).await;
    system.database.execute("delete from sessions").await;
    while stream.next().await.is_some() {}
}

#[tokio::test]
async fn one_person_has_six_streams() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let mut open = Vec::new();
    for _ in 0..6 {
        open.push(Stream::open(&browser).await);
    }
    send(browser.request(Method::GET, "/api/events")).await.expect_problem(429);
}

#[tokio::test]
async fn streams_do_not_hold_up_the_end_of_the_gateway() {
    let mut system = System::start().await;
    let mut stream = Stream::open(&system.logged_in("Linh Trần").await).await;
    let began = std::time::Instant::now();
    system.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    while stream.next().await.is_some() {}
}
