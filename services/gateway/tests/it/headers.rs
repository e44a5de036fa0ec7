//! J4: headers and cookies, as they go out.

use reqwest::header::SET_COOKIE;

use crate::browser::{Answer, Browser};
use crate::system::System;

const BASE: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let stranger = system.browser();
    let answers = [
        browser.get("/api/me").await.expect(200),
        stranger.get("/api/me").await.expect(401),
        browser.get("/api/conversations/9999999").await.expect(404),
        browser.get("/api/conversations?limit=x").await.expect(400),
        stranger.get("/login").await.expect(200),
        stranger.get("/missing.js").await.expect(404),
        stranger.get("/docs").await.expect(200),
        stranger.get("/openapi.json").await.expect(200),
        stranger.get("/auth/facebook/login").await.expect(302),
        stranger.get("/auth/facebook/callback").await.expect(302),
    ];
    for answer in answers {
        for (name, value) in BASE {
            assert_eq!(answer.headers[name], value, "{name} of {answer:?}");
        }
        assert!(answer.headers.contains_key("x-request-id"));
        assert!(policy(&answer).starts_with("default-src 'none'; "), "{answer:?}");
        assert!(policy(&answer).contains("frame-ancestors 'none'"));
        assert!(!policy(&answer).contains("unsafe"));
    }
}

#[tokio::test]
async fn data_is_not_cached_and_pages_have_a_nonce_of_their_own() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    assert_eq!(browser.get("/api/me").await.headers["cache-control"], "no-store");
    let (first, second) = (browser.get("/inbox").await.expect(200), browser.get("/inbox/7").await.expect(200));
    assert_eq!(first.headers["cache-control"], "no-store");
    assert_ne!(policy(&first), policy(&second));
    assert!(policy(&first).contains("script-src 'self'; style-src 'self' 'nonce-"));
    assert!(!first.body.contains("__CSP_NONCE__") && !first.body.contains("__DEMO__"));
}

#[tokio::test]
async fn cookies_are_bound_to_this_host_and_hidden_from_scripts() {
    let system = System::start().await;
    let mut browser = system.browser();
    let begun = browser.get("/auth/facebook/login").await.expect(302);
    assert_eq!(cookies(&begun), ["__Host-pagekeeper-oauth=…; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600"]);
    let back = browser.log_in(&system.graph, "Linh Trần").await;
    assert_eq!(
        cookies(&back),
        [
            "__Host-pagekeeper-oauth=…; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0",
            "__Host-pagekeeper=…; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=604800",
        ]
    );
    let out = browser.post("/api/auth/logout").await.expect(204);
    assert_eq!(cookies(&out), ["__Host-pagekeeper=…; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"]);
    read_only_answers_set_no_cookie(&browser).await;
}

async fn read_only_answers_set_no_cookie(browser: &Browser) {
    for path in ["/api/me", "/login", "/openapi.json", "/api/health"] {
        assert!(!browser.get(path).await.headers.contains_key(SET_COOKIE), "{path}");
    }
}

fn policy(answer: &Answer) -> String {
    answer.headers["content-security-policy"].to_str().unwrap().to_owned()
}

/// The cookies set, without their values, in a fixed order.
fn cookies(answer: &Answer) -> Vec<String> {
    let mut cookies: Vec<String> = answer
        .headers
        .get_all(SET_COOKIE)
        .iter()
        .map(|cookie| {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            format!("{}=…;{attributes}", pair.split('=').next().unwrap())
        })
        .collect();
    cookies.sort();
    cookies
}
