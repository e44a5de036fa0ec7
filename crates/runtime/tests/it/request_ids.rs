//! Each answer carries its request's id and the base security headers. (I4, J4)

use pagekeeper_runtime::shutdown::Shutdown;

use crate::web::{get, send, start};

#[tokio::test]
async fn a_sane_request_id_is_kept_and_any_other_replaced() {
    let address = start(Shutdown::default());
    let with_id = |id: &str| format!("GET /orders HTTP/1.1\r\nHost: t\r\nx-request-id: {id}\r\n\r\n");
    assert_eq!(send(address, with_id("abc-123_X.y")).await.header("x-request-id"), Some("abc-123_X.y"));
    for odd in ["", "a b", "<script>", &"a".repeat(65)] {
        let answer = send(address, with_id(odd)).await;
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(id.len(), 36, "{id}");
        assert_ne!(id, odd);
    }
}

#[tokio::test]
async fn every_answer_carries_the_base_security_headers() {
    let address = start(Shutdown::default());
    for path in ["/orders", "/nowhere", "/fail", "/orders?limit=x"] {
        let answer = send(address, get(path)).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert!(answer.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
        assert!(answer.header("x-request-id").is_some(), "{path}");
    }
}

#[tokio::test]
async fn a_route_keeps_the_header_that_it_sets_itself() {
    let address = start(Shutdown::default());
    let answer = send(address, get("/own-headers")).await;
    assert_eq!(answer.header("cache-control"), Some("max-age=60"));
    assert_eq!(answer.head.to_lowercase().matches("cache-control").count(), 1);
}
