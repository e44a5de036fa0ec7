//! What people write of a customer, and finding customers and messages again.

use pagekeeper_store::{Store, StoreConfig, SystemTx, search_index};
use pagekeeper_testkit::{Poll, wait_for};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, send};
use crate::data::{self, Page};
use crate::system::{LONG, System};

async fn update(browser: &Browser, contact: i64, body: Value) -> Answer {
    let path = format!("/api/facebook/contacts/{contact}/update-in-system");
    send(browser.request(Method::PUT, &path).json(&body)).await
}

/// Does what sync-worker does behind the rows, until all of them can be found.
async fn take_up(system: &System) {
    let worker = Store::connect(&StoreConfig::new(system.database.url_as("pagekeeper_sync_worker")));
    wait_for("messages and contacts to be searchable", LONG, async || {
        worker
            .system(async |tx: &mut SystemTx| {
                search_index::index_messages(tx, 1_000).await?;
                search_index::index_contacts(tx, 1_000).await
            })
            .await
            .unwrap();
        let missing = system
            .database
            .number(
                "select (select max(id) from messages) + (select max(id) from contacts)
                     - (select sum(indexed_up_to) from search_progress)::bigint",
            )
            .await;
        Poll::when((missing == 0).then_some(()), missing.to_string())
    })
    .await;
}

async fn started() -> (System, Browser, Page) {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let page = data::a_page(&system.database, browser.account_id().await, "111").await;
    (system, browser, page)
}

#[tokio::test]
async fn whoever_is_looked_at_without_a_picture_is_put_on_the_list_of_those_to_ask_for() {
    let (system, browser, page) = started().await;
    take_up(&system).await;
    let wanted =
        async || system.database.number("select count(*) from contacts where picture_due_at is not null").await;
    browser.get(&format!("/api/conversations?connection_id={}", page.connection + 1)).await.expect(200);
    assert_eq!(wanted().await, 0);
    for list in ["/api/conversations", "/api/contacts?q=freja"] {
        system.database.execute("update contacts set picture_due_at = null").await;
        browser.get(list).await.expect(200);
        assert_eq!(wanted().await, 1, "{list}");
    }
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_keeps_what_was_there() {
    // E3
    let (_system, browser, page) = started().await;
    let body = json!({"email": "freja@example.dk", "tags": ["vegan", "regular", "vegan"], "custom_fields": {"size": "M", "visits": 2}});
    let answer = update(&browser, page.contact, body).await.expect(200).json();
    assert_eq!(
        (&answer["success"], &answer["contact_id"], &answer["synced_count"], &answer["run_id"]),
        (&json!(true), &json!(page.contact), &json!(1), &json!(null))
    );
    assert_eq!(answer["contact"]["tags"], json!(["regular", "vegan"]));
    let body = json!({"notes": "By the window.", "custom_fields": {"size": null, "city": "Aarhus"}, "version": 2});
    let contact = update(&browser, page.contact, body).await.expect(200).json()["contact"].clone();
    assert_eq!((&contact["email"], &contact["version"]), (&json!("freja@example.dk"), &json!(3)));
    assert_eq!(contact["custom_fields"], json!({"city": "Aarhus", "visits": 2}));
    assert_eq!(browser.get(&format!("/api/contacts/{}", page.contact)).await.expect(200).json(), contact);

    let outdated = update(&browser, page.contact, json!({"notes": "x", "version": 2})).await.expect_problem(409);
    assert_eq!((&outdated["version"], &outdated["type"]), (&json!(3), &json!("/problems/edited-meanwhile")));

    let edits = browser.get(&format!("/api/contacts/{}/edits?limit=1", page.contact)).await.expect(200).json();
    assert_eq!(edits["data"][0]["changes"]["custom_fields.size"], json!({"old": "M", "new": null}));
    assert_eq!(edits["data"][0]["user_name"], "Linh Trần");
    let cursor = edits["next_cursor"].as_str().unwrap();
    let older = browser.get(&format!("/api/contacts/{}/edits?limit=1&cursor={cursor}", page.contact)).await;
    let older = older.expect(200).json();
    assert_eq!((&older["data"][0]["changes"]["email"]["old"], &older["next_cursor"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_named_and_changes_nothing() {
    // E3
    let (_system, browser, page) = started().await;
    for (body, field) in [
        (json!({"email": "nobody"}), "email"),
        (json!({"phone": "call me"}), "phone"),
        (json!({"tags": ["x".repeat(51)]}), "tags"),
        (json!({"tags": "vip"}), "tags"),
        (json!({"notes": "x".repeat(10_001)}), "notes"),
        (json!({"custom_fields": {"a/b": 1}}), "custom_fields.a/b"),
        (json!({"custom_fields": {"a": [1]}}), "custom_fields.a"),
        (json!({"name": "Somebody else"}), "name"),
        (json!({"version": "new"}), "version"),
    ] {
        assert_eq!(update(&browser, page.contact, body.clone()).await.expect_problem(422)["field"], field, "{body}");
    }
    let many: Value = (0..51).map(|number| (number.to_string(), json!(1))).collect::<serde_json::Map<_, _>>().into();
    let refused = update(&browser, page.contact, json!({"custom_fields": many})).await.expect_problem(422);
    assert_eq!(refused["field"], "custom_fields");
    let contact = browser.get(&format!("/api/contacts/{}", page.contact)).await.expect(200).json();
    assert_eq!((&contact["version"], &contact["edited_at"]), (&json!(1), &json!(null)));
    update(&browser, page.contact + 1_000, json!({"notes": "x"})).await.expect_problem(404);
}

#[tokio::test]
async fn a_key_needs_its_scope_to_edit() {
    // E3
    let (_system, browser, page) = started().await;
    for (scope, status) in [("inbox:read", 403), ("contacts:edit", 200)] {
        let key = browser.post_json("/api/api-keys", json!({"name": "x", "scopes": [scope]})).await.expect(201).json();
        let program = browser.program(key["key"].as_str().unwrap());
        update(&program, page.contact, json!({"notes": scope})).await.expect(status);
    }
}

#[tokio::test]
async fn a_contacts_picture_is_shown_from_our_own_copy() {
    // D2
    let (system, browser, page) = started().await;
    let path = format!("/api/contacts/{}/picture", page.contact);
    browser.get(&path).await.expect_problem(404);
    let account = browser.account_id().await;
    data::contact_picture(&system.database, account, page.contact).await;
    let contact = browser.get(&format!("/api/contacts/{}", page.contact)).await.expect(200).json();
    assert_eq!(contact["picture_url"], path);
    assert_eq!(browser.get("/api/conversations").await.expect(200).json()["data"][0]["contact"]["picture_url"], path);
    let picture = browser.get(&path).await.expect(200);
    assert_eq!(picture.headers["content-type"], "image/png");
    system.logged_in("Omar Haddad").await.get(&path).await.expect_problem(404);
}

#[tokio::test]
async fn messages_and_contacts_are_found_without_regard_to_accents() {
    // E5
    let (system, browser, page) = started().await;
    let other = data::a_page(&system.database, browser.account_id().await, "222").await;
    system.database.execute("update messages set text = 'Giao hàng về Đà Nẵng nhé' where mid = 'm2'").await;
    take_up(&system).await;
    let found = browser.get("/api/messages/search?q=giao+hang+NANG&limit=1").await.expect(200).json();
    let hit = &found["data"][0];
    assert_eq!((&hit["mid"], &hit["conversation"]["id"]), (&json!("m2"), &json!(other.conversation)));
    assert_eq!(hit["snippet"]["text"], "Giao hàng về Đà Nẵng nhé");
    assert_eq!(
        hit["snippet"]["marks"],
        json!([{"start": 0, "end": 4}, {"start": 5, "end": 9}, {"start": 16, "end": 20}])
    );
    assert_eq!(hit["conversation"]["contact"]["name"], "Freja Holm");
    assert_eq!(hit["conversation"]["connection"]["name"], "Café 222");
    let cursor = found["next_cursor"].as_str().unwrap();
    let next =
        browser.get(&format!("/api/messages/search?q=giao+hang+NANG&limit=1&cursor={cursor}")).await.expect(200).json();
    assert_eq!(
        (&next["data"][0]["conversation"]["id"], &next["next_cursor"]),
        (&json!(page.conversation), &json!(null))
    );
    for nothing in
        ["", "?q=", "?q=%00", "?q=!?", "?q=giao+xyz", &format!("?q=giao&connection_id={}", other.connection + 1_000)]
    {
        assert_eq!(
            browser.get(&format!("/api/messages/search{nothing}")).await.expect(200).json()["data"],
            json!([]),
            "{nothing}"
        );
    }
    let long = browser.get(&format!("/api/messages/search?q={}", "x".repeat(201))).await.expect_problem(400);
    assert_eq!(long["field"], "q");

    update(&browser, page.contact, json!({"email": "søren@example.dk", "tags": ["vip"]})).await.expect(200);
    let ids = async |query: &str| {
        let list = browser.get(&format!("/api/contacts?{query}")).await.expect(200).json();
        list["data"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, [other.contact, page.contact]);
    assert_eq!(ids("q=rej+hol").await, [other.contact, page.contact]);
    assert_eq!(ids("q=soren%40ex").await, [page.contact]);
    assert_eq!(ids("tag=vip&q=holm").await, [page.contact]);
    assert_eq!(ids(&format!("connection_id={}", other.connection)).await, [other.contact]);
    assert!(ids("q=%25").await.is_empty() && ids("tag=none").await.is_empty());

    let stranger = system.logged_in("Omar Haddad").await;
    assert_eq!(stranger.get("/api/messages/search?q=giao").await.expect(200).json()["data"], json!([]));
    assert_eq!(stranger.get("/api/contacts?q=freja").await.expect(200).json()["data"], json!([]));
}
