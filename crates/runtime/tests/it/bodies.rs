//! Bodies are bounded in size and time, and come uncompressed. (J4)

use std::time::{Duration, Instant};

use pagekeeper_runtime::http::{BodyError, read_body};
use pagekeeper_runtime::shutdown::Shutdown;

use crate::web::{post, send, start};

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_408() {
    let address = start(Shutdown::default());
    for path in ["/orders", "/plain", "/form"] {
        let content_type = if path == "/form" { "application/x-www-form-urlencoded" } else { "application/json" };
        let asked = Instant::now();
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: t\r\nContent-Type: {content_type}\r\nContent-Length: 500\r\n\r\n{{");
        let answer = send(address, head).await;
        assert_eq!(answer.status, 408, "{path}");
        answer.problem();
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(asked.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_announced_or_not() {
    let address = start(Shutdown::default());
    for path in ["/orders", "/plain"] {
        let announced = format!(
            "POST {path} HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{{"
        );
        let chunk = "x".repeat(600);
        let chunked = format!(
            "POST {path} HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n258\r\n{chunk}\r\n258\r\n{chunk}\r\n"
        );
        for request in [announced, chunked] {
            let answer = send(address, request).await;
            assert_eq!(answer.status, 413, "{path}");
            answer.problem();
        }
    }
}

#[tokio::test]
async fn a_compressed_body_is_415_before_anything_reads_it() {
    let address = start(Shutdown::default());
    for encoding in ["gzip", "br", "identity, gzip", "x"] {
        let request = post("/orders", &format!("application/json\r\nContent-Encoding: {encoding}"), "{}");
        let answer = send(address, request).await;
        assert_eq!(answer.status, 415, "{encoding}");
        answer.problem();
    }
    let plain = post("/orders", "application/json\r\nContent-Encoding: identity", r#"{"name":"a","lines":[]}"#);
    assert_eq!(send(address, plain).await.status, 200);
}

#[tokio::test]
async fn a_raw_body_is_read_whole_or_refused() {
    let chunks = |sizes: &'static [usize]| {
        futures_util::stream::iter(sizes.iter().map(|size| Ok(actix_web::web::Bytes::from(vec![b'a'; *size]))))
    };
    let limit = Duration::from_secs(1);
    assert_eq!(read_body(chunks(&[]), 10, limit).await.unwrap().len(), 0);
    assert_eq!(read_body(chunks(&[10]), 10, limit).await.unwrap().len(), 10);
    assert_eq!(read_body(chunks(&[4, 3, 3]), 10, limit).await.unwrap().len(), 10);
    for too_long in [&[11][..], &[5, 6], &[5, 5, 1]] {
        let sizes: &'static [usize] = too_long.to_vec().leak();
        assert!(matches!(read_body(chunks(sizes), 10, limit).await, Err(BodyError::TooLarge { limit: 10 })));
    }
    let never = futures_util::stream::pending();
    assert!(matches!(read_body(never, 10, Duration::from_millis(20)).await, Err(BodyError::TooSlow)));
}
