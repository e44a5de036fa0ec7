//! A: connecting.

use pagekeeper_devstack::api::Api;
use pagekeeper_devstack::demo;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{System, all};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_login_connects_all_pages_also_those_of_a_business_and_fills_the_inbox() {
    // A1, A13, G1
    let system = System::start().await;
    let browser = system.logged_in(demo::PERSON).await;

    let me = browser.get_ok("/api/me").await.unwrap();
    assert_eq!(me["user"]["name"], demo::PERSON);
    assert_eq!(me["account"]["role"], "owner");

    let connections = all(&browser, "/api/connections").await;
    let mut names: Vec<&str> = connections.iter().map(|connection| connection["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    // A3: the Instagram account of one of them, too.
    assert_eq!(names, ["@pho.nha.linh", "Bánh Mì Express", "Phở Nhà Linh", "Smørrebrød & Søn"]);
    assert!(connections.iter().all(|connection| connection["state"] == "connected"), "{connections:?}");

    let conversations = all(&browser, "/api/conversations").await;
    assert_eq!(conversations.len(), 60 + 40 + 25 + 15);
    let first = conversations.first().unwrap()["id"].as_i64().unwrap();
    let messages = all(&browser, &format!("/api/conversations/{first}/messages")).await;
    assert!(!messages.is_empty());

    // Tokens are sealed, and no answer holds one.
    let sealed = system.database.number("select count(*) from credentials where octet_length(sealed) > 60").await;
    assert_eq!(sealed, 5, "one of the person, one of each Page, and the Instagram account's own copy");
    assert!(!connections.iter().any(|connection| connection.to_string().contains("EAA")));
    system.stack.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn auto_connect_by_a_program_answers_with_what_it_did() {
    // A2, A11
    let system = System::start().await;
    let browser = system.logged_in(demo::PERSON).await;
    let key = browser
        .post("/api/api-keys", &json!({ "name": "a program", "scopes": ["connections:manage", "connections:read"] }))
        .await
        .unwrap();
    assert_eq!(key.status, StatusCode::CREATED, "{}", key.body);
    let program = Api::with_token(&system.gateway(), key.body["key"].as_str().unwrap()).unwrap();

    let answer = program.post("/api/facebook/auto-connect", &json!({})).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body["success"], true);
    assert_eq!(answer.body["pages"], 3);
    assert_eq!(answer.body["connected"], 3);
    // A3: one of them has an Instagram account.
    assert_eq!(answer.body["results"].as_array().unwrap().len(), 3 + 1);
    assert!(answer.body["duration"].as_str().unwrap().ends_with('s'));

    let forbidden = program.get("/api/conversations").await.unwrap();
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN, "the key has no scope for the inbox");
    system.stack.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_belongs_to_one_account_and_a_missing_task_is_told() {
    // A1, A9, J1
    let system = System::start().await;
    let linh = system.logged_in(demo::PERSON).await;
    let omar = system.logged_in("Omar Haddad").await;
    let unconnected = omar.get_ok("/api/unconnected-pages").await.unwrap();
    let unconnected = unconnected["data"].as_array().unwrap();
    assert_eq!(unconnected.len(), 2, "the Page and its Instagram account");
    assert_eq!(unconnected.first().unwrap()["name"], "Phở Nhà Linh");
    assert_eq!(unconnected.first().unwrap()["reason"], "connected_elsewhere");

    let mia = system.logged_in("Mia Østergaard").await;
    let unconnected = mia.get_ok("/api/unconnected-pages").await.unwrap();
    assert_eq!(unconnected["data"][0]["reason"], "task_missing");
    assert!(all(&mia, "/api/connections").await.is_empty());

    // Linh's rows are not there for Omar.
    let theirs = all(&linh, "/api/connections").await.first().unwrap()["id"].as_i64().unwrap();
    let answer = omar.get(&format!("/api/connections/{theirs}")).await.unwrap();
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    system.stack.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_wipes_tokens_keeps_history_and_connecting_again_revives() {
    // A12
    let system = System::start().await;
    let mut browser = system.logged_in(demo::PERSON).await;
    let connections = all(&browser, "/api/connections").await;
    let id = connections.first().unwrap()["id"].as_i64().unwrap();
    let of_connection = format!("select count(*) from conversations where connection_id = {id}");
    let before = system.database.number(&of_connection).await;
    assert!(before > 0);

    let answer = browser.post(&format!("/api/connections/{id}/disconnect"), &json!({})).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body["connection"]["state"], "disconnected");
    pagekeeper_testkit::wait_for("the token to be wiped", crate::support::LIMIT, async || {
        let sealed = format!("select count(*) from credentials where connection_id = {id} and sealed is not null");
        let left = system.database.number(&sealed).await;
        pagekeeper_testkit::Poll::when((left == 0).then_some(()), format!("{left} sealed"))
    })
    .await;
    assert_eq!(system.database.number(&of_connection).await, before);

    let next = browser.log_in(&system.simulator, demo::PERSON).await.unwrap();
    system.run_ended(&browser, next.rsplit('/').next().unwrap()).await;
    let again = browser.get_ok(&format!("/api/connections/{id}")).await.unwrap();
    assert_eq!(again["state"], "connected");
    assert_eq!(system.database.number(&of_connection).await, before);
    system.stack.stop().await.unwrap();
}
