//! J4: requests that another site makes a browser send.

use reqwest::Method;

use crate::browser::{CSRF, send};
use crate::openapi::{Operation, operations};
use crate::system::System;

#[tokio::test]
async fn what_changes_something_needs_our_header_and_our_origin() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    // No cookie opens the operator's routes, so that no other site can use one.
    let by_cookie = |operation: &Operation| operation.method != Method::GET && operation.is_closed();
    for operation in operations(&browser).await.into_iter().filter(by_cookie) {
        let path = operation.path_with(1);
        let bare = || browser.bare(operation.method.clone(), &path);
        let probes = [
            ("without our header", bare().header("content-type", "application/json").body("{}"), 403),
            ("from another origin", bare().header(CSRF, "1").header("origin", "https://evil.example"), 403),
            ("from another site", bare().header(CSRF, "1").header("sec-fetch-site", "cross-site"), 403),
            ("from an opaque origin", bare().header(CSRF, "1").header("origin", "null"), 403),
            ("as a form", bare().form(&[("a", "b")]), 415),
            ("as text", bare().header("content-type", "text/plain").body("{}"), 415),
        ];
        for (what, probe, status) in probes {
            let problem = send(probe).await.expect_problem(status);
            assert!(
                status != 403 || problem["type"] == "/problems/cross-site",
                "{} {path} {what}: {problem}",
                operation.method
            );
        }
    }
    // Nothing of it had an effect: the session is still there.
    browser.get("/api/me").await.expect(200);
}

#[tokio::test]
async fn programs_need_no_header() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let made = browser
        .post_json("/api/api-keys", serde_json::json!({"name": "x", "scopes": ["settings:manage"]}))
        .await
        .expect(201)
        .json();
    let program = browser.program(made["key"].as_str().unwrap());
    let request = program.bare(Method::PATCH, "/api/account").json(&serde_json::json!({"name": "Renamed"}));
    send(request).await.expect(200);
}

#[tokio::test]
async fn no_other_origin_is_ever_allowed_to_read() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    for origin in ["https://evil.example", "null", &system.origin, "http://localhost", ""] {
        for path in ["/api/me", "/openapi.json", "/login"] {
            let answer = send(browser.bare(Method::GET, path).header("origin", origin)).await;
            assert!(
                !answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")),
                "{path} for {origin}"
            );
        }
        let preflight = browser.bare(Method::OPTIONS, "/api/account").header("origin", origin);
        let preflight = send(preflight.header("access-control-request-method", "PATCH")).await;
        assert!(!preflight.headers.contains_key("access-control-allow-origin"));
    }
}
