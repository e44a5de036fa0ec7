//! C1–C6, C8, E1: runs are started by the routes, followed, listed and canceled. The test plays the worker.

use std::time::Duration;

use pagekeeper_testkit::{Poll, wait_for};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, send};
use crate::data;
use crate::system::{LONG, System};

struct Account {
    system: System,
    browser: Browser,
    id: i64,
    page: data::Page,
}

impl Account {
    async fn new() -> Self {
        let system = System::start().await;
        let browser = system.logged_in("Linh Trần").await;
        system.database.execute("delete from sync_runs").await;
        let id = browser.account_id().await;
        let page = data::a_page(&system.database, id, "111").await;
        Self { system, browser, id, page }
    }

    /// Every route that starts work on this Page or its conversation, and the kind of its run.
    fn pulls(&self) -> Vec<(String, &'static str)> {
        let (page, conversation) = (self.page.connection, self.page.conversation);
        vec![
            (format!("/api/facebook/pages/{page}/sync-from-facebook"), "details"),
            (format!("/api/facebook/pages/{page}/sync-contacts-from-facebook"), "contacts"),
            (format!("/api/facebook/pages/{page}/full-sync-from-facebook"), "full"),
            (format!("/api/facebook/conversations/{conversation}/sync-messages-from-facebook"), "messages"),
            (format!("/api/facebook/conversations/{conversation}/sync-status-from-facebook"), "status"),
        ]
    }

    /// Ends the run of this kind as soon as there is one.
    async fn ends(&self, kind: &str, set: &str) {
        let active = format!("select count(*) from sync_runs where kind = '{kind}' and state = 'queued'");
        wait_for("a run", LONG, async || {
            Poll::when((self.system.database.number(&active).await > 0).then_some(()), "no active run")
        })
        .await;
        let end = format!("update sync_runs set ended_at = now(), {set} where kind = '{kind}' and state = 'queued'");
        self.system.database.execute(&end).await;
    }
}

#[tokio::test]
async fn a_pull_that_does_not_wait_is_one_run_to_follow_however_often_it_is_asked_for() {
    let account = Account::new().await;
    for (path, kind) in account.pulls() {
        let mut runs = Vec::new();
        for _ in 0..2 {
            let answer = account.browser.post(&format!("{path}?wait=0")).await.expect(202);
            let body = answer.json();
            assert_eq!(answer.location(), format!("/api/sync-runs/{}", body["run"]["id"]));
            assert_eq!((&body["success"], &body["partial"]["pages"]), (&json!(true), &json!(1)));
            runs.push(body["run"]["id"].as_i64().unwrap());
        }
        assert_eq!(runs[0], runs[1], "two requests for the same thing are one run");
        let run = account.browser.get(&format!("/api/sync-runs/{}", runs[0])).await.expect(200).json();
        assert_eq!((&run["kind"], &run["connection"]["name"]), (&json!(kind), &json!("Café 111")));
    }
    let commands = "select count(*) from outbox where type like '%SyncPage' or type = 'sync.page'";
    wait_for("the commands to leave", LONG, async || {
        let left = account.system.database.number(commands).await;
        Poll::when((left == 0).then_some(()), format!("{left} in the outbox"))
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_404_and_a_page_that_is_off_is_409() {
    let account = Account::new().await;
    let other = account.system.logged_in("Omar Haddad").await;
    let fields = json!({"about": "Buns"});
    for (path, _) in account.pulls() {
        other.post(&format!("{path}?wait=0")).await.expect_problem(404);
        account.browser.post(&format!("{path}?wait=soon")).await.expect_problem(400);
    }
    let update = format!("/api/facebook/pages/{}/update-to-facebook?wait=0", account.page.connection);
    other.put_json(&update, fields.clone()).await.expect_problem(404);

    account.system.database.execute("update connections set state = 'disconnected'").await;
    for (path, _) in account.pulls() {
        let problem = account.browser.post(&format!("{path}?wait=0")).await.expect_problem(409);
        assert_eq!(problem["type"], "/problems/disconnected");
    }
    account.browser.put_json(&update, fields).await.expect_problem(409);
    assert_eq!(account.system.database.number("select count(*) from sync_runs where kind <> 'connect'").await, 0);
}

#[tokio::test]
async fn the_answers_tell_what_was_pulled() {
    let account = Account::new().await;
    let paths = account.pulls();
    let pull = async |index: usize, set: &str| {
        let (path, kind) = &paths[index];
        let (answer, ()) = tokio::join!(account.browser.post(path), account.ends(kind, set));
        answer.expect(200).json()
    };
    let details = pull(0, "state = 'succeeded'").await;
    assert_eq!((&details["page_id"], &details["page"]["name"]), (&json!(account.page.connection), &json!("Café 111")));
    assert_eq!((&details["success"], &details["synced_count"]), (&json!(true), &json!(1)));
    let contacts = pull(1, "state = 'succeeded', conversations = 15").await;
    assert_eq!(contacts["synced_count"], 15);
    let full = pull(2, "state = 'succeeded', conversations = 1").await;
    let results = &full["sync_results"];
    assert_eq!(
        (&results["page_details"]["id"], &results["contacts"]["synced_count"]),
        (&json!(account.page.connection), &json!(1))
    );
    assert_eq!(results["conversations"], json!([{"id": account.page.conversation, "messages_synced": 3}]));
    assert_eq!(results.get("truncated"), None);
    let messages = pull(3, r#"state = 'succeeded', messages = 2, result = '{"messages": 25}'"#).await;
    assert_eq!((&messages["synced_count"], &messages["new_count"]), (&json!(25), &json!(2)));
    assert_eq!(messages["conversation"]["id"], account.page.conversation);
    let status = pull(4, r#"state = 'succeeded', result = '{"unread_count": 2, "can_reply": true}'"#).await;
    assert_eq!((&status["status"]["unread_count"], &status["status"]["can_reply"]), (&json!(2), &json!(true)));
}

#[tokio::test]
async fn a_run_that_failed_says_why() {
    let account = Account::new().await;
    let path = account.pulls()[3].0.clone();
    let fail = async |set: &str| {
        let (answer, ()) = tokio::join!(account.browser.post(&path), account.ends("messages", set));
        answer
    };
    let gone = fail("state = 'failed', error = 'conversation_gone'").await.expect_problem(409);
    assert_eq!(gone["type"], "/problems/conversation-gone");
    let login = fail("state = 'failed', error = 'password_changed'").await.expect_problem(409);
    assert_eq!(login["type"], "/problems/reconnect-needed");
    let away = fail("state = 'parked', error = 'facebook_unavailable'").await.expect_problem(503);
    assert!(away["retry_after"].is_number());
    let canceled = fail("state = 'canceled'").await.expect_problem(409);
    assert_eq!(canceled["type"], "/problems/run-canceled");
}

/// E1: the Page beside it would be written, and the account stay as it is.
#[tokio::test]
async fn fields_are_not_written_through_an_instagram_account() {
    let account = Account::new().await;
    let instagram = "update connections set connection_type = 'instagram', instagram_account_id = '17'";
    account.system.database.execute(instagram).await;
    let path = format!("/api/facebook/pages/{}/update-to-facebook?wait=0", account.page.connection);
    let problem = account.browser.put_json(&path, json!({"about": "Buns"})).await.expect_problem(409);
    assert_eq!(problem["type"], "/problems/instagram-account");
    assert_eq!(account.system.database.number("select count(*) from sync_runs where kind = 'update_page'").await, 0);
}

/// E1
#[tokio::test]
async fn fields_of_a_page_are_checked_written_and_refused_one_by_one() {
    let account = Account::new().await;
    let path = format!("/api/facebook/pages/{}/update-to-facebook", account.page.connection);
    for (body, field) in [
        (json!({}), "about"),
        (json!({"about": "x".repeat(5_001)}), "about"),
        (json!({"phone": "1\u{0}"}), "phone"),
        (json!({"website": "x".repeat(2_001)}), "website"),
        (json!({"about": 5}), "about"),
    ] {
        assert_eq!(account.browser.put_json(&path, body).await.expect_problem(422)["field"], field);
    }
    let unknown = account.browser.put_json(&path, json!({"name": "New"})).await.expect_problem(422);
    assert_eq!(unknown["field"], "name");
    let refused = r#"state = 'failed', error = 'refused', result = '{"applied": ["about"], "refused": [{"field": "phone", "detail": "phone has an invalid format."}]}'"#;
    let body = json!({"about": "Buns", "phone": "call me"});
    let (answer, ()) =
        tokio::join!(account.browser.put_json(&path, body.clone()), account.ends("update_page", refused));
    let problem = answer.expect_problem(422);
    assert_eq!((&problem["type"], &problem["field"]), (&json!("/problems/refused-by-facebook"), &json!("phone")));
    assert_eq!(problem["errors"], json!([{"field": "phone", "detail": "phone has an invalid format."}]));

    let taken = r#"state = 'succeeded', result = '{"applied": ["about", "phone"], "refused": []}'"#;
    let (answer, ()) = tokio::join!(account.browser.put_json(&path, body), account.ends("update_page", taken));
    let answer = answer.expect(200).json();
    assert_eq!((&answer["success"], &answer["synced_count"]), (&json!(true), &json!(2)));
}

/// C8
#[tokio::test]
async fn runs_are_listed_filtered_and_paged() {
    let account = Account::new().await;
    let fill = format!(
        "insert into sync_runs (account_id, connection_id, kind, state, created_at, ended_at, rows_new, rows_same, bytes)
         select {}, {}, 'incremental', 'succeeded', now() - n * interval '1 minute', now(), 2, 40, 1000 from generate_series(1, 120) n;
         insert into sync_runs (account_id, connection_id, kind, state, error, ended_at)
         values ({0}, {1}, 'full', 'parked', 'facebook_unavailable', now())",
        account.id, account.page.connection
    );
    account.system.database.execute(&fill).await;
    let first = account.browser.get("/api/sync-runs?limit=100").await.expect(200).json();
    assert_eq!(first["data"].as_array().unwrap().len(), 100);
    let next = format!("/api/sync-runs?limit=100&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = account.browser.get(&next).await.expect(200).json();
    assert_eq!((second["data"].as_array().unwrap().len(), &second["next_cursor"]), (21, &Value::Null));
    let run = &second["data"][0];
    assert_eq!((&run["rows"], &run["bytes"]), (&json!({"new": 2, "changed": 0, "same": 40}), &json!(1000)));

    let parked = account.browser.get("/api/sync-runs?state=parked&kind=full").await.expect(200).json();
    assert_eq!(parked["data"].as_array().unwrap().len(), 1);
    assert!(parked["data"][0]["error_detail"].as_str().unwrap().contains("Facebook"));
    let none = account.browser.get("/api/sync-runs?active=true&connection_id=999").await.expect(200).json();
    assert_eq!(none["data"], json!([]));
    for (query, field) in [
        ("kind=dance", "kind"),
        ("state=x", "state"),
        ("active=maybe", "active"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
    ] {
        assert_eq!(account.browser.get(&format!("/api/sync-runs?{query}")).await.expect_problem(400)["field"], field);
    }
}

#[tokio::test]
async fn a_run_is_canceled_by_its_own_account() {
    let account = Account::new().await;
    let other = account.system.logged_in("Omar Haddad").await;
    let path = account.pulls()[2].0.clone();
    let run = account.browser.post(&format!("{path}?wait=0")).await.expect(202).json()["run"]["id"].clone();
    other.post(&format!("/api/sync-runs/{run}/cancel")).await.expect_problem(404);
    let canceled = account.browser.post(&format!("/api/sync-runs/{run}/cancel")).await.expect(200).json();
    assert_eq!((&canceled["state"], &canceled["cancel_requested"]), (&json!("canceled"), &json!(true)));
}

#[tokio::test]
async fn a_runs_progress_is_streamed_to_its_end() {
    let account = Account::new().await;
    let path = account.pulls()[2].0.clone();
    let run = account.browser.post(&format!("{path}?wait=0")).await.expect(202).json()["run"]["id"].clone();
    let other = account.system.logged_in("Omar Haddad").await;
    other.get(&format!("/api/sync-runs/{run}/events")).await.expect_problem(404);
    let following = tokio::spawn({
        let browser = account.browser.clone();
        async move { send(browser.request(Method::GET, &format!("/api/sync-runs/{run}/events"))).await }
    });
    tokio::time::timeout(Duration::from_secs(30), async {
        account.ends("full", "state = 'succeeded', conversations = 7").await;
        let stream = following.await.unwrap().expect(200);
        assert!(stream.headers["content-type"].to_str().unwrap().starts_with("text/event-stream"));
        let last = stream.body.trim().rsplit("data: ").next().unwrap().to_owned();
        let last: Value = serde_json::from_str(&last).unwrap();
        assert_eq!((&last["state"], &last["conversations"]), (&json!("succeeded"), &json!(7)));
    })
    .await
    .unwrap();
}

/// C8, I3
#[tokio::test]
async fn statistics_and_the_use_of_limits_are_the_accounts_own() {
    let account = Account::new().await;
    let other = account.system.logged_in("Omar Haddad").await;
    account
        .system
        .database
        .execute(&format!(
            "insert into sync_statistics (account_id, connection_id, hour, runs, calls, rows_new)
             select {}, {}, date_trunc('hour', now()) - n * interval '1 hour', 2, 5, 7 from generate_series(0, 30) n;
             insert into graph_usage (bucket, minute, calls, percent) values
                 ('page:111', date_trunc('minute', now()), 3, 28), ('page:999', date_trunc('minute', now()), 9, 99),
                 ('app:1', date_trunc('minute', now()), 12, 4)",
            account.id, account.page.connection
        ))
        .await;
    let day = account.browser.get("/api/sync-statistics").await.expect(200).json();
    assert_eq!(day["data"].as_array().unwrap().len(), 25);
    assert_eq!((&day["data"][0]["calls"], &day["data"][0]["rows"]["new"]), (&json!(5), &json!(7)));
    let of_page = format!("/api/sync-statistics?range=7d&connection_id={}", account.page.connection);
    assert_eq!(account.browser.get(&of_page).await.expect(200).json()["data"].as_array().unwrap().len(), 31);
    other.get(&of_page).await.expect_problem(404);
    assert_eq!(other.get("/api/sync-statistics").await.expect(200).json()["data"], json!([]));
    assert_eq!(account.browser.get("/api/sync-statistics?range=1y").await.expect_problem(400)["field"], "range");

    let usage = account.browser.get("/api/graph-usage?range=1h").await.expect(200).json();
    let limits = usage["data"].as_array().unwrap();
    assert_eq!(
        (limits.len(), &limits[0]["connection"], &limits[0]["points"][0]["calls"]),
        (2, &Value::Null, &json!(12))
    );
    assert_eq!(
        (&limits[1]["connection"]["name"], &limits[1]["points"][0]["percent"]),
        (&json!("Café 111"), &json!(28))
    );
    assert_eq!(other.get("/api/graph-usage").await.expect(200).json()["data"].as_array().unwrap().len(), 1);
}

/// C11
#[tokio::test]
async fn a_full_sync_starts_once_a_day_by_the_accounts_own_clock() {
    let on = [("SCHEDULES__ENABLED", "true")];
    let system = System::start_with(&on).await;
    let browser = system.logged_in("Linh Trần").await;
    let page = data::a_page(&system.database, browser.account_id().await, "111").await;
    system
        .database
        .execute("update connections set connected_at = now() - interval '3 days'; update schedules set due_at = now()")
        .await;
    let full = format!("select count(*) from sync_runs where kind = 'full' and connection_id = {}", page.connection);
    wait_for("the full sync", LONG, async || {
        Poll::when((system.database.number(&full).await == 1).then_some(()), "none yet")
    })
    .await;
    system
        .database
        .execute("update sync_runs set state = 'succeeded', ended_at = now(); update schedules set due_at = now()")
        .await;
    wait_for("the schedule to have fired again", LONG, async || {
        let due = system.database.number("select count(*) from schedules where due_at <= now()").await;
        Poll::when((due == 0).then_some(()), format!("{due} due"))
    })
    .await;
    assert_eq!(system.database.number(&full).await, 1, "once a day");
}
