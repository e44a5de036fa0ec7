//! Parked messages and the quarantine: seen, replayed, dropped, and never another account's. (C9, I5)

use chrono::DateTime;
use pagekeeper_bus::topology::{BACKGROUND_COMMANDS, parked, webhook_queue};
use pagekeeper_bus::{Bus, BusConfig, Outgoing, Published, Tries};
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{SplitEntry, SyncPage, UnsplitBody, WebhookBundle, WebhookEntry};
use pagekeeper_testkit::{Poll, wait_for};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::browser::Browser;
use crate::data;
use crate::system::{CRON_SECRET, LONG, System};

const WORDS: &str = "My card number is 4111";

/// The broker, as a worker has it.
struct Worker {
    bus: Bus,
    stop: CancellationToken,
}

impl Worker {
    async fn start(system: &System) -> Self {
        let stop = CancellationToken::new();
        let bus = Bus::start(&BusConfig::new(system.vhost().url()), "test", &stop).unwrap();
        assert!(bus.ready(LONG).await);
        system.connected_to_broker().await;
        Self { bus, stop }
    }

    async fn park(&self, queue: &str, message: Outgoing, reason: &str) {
        let tries =
            Tries { attempt: 4, first_failed_at: DateTime::from_timestamp(1_790_000_000, 0), ..Tries::default() };
        let publisher = self.bus.publisher();
        let copy = publisher.for_parking(queue, message, &tries, reason);
        assert_eq!(publisher.publish_all(&[copy]).await, [Published::Stored]);
    }

    async fn park_webhook(&self, pages: &[&str], reason: &str) {
        let entries = pages.iter().map(|page| entry(page)).collect();
        self.park(&webhook_queue(0), Outgoing::of(&WebhookBundle { entries }), reason).await;
    }

    async fn park_sync(&self, account_id: i64, run_id: i64, reason: &str) {
        self.park(BACKGROUND_COMMANDS, Outgoing::of(&SyncPage { account_id, run_id, interactive: false }), reason)
            .await;
    }

    /// Waits until so many are ready.
    async fn until(&self, queue: &str, count: u32) {
        wait_for(queue, LONG, async || {
            let depths = self.bus.parked_queues().depths().await.unwrap();
            let ready = depths.iter().find(|(name, _)| name == queue).unwrap().1;
            Poll::when((ready == count).then_some(()), format!("{ready} of {count}"))
        })
        .await;
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn entry(page: &str) -> WebhookEntry {
    let json = json!({"id": page, "messaging": [{"message": {"text": WORDS}}]}).to_string();
    let split = SplitEntry { object: "page".to_owned(), owner_id: page.to_owned(), json: json.into_bytes().into() };
    WebhookEntry { received_at: 1_790_000_000_000_000, content: Some(Content::Entry(split)), ..WebhookEntry::default() }
}

async fn quarantine(system: &System, owner: &str, reason: &str, body: &str) -> i64 {
    let insert = format!(
        "insert into quarantine (reason, owner_id, body, digest, received_at)
         values ('{reason}', {owner}, convert_to('{body}', 'UTF8'), sha256(convert_to('{body}', 'UTF8')), '2026-11-20T12:00:00Z')"
    );
    system.database.execute(&insert).await;
    system.database.number("select max(id) from quarantine").await
}

async fn list(browser: &Browser, query: &str) -> Value {
    browser.get(&format!("/api/parked{query}")).await.expect(200).json()
}

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().unwrap().iter().map(|parked| parked["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_parked_is_seen_with_its_reason_replayed_and_dropped() {
    let system = System::start().await;
    let linh = system.logged_in("Linh Trần").await;
    let account = linh.account_id().await;
    let page = data::a_page(&system.database, account, "111").await;
    let run = system.database.number(&format!("select id from sync_runs where account_id = {account}")).await;
    system
        .database
        .execute(&format!("update sync_runs set kind = 'first', connection_id = {} where id = {run}", page.connection))
        .await;
    let worker = Worker::start(&system).await;
    worker.park_webhook(&["111"], "could not be stored").await;
    worker.park_sync(account, run, "Facebook refused the token").await;

    let all = list(&linh, "").await;
    assert_eq!(
        all["totals"],
        json!({"webhooks": 1, "webhooks.1": 0, "webhooks.2": 0, "webhooks.3": 0, "commands.interactive": 0, "commands.background": 1, "quarantine": 0})
    );
    assert_eq!((&all["complete"], &all["next_cursor"]), (&json!(true), &json!(null)));
    let [webhook, sync] = all["data"].as_array().unwrap().as_slice() else { panic!("{all}") };
    let of_page = json!({"connection_id": page.connection, "name": "Café 111", "page_id": "111"});
    assert_eq!(
        (&webhook["type"], &webhook["page"], &webhook["attempts"]),
        (&json!("webhook.bundle"), &of_page, &json!(5))
    );
    assert_eq!((&webhook["reason"], &webhook["run_id"]), (&json!("could not be stored"), &json!(null)));
    assert_eq!(webhook["first_failed_at"], "2026-09-21T14:13:20Z");
    assert!(webhook["parked_at"].is_string() && webhook["size"].as_u64() > Some(0) && webhook["account_id"].is_null());
    assert_eq!((&sync["type"], &sync["page"], &sync["run_id"]), (&json!("sync.page"), &of_page, &json!(run)));

    let shown = linh.get(&format!("/api/parked/{}", webhook["id"].as_str().unwrap())).await.expect(200).json();
    assert_eq!(shown["content"]["entries"][0]["entry"]["messaging"][0]["message"]["text"], WORDS);
    assert_eq!(shown["content_withheld"], false);
    let shown = linh.get(&format!("/api/parked/{}", sync["id"].as_str().unwrap())).await.expect(200).json();
    assert_eq!(
        (&shown["content"], &shown["page"]),
        (&json!({"account_id": account, "run_id": run, "interactive": false}), &of_page)
    );

    let answer = linh.post(&format!("/api/parked/{}/replay", webhook["id"].as_str().unwrap())).await.expect(200).json();
    assert_eq!(answer, json!({"success": true, "replayed": 1, "more": false}));
    worker.until(&webhook_queue(0), 1).await;
    worker.until(&parked(&webhook_queue(0)), 0).await;
    let answer = linh.post_json("/api/parked/drop", json!({"queue": "commands.background"})).await.expect(200).json();
    assert_eq!(answer, json!({"success": true, "dropped": 1, "more": false}));
    worker.until(&parked(BACKGROUND_COMMANDS), 0).await;
    worker.until(BACKGROUND_COMMANDS, 0).await;
    assert_eq!(list(&linh, "").await["data"], json!([]));
    linh.post(&format!("/api/parked/{}/replay", webhook["id"].as_str().unwrap())).await.expect_problem(404);
}

#[tokio::test]
async fn filters_choose_by_queue_page_reason_and_age_and_pages_have_no_gaps() {
    let system = System::start().await;
    let linh = system.logged_in("Linh Trần").await;
    let account = linh.account_id().await;
    let page = data::a_page(&system.database, account, "111").await;
    data::a_page(&system.database, account, "222").await;
    let worker = Worker::start(&system).await;
    for number in 0..4 {
        let page = if number % 2 == 0 { "111" } else { "222" };
        worker.park_webhook(&[page], &format!("reason {number}")).await;
        quarantine(&system, &format!("'{page}'"), "refused_by_database", &format!("{{\"n\":{number}}}")).await;
    }
    let counts = [
        (String::new(), 8),
        ("?queue=webhooks".to_owned(), 4),
        ("?queue=quarantine".to_owned(), 4),
        ("?page=111".to_owned(), 4),
        (format!("?page={}", page.connection), 4),
        ("?page=999".to_owned(), 0),
        ("?reason=REASON%203".to_owned(), 1),
        ("?reason=refused".to_owned(), 4),
        ("?older_than=1h".to_owned(), 4),
        ("?older_than=3000d".to_owned(), 0),
        ("?queue=quarantine&page=222&reason=refused&older_than=1d".to_owned(), 2),
    ];
    for (query, count) in counts {
        assert_eq!(list(&linh, &query).await["data"].as_array().unwrap().len(), count, "{query}");
    }
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let part = list(&linh, &format!("?limit=3{cursor}")).await;
        found.extend(ids(&part));
        let Some(next) = part["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found, ids(&list(&linh, "").await));
    assert_eq!(found.len(), 8);

    let replayed = linh.post_json("/api/parked/replay", json!({"page": "222"})).await.expect(200).json();
    assert_eq!(replayed["replayed"], 4);
    let by_ids = json!({"ids": ids(&list(&linh, "?queue=webhooks").await)});
    assert_eq!(linh.post_json("/api/parked/replay", by_ids).await.expect(200).json()["replayed"], 2);
    // Messages go back to where they failed, and what was in quarantine to its Page's queue.
    worker.until(&webhook_queue(0), 4).await;
    worker.until(&webhook_queue(1), 2).await;
    assert_eq!(linh.post_json("/api/parked/drop", json!({"all": true})).await.expect(200).json()["dropped"], 2);
    assert_eq!(system.database.number("select count(*) from quarantine").await, 0);
}

#[tokio::test]
async fn another_accounts_messages_are_not_there() {
    let system = System::start().await;
    let (linh, omar) = (system.logged_in("Linh Trần").await, system.logged_in("Omar Haddad").await);
    let (hers, his) = (linh.account_id().await, omar.account_id().await);
    data::a_page(&system.database, hers, "111").await;
    data::a_page(&system.database, his, "222").await;
    let worker = Worker::start(&system).await;
    worker.park_webhook(&["111"], "hers").await;
    worker.park_webhook(&["111", "222"], "of both, as one of ours never is").await;
    worker.park_sync(hers, 1, "hers").await;
    let kept = quarantine(&system, "'111'", "not_understood", "{}").await;
    let nobodys = quarantine(&system, "null", "unparseable", "garbage").await;

    let mut theirs = ids(&list(&linh, "").await);
    assert_eq!(theirs.len(), 3);
    assert_eq!(list(&omar, "").await["data"], json!([]));
    assert_eq!(list(&omar, "").await["totals"]["webhooks"], 0);
    theirs.push(format!("quarantine:{nobodys}"));
    assert!(theirs.contains(&format!("quarantine:{kept}")));
    for id in &theirs {
        omar.get(&format!("/api/parked/{id}")).await.expect_problem(404);
        omar.post(&format!("/api/parked/{id}/replay")).await.expect_problem(404);
        omar.post(&format!("/api/parked/{id}/drop")).await.expect_problem(404);
    }
    for body in [json!({"ids": theirs}), json!({"page": "111"}), json!({"all": true})] {
        assert_eq!(omar.post_json("/api/parked/drop", body.clone()).await.expect(200).json()["dropped"], 0);
        assert_eq!(omar.post_json("/api/parked/replay", body).await.expect(200).json()["replayed"], 0);
    }
    worker.until(&parked(&webhook_queue(0)), 2).await;
    worker.until(&parked(BACKGROUND_COMMANDS), 1).await;
    assert_eq!(system.database.number("select count(*) from quarantine").await, 2);
    assert_eq!(linh.post_json("/api/parked/drop", json!({"all": true})).await.expect(200).json()["dropped"], 3);
}

#[tokio::test]
async fn customers_words_are_for_those_who_read_the_inbox() {
    let system = System::start().await;
    let linh = system.logged_in("Linh Trần").await;
    data::a_page(&system.database, linh.account_id().await, "111").await;
    let worker = Worker::start(&system).await;
    worker.park_webhook(&["111"], "could not be stored").await;
    quarantine(&system, "'111'", "not_understood", &format!("{{\"text\":\"{WORDS}\"}}")).await;
    let key_with = async |scopes: Value| {
        let key = linh.post_json("/api/api-keys", json!({"name": "x", "scopes": scopes})).await.expect(201).json();
        linh.program(key["key"].as_str().unwrap())
    };
    let manager = key_with(json!(["connections:manage"])).await;
    for id in ids(&list(&manager, "").await) {
        let answer = manager.get(&format!("/api/parked/{id}")).await.expect(200);
        assert!(!answer.body.contains("4111"), "{}", answer.body);
        assert_eq!(answer.json()["content_withheld"], true);
        assert_eq!(answer.json()["content"]["entries"][0]["owner_id"], "111");
        assert!(linh.get(&format!("/api/parked/{id}")).await.expect(200).body.contains("4111"));
    }
    let reader = key_with(json!(["inbox:read", "connections:read"])).await;
    reader.get("/api/parked").await.expect_problem(403);
    reader.post_json("/api/parked/drop", json!({"all": true})).await.expect_problem(403);
}

#[tokio::test]
async fn what_is_of_nobody_is_the_operators() {
    let system = System::start().await;
    let linh = system.logged_in("Linh Trần").await;
    let account = linh.account_id().await;
    data::a_page(&system.database, account, "111").await;
    let worker = Worker::start(&system).await;
    worker.park_webhook(&["111"], "hers").await;
    worker.park_webhook(&["999"], "of nobody's Page").await;
    let body = UnsplitBody { body: WORDS.as_bytes().to_vec().into() };
    let entries = vec![WebhookEntry { content: Some(Content::Body(body)), ..WebhookEntry::default() }];
    worker.park(&webhook_queue(0), Outgoing::of(&WebhookBundle { entries }), "unsplit").await;
    let unreadable = Outgoing {
        body: b"\xff\xff".as_slice().into(),
        ..Outgoing::of(&SyncPage { account_id: account, run_id: 1, interactive: false })
    };
    worker.park(BACKGROUND_COMMANDS, Outgoing { account_id: None, ..unreadable }, "cannot be read").await;
    let garbage = quarantine(&system, "null", "unparseable", WORDS).await;

    assert_eq!(ids(&list(&linh, "").await).len(), 1);
    let operator = system.browser().program(CRON_SECRET);
    let all = operator.get("/api/operations/parked").await.expect(200).json();
    assert_eq!(
        all["totals"],
        json!({"webhooks": 3, "webhooks.1": 0, "webhooks.2": 0, "webhooks.3": 0, "commands.interactive": 0, "commands.background": 1, "quarantine": 1})
    );
    assert_eq!(ids(&all).len(), 5);
    for id in ids(&all) {
        let answer = operator.get(&format!("/api/operations/parked/{id}")).await.expect(200);
        assert!(!answer.body.contains("4111"), "{}", answer.body);
    }
    let of_page = operator.get("/api/operations/parked?page=999").await.expect(200).json();
    assert_eq!(of_page["data"][0]["page"], json!({"connection_id": null, "name": null, "page_id": "999"}));
    operator.post(&format!("/api/operations/parked/quarantine:{garbage}/replay")).await.expect(200);
    worker.until(&webhook_queue(0), 1).await;
    let dropped =
        operator.post_json("/api/operations/parked/drop", json!({"reason": "unsplit"})).await.expect(200).json();
    assert_eq!(dropped["dropped"], 1);
    assert_eq!(ids(&operator.get("/api/operations/parked").await.expect(200).json()).len(), 3);
    // The secret opens no account's routes, and no account's key the operator's.
    operator.get("/api/parked").await.expect_problem(401);
    linh.get("/api/operations/parked").await.expect_problem(401);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_its_name() {
    let system = System::start().await;
    let linh = system.logged_in("Linh Trần").await;
    Worker::start(&system).await;
    let field = |problem: Value| problem["field"].as_str().unwrap_or_default().to_owned();
    for (query, name) in [
        ("queue=nowhere", "queue"),
        ("page=Caf%C3%A9", "page"),
        ("reason=", "reason"),
        ("older_than=yesterday", "older_than"),
        ("limit=0", "limit"),
        ("cursor=AAAA", "cursor"),
        ("unknown=1", "unknown"),
    ] {
        assert_eq!(field(linh.get(&format!("/api/parked?{query}")).await.expect_problem(400)), name);
    }
    for (body, name) in [
        (json!({}), "all"),
        (json!({"all": false}), "all"),
        (json!({"ids": []}), "ids"),
        (json!({"ids": ["91"]}), "ids"),
        (json!({"ids": ["quarantine:1"], "queue": "webhooks"}), "ids"),
        (json!({"ids": vec!["quarantine:1"; 1_001]}), "ids"),
        (json!({"queue": "nowhere"}), "queue"),
        (json!({"page": "x"}), "page"),
        (json!({"reason": "\u{0}"}), "reason"),
        (json!({"older_than": "2"}), "older_than"),
        (json!({"older": "2h"}), "older"),
    ] {
        for verb in ["replay", "drop"] {
            let problem = linh.post_json(&format!("/api/parked/{verb}"), body.clone()).await.expect_problem(422);
            assert_eq!(field(problem), name, "{body}");
        }
    }
    for id in ["91", "quarantine:x", "nowhere:0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e11", "quarantine:1"] {
        linh.get(&format!("/api/parked/{id}")).await.expect_problem(404);
        linh.post(&format!("/api/parked/{id}/drop")).await.expect_problem(404);
    }
}
