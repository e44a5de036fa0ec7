//! J1: every route of the API's description, without credentials, with another account's ids, and with nonsense. A new
//! route is covered as soon as it is described.

use reqwest::Method;
use serde_json::json;

use crate::browser::{Browser, send};
use crate::data;
use crate::openapi::{Operation, operations};
use crate::system::{CRON_SECRET, System};

#[tokio::test]
async fn nothing_is_told_without_credentials() {
    let system = System::start().await;
    let stranger = system.browser();
    for operation in operations(&stranger).await.into_iter().filter(Operation::is_closed) {
        let path = operation.path_with(1);
        let answer = send(stranger.request(operation.method.clone(), &path)).await;
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        answer.expect_problem(401);
        send(stranger.request(operation.method, &path).json(&json!({}))).await.expect_problem(401);
    }
    stranger.get("/api/nothing-here").await.expect_problem(401);
    stranger.get("/api/cron/sync-all-pages").await.expect_problem(401);
    stranger.program("wrong").get("/api/cron/sync-all-pages").await.expect_problem(401);
    for operation in
        operations(&stranger).await.into_iter().filter(|operation| operation.path.starts_with("/api/operations/"))
    {
        let path = operation.path_with(1);
        send(stranger.request(operation.method.clone(), &path)).await.expect_problem(401);
        send(stranger.program("wrong").request(operation.method, &path).json(&json!({"all": true})))
            .await
            .expect_problem(401);
    }
}

#[tokio::test]
async fn the_cron_secret_opens_each_route_that_asks_for_it() {
    let system = System::start().await;
    let operator = system.browser().program(CRON_SECRET);
    for path in ["/api/cron/sync-all-pages?wait=0", "/api/cron/full-sync-all-pages?wait=0"] {
        operator.get(path).await.expect(200);
    }
}

#[tokio::test]
async fn an_id_of_another_account_does_not_exist() {
    let system = System::start().await;
    let linh = system.logged_in("Linh Trần").await;
    let omar = system.logged_in("Omar Haddad").await;
    let theirs = linh.account_id().await;
    let page = data::a_page(&system.database, theirs, "111").await;
    data::what_became_of_the_page(&system.database, page).await;
    let post = system
        .database
        .number(&format!("select id from posts where connection_id = {} limit 1", page.connection))
        .await;
    let message = system.database.number("select id from messages where mid = 'm2'").await;
    data::media(&system.database, message, &format!("{}/_cdn/attachments/7.png", system.graph.base_url())).await;
    let key = linh.post_json("/api/api-keys", json!({"name": "x", "scopes": ["inbox:read"]})).await.expect(201).json();
    let run = system.database.number(&format!("select id from sync_runs where account_id = {theirs}")).await;
    data::contact_picture(&system.database, theirs, page.contact).await;
    // The stream of its progress ends with it.
    system.database.execute("update sync_runs set state = 'succeeded', ended_at = now()").await;
    let before = everything_of(&system, theirs).await;

    // Those of parked messages are texts, and have tests of their own; whoever has no secret gets no id of an operator's.
    let has_number = |operation: &Operation| operation.has_id() && !operation.path.contains("/parked/");
    for operation in operations(&omar).await.into_iter().filter(has_number) {
        let id = match operation.path.as_str() {
            path if path.starts_with("/api/conversations/") || path.starts_with("/api/facebook/conversations/") => {
                page.conversation
            }
            path if path.starts_with("/api/contacts/") || path.starts_with("/api/facebook/contacts/") => page.contact,
            path if path.starts_with("/api/posts/") => post,
            path if path.starts_with("/api/connections/") || path.starts_with("/api/facebook/pages/") => {
                page.connection
            }
            path if path.starts_with("/api/sync-runs/") => run,
            path if path.starts_with("/api/messages/") => message,
            path if path.starts_with("/api/api-keys/") => key["api_key"]["id"].as_i64().unwrap(),
            path => panic!("whose id does {path} take?"),
        };
        let path = operation.path_with(id);
        // The owner sees it, so that the 404 below is for its own reason.
        if operation.method == Method::GET {
            linh.get(&path).await.expect(200);
        }
        ask(&omar, &operation, &path).await.expect_problem(404);
        ask(&omar, &operation, &operation.path_with(999_999_999)).await.expect_problem(404);
    }
    assert_eq!(everything_of(&system, theirs).await, before, "something was changed");
    for list in [
        "/api/conversations",
        "/api/contacts",
        "/api/messages/search?q=table",
        "/api/connections",
        "/api/unconnected-pages",
        "/api/api-keys",
        "/api/posts",
    ] {
        assert_eq!(omar.get(list).await.expect(200).json()["data"], json!([]), "{list}");
    }
    let filtered = format!("/api/conversations?connection_id={}", page.connection);
    assert_eq!(omar.get(&filtered).await.expect(200).json()["data"], json!([]));
}

#[tokio::test]
async fn nonsense_is_refused_and_never_a_fault_of_ours() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let ids = ["abc", "-1", "0", "1e3", "9223372036854775808", "%00", "..%2f..", "1%20or%201=1", "null", "ä"];
    let queries = [
        "limit=0",
        "limit=abc",
        "limit=101",
        "cursor=x",
        "cursor=AAAAAAAAAAAAAAAAAAAAAA",
        "direction=up",
        "unread=maybe",
        "connection_id=x",
        "state=unknown",
        "wait=-1",
        "wait=9999",
        "limit=1&limit=2",
        "%ff=%ff",
        "return_to=%00",
        "cursor=%00",
        "unknown=1",
    ];
    let bodies = [
        json!(null),
        json!([]),
        json!("text"),
        json!(7),
        json!({"account_id": "x"}),
        json!({"up_to": "yesterday"}),
        json!({"name": {"a": 1}}),
    ];
    for operation in operations(&browser).await.into_iter().filter(|operation| operation.path != "/api/events") {
        for id in ids.iter().filter(|_| operation.has_id()) {
            let (before, parameter) = operation.path.split_once('{').unwrap();
            let (_, after) = parameter.split_once('}').unwrap();
            let path = format!("{before}{id}{after}");
            expect_refusal(&operation, &ask(&browser, &operation, &path).await);
        }
        for query in queries.iter().filter(|_| operation.method == Method::GET && !operation.has_id()) {
            let answer = browser.get(&format!("{}?{query}", operation.path)).await;
            assert!(answer.status.as_u16() < 500, "{operation:?} {query}: {}", answer.body);
            if answer.status == 400 {
                let problem = answer.expect_problem(400);
                assert!(problem["field"].is_string() || query.contains("%ff"), "{} {query}: {problem}", operation.path);
            }
        }
        for body in bodies.iter().filter(|_| operation.description["requestBody"].is_object()) {
            let answer = send(browser.request(operation.method.clone(), &operation.path_with(1)).json(body)).await;
            expect_refusal(&operation, &answer);
        }
        if operation.description["requestBody"].is_object() {
            let send_text = |text: String| {
                send(
                    browser
                        .request(operation.method.clone(), &operation.path_with(1))
                        .header("content-type", "application/json")
                        .body(text),
                )
            };
            expect_refusal(&operation, &send_text("{".to_owned()).await);
            expect_refusal(&operation, &send_text("[".repeat(10_000)).await);
            // Whoever lacks the operator's secret is told so first.
            let too_large = if operation.path.starts_with("/api/operations/") { 401 } else { 413 };
            assert_eq!(send_text(format!("{{\"name\":\"{}\"}}", "x".repeat(300_000))).await.status, too_large);
        }
    }
}

/// The second wall: even a query without a condition finds the own account's rows only.
#[tokio::test]
async fn the_database_keeps_accounts_apart_too() {
    let system = System::start().await;
    let linh = system.logged_in("Linh Trần").await.account_id().await;
    let omar = system.logged_in("Omar Haddad").await.account_id().await;
    data::a_page(&system.database, linh, "111").await;
    data::a_page(&system.database, omar, "222").await;

    let store = pagekeeper_store::Store::connect(&pagekeeper_store::StoreConfig::new(
        system.database.url_as("pagekeeper_gateway"),
    ));
    let own = store
        .account(pagekeeper_common::domain::ids::AccountId::new(linh), async |tx: &mut pagekeeper_store::AccountTx| {
            pagekeeper_store::connections::list(tx).await
        })
        .await
        .unwrap();
    assert_eq!(own.len(), 1);
    assert!(own.iter().all(|connection| connection.account_id.get() == linh));
}

async fn ask(browser: &Browser, operation: &Operation, path: &str) -> crate::browser::Answer {
    let request = browser.request(operation.method.clone(), path);
    let fitting = match operation.path.as_str() {
        path if path.ends_with("/update-to-facebook") => json!({"about": "theirs"}),
        path if path.ends_with("/update-in-system") => json!({"notes": "theirs"}),
        _ => json!({"up_to": "2026-11-20T12:00:00Z"}),
    };
    let has_body = operation.description["requestBody"].is_object();
    send(if has_body { request.json(&fitting) } else { request }).await
}

fn expect_refusal(operation: &Operation, answer: &crate::browser::Answer) {
    let status = answer.status.as_u16();
    assert!((400..500).contains(&status), "{} {}: {status} {}", operation.method, operation.path, answer.body);
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{}", operation.path);
}

/// A fingerprint of an account's rows.
async fn everything_of(system: &System, account: i64) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in ["connections", "conversations", "contacts", "messages", "sync_runs", "api_keys", "sessions"] {
        let sql =
            format!("select coalesce(sum(hashtext(t::text)::bigint), 0) from {table} t where account_id = {account}");
        counts.push(system.database.number(&sql).await);
    }
    counts
}
