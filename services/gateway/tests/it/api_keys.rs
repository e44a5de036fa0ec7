//! A11: personal API keys.

use serde_json::json;

use crate::browser::Browser;
use crate::data;
use crate::system::System;

async fn key_with(browser: &Browser, scopes: &[&str]) -> (String, i64) {
    let made = browser.post_json("/api/api-keys", json!({"name": "Report", "scopes": scopes})).await.expect(201).json();
    (made["key"].as_str().unwrap().to_owned(), made["api_key"]["id"].as_i64().unwrap())
}

#[tokio::test]
async fn a_key_is_shown_once_and_stored_as_a_hash() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let (key, id) = key_with(&browser, &["inbox:read"]).await;
    assert!(key.starts_with("pk_") && key.len() == 46);
    let list = browser.get("/api/api-keys").await.expect(200);
    assert!(!list.body.contains(&key));
    let listed = &list.json()["data"][0];
    assert_eq!(
        (&listed["id"], &listed["prefix"], &listed["scopes"]),
        (&json!(id), &json!(key.get(..9)), &json!(["inbox:read"]))
    );
    assert_eq!(system.database.number("select count(*) from api_keys where octet_length(key_hash) = 32").await, 1);
}

#[tokio::test]
async fn a_key_does_what_its_scopes_allow() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let (key, _) = key_with(&browser, &["inbox:read"]).await;
    let program = browser.program(&key);
    program.get("/api/conversations").await.expect(200);
    assert_eq!(program.get("/api/me").await.expect(200).json()["signed_in_with"], "api_key");
    program.get("/api/connections").await.expect_problem(403);
    program.post("/api/facebook/auto-connect").await.expect_problem(403);
    program.get("/api/api-keys").await.expect_problem(403);
    assert_eq!(system.database.number("select count(*) from api_keys where last_used_at is not null").await, 1);
}

#[tokio::test]
async fn a_key_cannot_make_a_stronger_one() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let (key, _) = key_with(&browser, &["settings:manage"]).await;
    let program = browser.program(&key);
    let wanted = json!({"name": "More", "scopes": ["settings:manage", "inbox:read"]});
    assert_eq!(program.post_json("/api/api-keys", wanted).await.expect_problem(403)["field"], "scopes");
    key_with(&program, &["settings:manage"]).await;
}

#[tokio::test]
async fn a_key_does_no_more_than_its_person_may_now() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let (key, _) = key_with(&browser, &["inbox:read", "settings:manage"]).await;
    system.database.execute("update memberships set role = 'agent'").await;
    let program = browser.program(&key);
    program.get("/api/conversations").await.expect(200);
    program.get("/api/account").await.expect_problem(403);
}

#[tokio::test]
async fn a_deleted_or_expired_key_no_longer_works() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let (deleted, id) = key_with(&browser, &["inbox:read"]).await;
    let (expired, other) = key_with(&browser, &["inbox:read"]).await;
    browser.delete(&format!("/api/api-keys/{id}")).await.expect(204);
    browser.delete(&format!("/api/api-keys/{id}")).await.expect_problem(404);
    system
        .database
        .execute(&format!("update api_keys set expires_at = now() - interval '1 second' where id = {other}"))
        .await;
    for key in [deleted, expired] {
        browser.program(&key).get("/api/conversations").await.expect_problem(401);
    }
    assert_eq!(browser.get("/api/api-keys").await.expect(200).json()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_key_needs_is_checked() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let wrong = [
        (json!({"name": "", "scopes": ["inbox:read"]}), "name"),
        (json!({"name": "x".repeat(121), "scopes": ["inbox:read"]}), "name"),
        (json!({"name": "x", "scopes": []}), "scopes"),
        (json!({"name": "x", "scopes": ["root"]}), "scopes"),
        (json!({"name": "x", "scopes": "inbox:read"}), "scopes"),
        (json!({"name": "x"}), "scopes"),
        (json!({"name": "x", "scopes": ["inbox:read"], "expires_at": "2020-01-01T00:00:00Z"}), "expires_at"),
        (json!({"name": "x", "scopes": ["inbox:read"], "admin": true}), "admin"),
    ];
    for (body, field) in wrong {
        assert_eq!(
            browser.post_json("/api/api-keys", body.clone()).await.expect_problem(422)["field"],
            field,
            "{body}"
        );
    }
}

#[tokio::test]
async fn keys_of_another_account_are_neither_listed_nor_deleted() {
    let system = System::start().await;
    let linh = system.logged_in("Linh Trần").await;
    let omar = system.logged_in("Omar Haddad").await;
    let (_, id) = key_with(&linh, &["inbox:read"]).await;
    omar.delete(&format!("/api/api-keys/{id}")).await.expect_problem(404);
    assert_eq!(omar.get("/api/api-keys").await.expect(200).json()["data"], json!([]));
    // Not even as a member of both, from the wrong account.
    data::join(&system.database, linh.account_id().await, omar.account_id().await, "admin").await;
    omar.delete(&format!("/api/api-keys/{id}")).await.expect_problem(404);
}
