//! What is not taken, and how it is said (D1, J4).

use std::time::{Duration, Instant};

use pagekeeper_testkit::sign_webhook;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::ingest::{APP_SECRET, Place, entry_json, page_body, problem, queued_bundles, spooled_bundles};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn what_meta_did_not_sign_is_never_kept_d1() {
    let place = Place::new().await;
    let body = page_body(&[entry_json(1)]);
    let good = sign_webhook(APP_SECRET, body.as_bytes());
    let bad = [
        sign_webhook("another secret", body.as_bytes()),
        sign_webhook(APP_SECRET, b"another body"),
        sign_webhook("", body.as_bytes()),
        good.replace("sha256=", ""),
        good.replace("sha256=", "sha1="),
        format!("{good}0"),
        good[..good.len() - 1].to_owned(),
        "sha256=".to_owned(),
    ];
    for signature in bad {
        let post = place.ingest.unsigned(body.clone()).header("X-Hub-Signature-256", &signature);
        let refused = problem(post.send().await.unwrap(), 403).await;
        assert_eq!(refused["field"], "X-Hub-Signature-256", "{signature}");
    }
    problem(place.ingest.unsigned(body.clone()).send().await.unwrap(), 403).await;
    let twice = place.ingest.post(body.clone()).header("X-Hub-Signature-256", &good);
    problem(twice.send().await.unwrap(), 403).await;
    let old_header =
        place.ingest.unsigned(body).header("X-Hub-Signature", "sha1=3c3211b807f1b9d8de013c46918d73edde155b1e");
    problem(old_header.send().await.unwrap(), 403).await;

    assert_eq!(queued_bundles(&place.vhost.url()).await, 0);
    assert_eq!(spooled_bundles(&place.database).await, 0);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_and_one_at_the_limit_is_not_j4() {
    let place = Place::new().await;
    let body = |size: usize| {
        let frame = page_body(&[r#"{"id":"1","x":""}"#.to_owned()]).len();
        page_body(&[format!(r#"{{"id":"1","x":"{}"}}"#, "x".repeat(size - frame))])
    };
    assert_eq!(place.ingest.post(body(3 * MIB)).send().await.unwrap().status(), 200);
    problem(place.ingest.post(body(3 * MIB + 1)).send().await.unwrap(), 413).await;
    problem(place.ingest.post(body(8 * MIB)).send().await.unwrap(), 413).await;
    problem(place.ingest.unsigned(body(8 * MIB)).send().await.unwrap(), 403).await;
}

#[tokio::test]
async fn a_compressed_body_is_refused_j4() {
    let place = Place::new().await;
    for encoding in ["gzip", "br", "deflate", "zstd", "identity, gzip", "x"] {
        let post = place.ingest.post(page_body(&[entry_json(1)])).header("content-encoding", encoding);
        problem(post.send().await.unwrap(), 415).await;
    }
    let plain = place.ingest.post(page_body(&[entry_json(1)])).header("content-encoding", "identity");
    assert_eq!(plain.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_body_that_drips_is_given_up_j4() {
    let place = Place::new().await;
    let address = place.ingest.url.trim_start_matches("http://");
    let started = Instant::now();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let signature = sign_webhook(APP_SECRET, b"");
    let head = format!(
        "POST /api/webhook HTTP/1.1\r\nhost: {address}\r\nx-hub-signature-256: {signature}\r\ncontent-length: 100\r\n\r\n{{"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn other_routes_and_methods_are_problems_j4() {
    let place = Place::new().await;
    let ingest = &place.ingest;
    for path in ["/", "/api", "/api/webhook/", "/api/webhooks", "/metrics", "/livez", "/api/webhook/x"] {
        let url = format!("{}{path}", ingest.url);
        problem(ingest.http.post(&url).send().await.unwrap(), 404).await;
        problem(ingest.http.get(&url).send().await.unwrap(), 404).await;
    }
    for method in [reqwest::Method::PUT, reqwest::Method::DELETE, reqwest::Method::PATCH] {
        let answer = ingest.http.request(method, format!("{}/api/webhook", ingest.url)).send().await.unwrap();
        assert_eq!(answer.headers()["allow"], "GET, POST");
        problem(answer, 405).await;
    }
}
