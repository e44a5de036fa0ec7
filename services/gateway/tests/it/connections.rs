//! Connections: list, detail, picture, A12 (disconnect), A9 (what is not connected and why).

use pagekeeper_testkit::{Poll, wait_for};
use serde_json::json;

use crate::data;
use crate::system::{LONG, System};

#[tokio::test]
async fn a_connection_is_shown_with_its_state_and_figures() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let account = browser.account_id().await;
    let page = data::a_page(&system.database, account, "111").await;
    system
        .database
        .execute(&format!(
            "insert into credentials (account_id, kind, user_id, connection_id, sealed, is_long_lived, data_access_expires_at)
             select {account}, 'page', user_id, {}, '\\x00', true, '2027-01-01T00:00:00Z' from memberships where account_id = {account};
             insert into sync_runs (account_id, connection_id, kind, state, phase, conversations, expected_conversations)
             values ({account}, {}, 'first', 'running', 'fetching_conversations', 40, 60)",
            page.connection, page.connection
        ))
        .await;

    let shown = browser.get(&format!("/api/connections/{}", page.connection)).await.expect(200).json();
    assert_eq!(
        (&shown["state"], &shown["reason"], &shown["subscribed"]),
        (&json!("connected"), &json!(null), &json!(true))
    );
    assert_eq!((&shown["page_id"], &shown["conversations"]), (&json!("111"), &json!(1)));
    assert_eq!(
        shown["token"],
        json!({"expires_at": null, "data_access_expires_at": "2027-01-01T00:00:00Z", "is_valid": true})
    );
    let run = &shown["active_run"];
    assert_eq!(
        (&run["phase"], &run["conversations"], &run["expected_conversations"]),
        (&json!("fetching_conversations"), &json!(40), &json!(60))
    );
    assert_eq!(browser.get("/api/connections").await.expect(200).json()["data"], json!([shown]));

    let picture = browser.get(shown["picture_url"].as_str().unwrap()).await.expect(200);
    assert_eq!(
        (&picture.headers["content-type"], &picture.headers["x-content-type-options"]),
        (&"image/png".parse().unwrap(), &"nosniff".parse().unwrap())
    );
}

#[tokio::test]
async fn connections_are_listed_by_state_and_page_by_page() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let account = browser.account_id().await;
    for page_id in ["333", "111", "222"] {
        data::a_page(&system.database, account, page_id).await;
    }
    system.database.execute("update connections set state = 'reauthorization_required', reason = 'password_changed' where page_id = '222'").await;
    let troubled = browser.get("/api/connections?state=reauthorization_required").await.expect(200).json();
    assert_eq!(troubled["data"][0]["reason"], "password_changed");
    assert_eq!(troubled["data"].as_array().unwrap().len(), 1);

    let first = browser.get("/api/connections?limit=2").await.expect(200).json();
    let names = |list: &serde_json::Value| {
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["page_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&first), ["111", "222"]);
    let rest = browser
        .get(&format!("/api/connections?limit=2&cursor={}", first["next_cursor"].as_str().unwrap()))
        .await
        .expect(200)
        .json();
    assert_eq!((names(&rest), &rest["next_cursor"]), (vec!["333".to_owned()], &json!(null)));
}

#[tokio::test]
async fn disconnecting_switches_a_page_off_and_keeps_its_history() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let account = browser.account_id().await;
    let page = data::a_page(&system.database, account, "111").await;
    let path = format!("/api/connections/{}/disconnect", page.connection);
    let answer = browser.post(&path).await.expect(200).json();
    assert_eq!((&answer["success"], &answer["connection"]["state"]), (&json!(true), &json!("disconnected")));
    assert!(answer["connection"]["disconnected_at"].is_string());
    browser.get(&format!("/api/conversations/{}", page.conversation)).await.expect(200);

    // The worker is told, once: wiping and unsubscribing are its part.
    browser.post(&path).await.expect(200);
    wait_for("the command", LONG, async || {
        let queued = system.vhost().messages("sync-worker.commands.interactive").await.unwrap_or_default();
        // The login's own command is the other one.
        Poll::when((queued == 2).then_some(()), format!("{queued} commands"))
    })
    .await;
}

/// A9
#[tokio::test]
async fn pages_that_were_not_connected_are_listed_with_the_reason() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    assert_eq!(browser.get("/api/unconnected-pages").await.expect(200).json()["data"], json!([]));
    let result = json!({"pages": 2, "connected": 1, "results": [
        {"page_id": "1", "name": "Nord", "success": true, "connection_id": 7, "error": null},
        {"page_id": "2", "name": "Syd", "success": false, "connection_id": null, "error": "connected_elsewhere"},
    ]});
    data::end_runs(&system.database, browser.account_id().await, "succeeded", &result.to_string()).await;
    let listed = browser.get("/api/unconnected-pages").await.expect(200).json();
    assert_eq!(
        listed["data"],
        json!([{"page_id": "2", "name": "Syd", "picture_url": null, "reason": "connected_elsewhere", "can_grant": false}])
    );
}
