//! J4: no token of Facebook's in an answer, a page or an address; and none in the clear in the database.

use reqwest::Method;
use serde_json::json;

use crate::data;
use crate::openapi::{Operation, operations};
use crate::system::{CRON_SECRET, SIGNING_KEY, System};

#[tokio::test]
async fn no_answer_carries_a_secret() {
    let system = System::start().await;
    let mut browser = system.browser();
    let dialog = browser.begin_login("/inbox").await;
    let back = browser.decide(&system.graph, &dialog, "Linh Trần", json!({})).await;
    let answer = browser.come_back(&back).await.expect(302);
    let account = browser.account_id().await;
    let page = data::a_page(&system.database, account, "111").await;
    system
        .database
        .execute(&format!(
            "insert into credentials (account_id, kind, user_id, connection_id, sealed)
             select {account}, 'page', user_id, {}, convert_to('EAAcanary', 'utf8') from memberships where account_id = {account}",
            page.connection
        ))
        .await;

    let secrets = ["EAA", SIGNING_KEY, CRON_SECRET, system.graph.app_secret(), "AAECAwQFBgcICQoL"];
    let mut texts = vec![format!("{answer:?}")];
    for operation in operations(&browser)
        .await
        .into_iter()
        .filter(|operation| operation.method == Method::GET && operation.path != "/api/events")
    {
        texts.push(format!("{:?}", browser.get(&path(&operation, page)).await));
    }
    texts.push(format!("{:?}", browser.post("/api/facebook/auto-connect?wait=0").await));
    texts.push(format!("{:?}", browser.get("/inbox").await));
    for secret in secrets {
        assert!(!texts.iter().any(|text| text.contains(secret)), "{secret} is in an answer");
    }
    // Sealed: the person's token is nowhere in the clear.
    let clear = "select count(*) from credentials where kind = 'user' and position('EAA'::bytea in sealed) > 0";
    assert_eq!(system.database.number(clear).await, 0);
    assert_eq!(system.database.number("select count(*) from outbox where position('EAA'::bytea in body) > 0").await, 0);
}

fn path(operation: &Operation, page: data::Page) -> String {
    match operation.path.as_str() {
        path if path.starts_with("/api/conversations/") => operation.path_with(page.conversation),
        path if path.starts_with("/api/contacts/") => operation.path_with(page.contact),
        _ => operation.path_with(page.connection),
    }
}
