//! A13: settings and the account switcher.

use serde_json::json;

use crate::data;
use crate::system::System;

#[tokio::test]
async fn an_owner_changes_name_language_and_time_zone() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let changed = browser
        .patch_json(
            "/api/account",
            json!({"name": " Linh's Kitchen ", "language": "vi", "time_zone": "Asia/Ho_Chi_Minh"}),
        )
        .await;
    let changed = changed.expect(200).json();
    assert_eq!((&changed["name"], &changed["language"]), (&json!("Linh's Kitchen"), &json!("vi")));
    assert_eq!(browser.get("/api/account").await.expect(200).json(), changed);
    let me = browser.get("/api/me").await.expect(200).json();
    assert_eq!(me["account"]["time_zone"], "Asia/Ho_Chi_Minh");
    // What is absent stays.
    let again = browser.patch_json("/api/account", json!({"language": "da"})).await.expect(200).json();
    assert_eq!((&again["name"], &again["language"]), (&json!("Linh's Kitchen"), &json!("da")));
}

#[tokio::test]
async fn wrong_settings_name_the_field() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let wrong = [
        (json!({"name": ""}), "name"),
        (json!({"name": "a\u{0}b"}), "name"),
        (json!({"name": 7}), "name"),
        (json!({"language": "xx"}), "language"),
        (json!({"time_zone": "Mars/Olympus"}), "time_zone"),
        (json!({"role": "owner"}), "role"),
    ];
    for (body, field) in wrong {
        assert_eq!(
            browser.patch_json("/api/account", body.clone()).await.expect_problem(422)["field"],
            field,
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_agent_does_not_change_settings() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    system.database.execute("update memberships set role = 'agent'").await;
    browser.patch_json("/api/account", json!({"name": "Mine"})).await.expect_problem(403);
    browser.get("/api/conversations").await.expect(200);
    browser.post("/api/facebook/auto-connect?wait=0").await.expect_problem(403);
}

#[tokio::test]
async fn a_member_of_two_accounts_switches_with_a_new_session() {
    let system = System::start().await;
    let linh = system.logged_in("Linh Trần").await;
    let mut omar = system.logged_in("Omar Haddad").await;
    let (linhs, omars) = (linh.account_id().await, omar.account_id().await);
    omar.post_json("/api/auth/switch-account", json!({"account_id": linhs})).await.expect_problem(404);

    data::join(&system.database, linhs, omars, "agent").await;
    let before = omar.clone();
    let answer = omar.post_json("/api/auth/switch-account", json!({"account_id": linhs})).await.expect(200);
    omar.keep_cookies(&answer);
    let me = answer.json();
    assert_eq!((&me["account"]["id"], &me["account"]["role"]), (&json!(linhs), &json!("agent")));
    assert_eq!(omar.get("/api/me").await.expect(200).json(), me);
    assert_eq!(me["accounts"].as_array().unwrap().len(), 2);
    before.get("/api/me").await.expect(401);
}
