//! A Page's picture: small, of a known kind, from an address that may be used. (A7)

use pagekeeper_common::graph::{GraphClient, PictureError};

use crate::fake::{FakeGraph, Reply, config};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

fn picture(bytes: &[u8]) -> Reply {
    Reply::Whole { status: 200, headers: "Content-Type: text/html\r\n".to_owned(), body: bytes.to_vec() }
}

#[tokio::test]
async fn the_kind_is_read_from_the_bytes_and_no_token_is_sent() {
    let graph = FakeGraph::start([
        picture(PNG),
        picture(b"\xff\xd8\xff\xe0..."),
        picture(b"GIF89a..."),
        picture(b"RIFF....WEBPVP8"),
    ])
    .await;
    for expected in ["image/png", "image/jpeg", "image/gif", "image/webp"] {
        let picture = graph.client.picture(&format!("{}/p", graph.base_url)).await.unwrap();
        assert_eq!(picture.content_type, expected);
    }
    assert!(graph.asked().iter().all(|asked| asked.header("authorization").is_none() && asked.query.is_empty()));
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_is_refused() {
    let large = [PNG, &vec![0; 65_536]].concat();
    let graph = FakeGraph::start([
        picture(b"<svg onload=alert(1)>"),
        picture(b""),
        picture(&large),
        Reply::status(302, "").with_header("Location", "http://127.0.0.1:1/"),
        Reply::Truncated("\u{89}"),
    ])
    .await;
    let url = format!("{}/p", graph.base_url);
    assert!(matches!(graph.client.picture(&url).await, Err(PictureError::Kind)));
    assert!(matches!(graph.client.picture(&url).await, Err(PictureError::Kind)));
    assert!(matches!(graph.client.picture(&url).await, Err(PictureError::TooLarge)));
    assert!(matches!(graph.client.picture(&url).await, Err(PictureError::Status(302))));
    assert!(matches!(graph.client.picture(&url).await, Err(PictureError::Network(_))));
}

#[tokio::test]
async fn an_address_without_tls_or_with_a_password_is_not_asked() {
    let graph = FakeGraph::start([]).await;
    let real = GraphClient::new(&config("https://graph.example")).unwrap();
    for url in ["http://169.254.169.254/latest", "file:///etc/passwd", "https://user:pass@h/", "no address", ""] {
        assert!(matches!(real.picture(url).await, Err(PictureError::Address)), "{url}");
    }
    assert!(matches!(graph.client.picture("ftp://127.0.0.1/").await, Err(PictureError::Address)));
}
