//! A2, C5, C7: work on Facebook is started once, waited for, and told. The test plays the worker.

use pagekeeper_testkit::{Poll, wait_for};
use serde_json::{Value, json};

use crate::browser::Answer;
use crate::data;
use crate::system::{CRON_SECRET, LONG, System};

const RESULT: &str = r#"{"pages": 2, "connected": 1, "results": [
    {"page_id": "111", "name": "Café 111", "success": true, "connection_id": CONNECTION, "error": null},
    {"page_id": "222", "name": "Syd", "success": false, "connection_id": null, "error": "task_missing"}]}"#;

/// A2
#[tokio::test]
async fn auto_connect_waits_for_the_end_and_tells_what_became_of_each_page() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let account = browser.account_id().await;
    let page = data::a_page(&system.database, account, "111").await;
    let waiting = tokio::spawn({
        let browser = browser.clone();
        async move { browser.post("/api/facebook/auto-connect").await }
    });
    let parent = active_runs(&system, account).await[0];
    system
        .database
        .execute(&format!(
            "insert into sync_runs (account_id, parent_id, connection_id, kind, state, conversations)
             values ({account}, {parent}, {}, 'first', 'succeeded', 60)",
            page.connection
        ))
        .await;
    data::end_runs(&system.database, account, "succeeded", &RESULT.replace("CONNECTION", &page.connection.to_string()))
        .await;

    let answer = waiting.await.unwrap().expect(200).json();
    assert_eq!((&answer["success"], &answer["pages"], &answer["connected"]), (&json!(true), &json!(2), &json!(1)));
    assert_eq!((&answer["totalConversations"], &answer["background"]), (&json!(60), &json!({"pages": 0})));
    assert!(answer["duration"].as_str().unwrap().ends_with('s'));
    let results = &answer["results"];
    assert_eq!(
        results[0],
        json!({"page_id": "111", "connection_type": "facebook", "connection_id": page.connection, "name": "Café 111", "success": true, "conversations": 60, "error": null})
    );
    assert_eq!((&results[1]["success"], &results[1]["error"]["reason"]), (&json!(false), &json!("task_missing")));

    let run = browser.get(&format!("/api/sync-runs/{parent}")).await.expect(200).json();
    assert_eq!((&run["state"], &run["children"][0]["connection"]["name"]), (&json!("succeeded"), &json!("Café 111")));
    assert_eq!(run["unconnected_pages"], json!([{"page_id": "222", "name": "Syd", "reason": "task_missing"}]));
}

#[tokio::test]
async fn asking_twice_starts_the_work_once() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let account = browser.account_id().await;
    let answers =
        futures_util::future::join_all((0..8).map(|_| browser.post("/api/facebook/auto-connect?wait=0"))).await;
    // The login's own run is the one that all of them join.
    assert_eq!(active_runs(&system, account).await.len(), 1);
    for answer in answers {
        let answer = accepted(answer);
        assert_eq!((&answer["success"], &answer["partial"]["pages"]), (&json!(true), &json!(0)));
    }
}

#[tokio::test]
async fn a_caller_without_a_facebook_login_is_told_what_to_do() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    system.database.execute("delete from credentials; delete from sync_runs").await;
    let problem = browser.post("/api/facebook/auto-connect?wait=0").await.expect_problem(409);
    assert_eq!(problem["type"], "/problems/facebook-login-needed");
    assert_eq!(system.database.number("select count(*) from sync_runs").await, 0);
    assert_eq!(browser.get("/api/me").await.expect(200).json()["facebook"]["has_login"], false);
}

#[tokio::test]
async fn a_run_that_failed_as_a_whole_is_no_success() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    system.database.execute("update sync_runs set state = 'failed', error = 'token_expired', ended_at = now()").await;
    let (answer, ()) = tokio::join!(browser.post("/api/facebook/auto-connect?wait=20"), async {
        let account = browser.account_id().await;
        active_runs(&system, account).await;
        system
            .database
            .execute(
                "update sync_runs set state = 'failed', error = 'app_removed', ended_at = now() where state = 'queued'",
            )
            .await;
    });
    assert_eq!(answer.expect_problem(409)["type"], "/problems/facebook-login-needed");
}

/// C5
#[tokio::test]
async fn a_pages_sync_status_has_its_figures() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let account = browser.account_id().await;
    let page = data::a_page(&system.database, account, "111").await;
    system
        .database
        .execute(&format!(
            "insert into sync_runs (account_id, connection_id, kind, state, created_at)
             select {account}, {}, 'incremental', 'succeeded', now() - n * interval '30 minutes' from generate_series(1, 3) n",
            page.connection
        ))
        .await;
    let status = browser.get(&format!("/api/facebook/pages/{}/sync-status", page.connection)).await.expect(200).json();
    assert_eq!(
        status["page"],
        json!({"id": page.connection, "name": "Café 111", "status": "connected", "last_synced_at": null})
    );
    assert_eq!(
        status["statistics"],
        json!({"total_conversations": 1, "total_contacts": 1, "total_messages": 3, "syncs_last_24h": 3, "average_interval_s": 1800.0})
    );
}

/// C7
#[tokio::test]
async fn the_cron_route_syncs_every_page_of_every_account_once() {
    let system = System::start().await;
    let mut accounts = Vec::new();
    for (person, page_id) in [("Linh Trần", "111"), ("Omar Haddad", "222")] {
        let account = system.logged_in(person).await.account_id().await;
        system.database.execute(&format!("delete from sync_runs where account_id = {account}")).await;
        data::a_page(&system.database, account, page_id).await;
        accounts.push(account);
    }
    let cron = system.browser().program(CRON_SECRET);
    let (first, second, ()) = tokio::join!(
        cron.get("/api/cron/sync-all-pages"),
        cron.get("/api/cron/sync-all-pages"),
        async {
            for account in &accounts {
                active_runs(&system, *account).await;
            }
            system
            .database
            .execute("update sync_runs set state = 'succeeded', conversations_changed = 12, ended_at = now() where state = 'queued'")
            .await;
        }
    );
    assert_eq!(system.database.number("select count(*) from sync_runs where kind = 'incremental'").await, 2);
    for answer in [first, second] {
        let answer = answer.expect(200).json();
        assert_eq!(answer["message"], "Synced 24 conversations across 2 page(s)");
        assert_eq!(
            (&answer["success"], &answer["pages"], &answer["successCount"]),
            (&json!(true), &json!(2), &json!(2))
        );
        assert_eq!(answer["totalSynced"], 24);
    }
}

#[tokio::test]
async fn a_cron_call_that_does_not_wait_can_be_followed() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    system.database.execute("delete from sync_runs").await;
    data::a_page(&system.database, browser.account_id().await, "111").await;
    let answer = accepted(system.browser().program(CRON_SECRET).get("/api/cron/sync-all-pages?wait=0").await);
    assert_eq!(answer["partial"], json!({"pages": 1, "pages_done": 0, "conversations": 0}));
    browser.get(&format!("/api/sync-runs/{}", answer["run"]["id"])).await.expect(200);
}

/// An overdue schedule fires at start, and one of two gateways does it.
#[tokio::test]
async fn the_schedule_fires_once_for_all_gateways() {
    let on = [("SCHEDULES__ENABLED", "true")];
    let first = System::start_with(&on).await;
    let browser = first.logged_in("Linh Trần").await;
    first.database.execute("delete from sync_runs").await;
    data::a_page(&first.database, browser.account_id().await, "111").await;
    first.database.execute("update schedules set due_at = now() - interval '3 days'").await;
    first.add_replica(&on).await;
    wait_for("the schedule", LONG, async || {
        let runs = first.database.number("select count(*) from sync_runs where kind = 'incremental'").await;
        let waits =
            first.database.number("select count(*) from schedules where due_at > now() + interval '25 minutes'").await;
        Poll::when((runs == 1 && waits == 1).then_some(()), format!("{runs} runs, {waits} schedules ahead"))
    })
    .await;
}

fn accepted(answer: Answer) -> Value {
    let location = answer.location().to_owned();
    let body = answer.expect(202).json();
    assert_eq!(location, format!("/api/sync-runs/{}", body["run"]["id"]));
    body
}

/// Waits until there are any.
async fn active_runs(system: &System, account: i64) -> Vec<i64> {
    let sql = |what: &str| {
        format!("select {what} from sync_runs where account_id = {account} and state in ('queued', 'running')")
    };
    wait_for("a run", LONG, async || {
        let count = system.database.number(&sql("count(*)")).await;
        Poll::when((count > 0).then_some(()), "no active run")
    })
    .await;
    let count = system.database.number(&sql("count(*)")).await;
    let first = system.database.number(&sql("min(id)")).await;
    (0..count).map(|offset| first + offset).collect()
}
