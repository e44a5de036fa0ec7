//! A11: short-lived access tokens.

use serde_json::json;

use crate::data;
use crate::system::System;

#[tokio::test]
async fn a_session_gets_a_token_that_works_as_bearer() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let token = browser.post_json("/api/auth/token", json!({})).await.expect(200).json();
    assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("bearer"), &json!(600)));
    let program = browser.program(token["access_token"].as_str().unwrap());
    assert_eq!(program.get("/api/me").await.expect(200).json()["signed_in_with"], "token");
    // A token does not make tokens.
    program.post_json("/api/auth/token", json!({})).await.expect_problem(403);
}

#[tokio::test]
async fn a_token_is_for_an_account_of_the_person() {
    let system = System::start().await;
    let linh = system.logged_in("Linh Trần").await;
    let omar = system.logged_in("Omar Haddad").await;
    let (linhs, omars) = (linh.account_id().await, omar.account_id().await);
    linh.post_json("/api/auth/token", json!({"account_id": omars})).await.expect_problem(404);
    data::join(&system.database, omars, linhs, "agent").await;
    let token = linh.post_json("/api/auth/token", json!({"account_id": omars})).await.expect(200).json();
    let program = linh.program(token["access_token"].as_str().unwrap());
    let me = program.get("/api/me").await.expect(200).json();
    assert_eq!((&me["account"]["id"], &me["account"]["role"]), (&json!(omars), &json!("agent")));
}

/// The role is read at each use, not taken from the token.
#[tokio::test]
async fn a_token_of_somebody_who_left_the_account_no_longer_works() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let token = browser.post_json("/api/auth/token", json!({})).await.expect(200).json();
    system.database.execute("delete from memberships").await;
    browser.program(token["access_token"].as_str().unwrap()).get("/api/me").await.expect_problem(401);
}

#[tokio::test]
async fn credentials_of_any_wrong_kind_are_refused() {
    let system = System::start().await;
    let browser = system.browser();
    for bearer in ["", "x", "pk_", "pk_unknown", "a.b.c", &"x".repeat(5_000), "eyJhbGciOiJub25lIn0.e30."] {
        browser.program(bearer).get("/api/me").await.expect_problem(401);
    }
    let basic = browser.bare(reqwest::Method::GET, "/api/me").basic_auth("admin", Some("admin"));
    crate::browser::send(basic).await.expect_problem(401);
}
