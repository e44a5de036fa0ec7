//! What browsers get.

use crate::system::System;

#[tokio::test]
async fn each_page_of_the_console_is_the_same_document() {
    let system = System::start().await;
    let browser = system.browser();
    for page in [
        "/",
        "/login",
        "/login?error=denied",
        "/connect/9",
        "/inbox",
        "/inbox/12?unread=true",
        "/connections/7",
        "/status",
        "/settings/api-keys",
    ] {
        let answer = browser.get(page).await.expect(200);
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{page}");
        assert!(answer.body.contains("<!doctype html>") || answer.body.contains("<!DOCTYPE html>"), "{page}");
    }
    for missing in ["/assets/gone.js", "/favicon.gone", "/auth/nothing", "/docs/nothing", "/social"] {
        let answer = browser.get(missing).await;
        assert!([401, 404].contains(&answer.status.as_u16()), "{missing}: {}", answer.status);
    }
    browser.post("/inbox").await.expect_problem(404);
}

#[tokio::test]
async fn the_reference_of_the_api_needs_nothing_from_elsewhere() {
    let system = System::start().await;
    let browser = system.browser();
    let page = browser.get("/docs").await.expect(200).body;
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script>"));
    browser.get("/docs/reference.js").await.expect(200);
    browser.get("/docs/reference.css").await.expect(200);
}
