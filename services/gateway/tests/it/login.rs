//! A1: logging in with Facebook, and each way in which it can fail.

use pagekeeper_testkit::{Poll, wait_for};
use serde_json::json;

use crate::browser::Browser;
use crate::system::{LONG, System};

const SESSION: &str = "__Host-pagekeeper";
const ATTEMPT: &str = "__Host-pagekeeper-oauth";

#[tokio::test]
async fn a_first_login_makes_an_account_and_starts_to_connect_pages() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;

    let me = browser.get("/api/me").await.expect(200).json();
    assert_eq!(me["user"]["name"], "Linh Trần");
    assert_eq!((&me["account"]["role"], &me["signed_in_with"]), (&json!("owner"), &json!("session")));
    assert_eq!(me["facebook"]["has_login"], true);
    assert_eq!(me["accounts"].as_array().unwrap().len(), 1);

    let database = &system.database;
    assert_eq!(database.number("select count(*) from sync_runs where kind = 'connect' and state = 'queued'").await, 1);
    assert_eq!(database.number("select count(*) from credentials where kind = 'user' and sealed is not null").await, 1);
    // The command reaches the broker: nobody consumes it here.
    wait_for("the command", LONG, async || {
        let waiting = database.number("select count(*) from outbox").await;
        Poll::when((waiting == 0).then_some(()), format!("{waiting} in the outbox"))
    })
    .await;
}

#[tokio::test]
async fn a_second_login_finds_the_same_account_with_a_new_session() {
    let system = System::start().await;
    let first = system.logged_in("Linh Trần").await;
    let mut second = first.clone();
    let answer = second.log_in(&system.graph, "Linh Trần").await;
    assert!(answer.location().starts_with("/connect/"), "{}", answer.location());
    assert_ne!(first.cookies[SESSION], second.cookies[SESSION]);
    assert_eq!(second.get("/api/me").await.expect(200).json()["user"]["name"], "Linh Trần");
    first.get("/api/me").await.expect(401);
    assert_eq!(system.database.number("select count(*) from accounts").await, 1);
    assert_eq!(system.database.number("select count(*) from sessions").await, 1);
}

#[tokio::test]
async fn another_person_in_the_same_browser_gets_their_own_account() {
    let system = System::start().await;
    let linh = system.logged_in("Linh Trần").await;
    let mut omar = linh.clone();
    omar.log_in(&system.graph, "Omar Haddad").await;
    let me = omar.get("/api/me").await.expect(200).json();
    assert_eq!(me["user"]["name"], "Omar Haddad");
    assert_eq!(system.database.number("select count(*) from accounts").await, 2);
}

#[tokio::test]
async fn the_browser_goes_back_to_where_it_was() {
    let system = System::start().await;
    let mut browser = system.browser();
    let dialog = browser.begin_login("%2Finbox%2F12%3Funread%3Dtrue").await;
    let back = browser.decide(&system.graph, &dialog, "Linh Trần", json!({})).await;
    let answer = browser.come_back(&back).await.expect(302);
    assert!(answer.location().ends_with("?return_to=%2Finbox%2F12%3Funread%3Dtrue"), "{}", answer.location());

    let dialog = browser.begin_login("https%3A%2F%2Fevil.example").await;
    let back = browser.decide(&system.graph, &dialog, "Linh Trần", json!({})).await;
    let answer = browser.come_back(&back).await.expect(302);
    assert!(!answer.location().contains("evil"), "{}", answer.location());
}

/// A9: Facebook remembers what was declined unless it is asked again.
#[tokio::test]
async fn every_login_asks_again_for_what_was_declined() {
    let system = System::start().await;
    let dialog = system.browser().begin_login("/inbox").await;
    assert!(dialog.contains("auth_type=rerequest") && dialog.contains("pages_messaging"), "{dialog}");
}

#[tokio::test]
async fn a_person_who_declines_is_told_so() {
    let system = System::start().await;
    let mut browser = system.browser();
    let dialog = browser.begin_login("/inbox").await;
    let back = browser.decide(&system.graph, &dialog, "Linh Trần", json!({"cancel": true})).await;
    assert_eq!(fails(&mut browser, &back).await, "denied");
    assert_eq!(system.database.number("select count(*) from users").await, 0);
}

#[tokio::test]
async fn a_state_works_once() {
    let system = System::start().await;
    let mut browser = system.browser();
    let dialog = browser.begin_login("/inbox").await;
    let back = browser.decide(&system.graph, &dialog, "Linh Trần", json!({})).await;
    let attempt = browser.cookies[ATTEMPT].clone();
    browser.come_back(&back).await.expect(302);
    browser.cookies.insert(ATTEMPT.to_owned(), attempt);
    assert_eq!(fails(&mut browser, &back).await, "state_used");
}

#[tokio::test]
async fn a_state_that_is_missing_wrong_or_made_up_is_refused() {
    let system = System::start().await;
    let mut browser = system.browser();
    browser.begin_login("/inbox").await;
    assert_eq!(fails(&mut browser, "/auth/facebook/callback?code=abc").await, "state_missing");
    assert_eq!(fails(&mut browser, "/auth/facebook/callback?code=abc&state=").await, "state_missing");
    for state in ["short", &"A".repeat(43), &"x".repeat(5_000), "%00"] {
        let path = format!("/auth/facebook/callback?code=abc&state={state}");
        assert_eq!(fails(&mut browser, &path).await, "state_invalid", "{state:.60}");
    }
}

#[tokio::test]
async fn a_state_works_only_in_the_browser_that_began() {
    let system = System::start().await;
    let mut victim = system.browser();
    let mut attacker = system.browser();
    let dialog = attacker.begin_login("/inbox").await;
    let back = attacker.decide(&system.graph, &dialog, "Omar Haddad", json!({})).await;
    assert_eq!(fails(&mut victim, &back).await, "other_browser");
    victim.begin_login("/inbox").await;
    assert_eq!(fails(&mut victim, &back).await, "other_browser");
}

#[tokio::test]
async fn a_login_that_takes_too_long_has_expired() {
    let system = System::start().await;
    let mut browser = system.browser();
    let dialog = browser.begin_login("/inbox").await;
    let back = browser.decide(&system.graph, &dialog, "Linh Trần", json!({})).await;
    system.database.execute("update login_attempts set expires_at = now() - interval '1 second'").await;
    assert_eq!(fails(&mut browser, &back).await, "expired");
}

#[tokio::test]
async fn a_code_works_once() {
    let system = System::start().await;
    let mut browser = system.browser();
    let dialog = browser.begin_login("/inbox").await;
    let used = browser.decide(&system.graph, &dialog, "Linh Trần", json!({})).await;
    browser.come_back(&used).await.expect(302);
    let dialog = browser.begin_login("/inbox").await;
    let fresh = browser.decide(&system.graph, &dialog, "Linh Trần", json!({})).await;
    let with_used_code =
        format!("/auth/facebook/callback?code={}&state={}", parameter(&used, "code"), parameter(&fresh, "state"));
    assert_eq!(fails(&mut browser, &with_used_code).await, "code_used");
}

#[tokio::test]
async fn facebook_being_away_is_told() {
    let mut system = System::start().await;
    let mut browser = system.browser();
    let dialog = browser.begin_login("/inbox").await;
    let back = browser.decide(&system.graph, &dialog, "Linh Trần", json!({})).await;
    let elsewhere = pagekeeper_graph_sim::GraphSim::start(pagekeeper_graph_sim::SimConfig::default()).await.unwrap();
    std::mem::replace(&mut system.graph, elsewhere).stop().await;
    assert_eq!(fails(&mut browser, &back).await, "facebook_unavailable");
}

#[tokio::test]
async fn logging_out_ends_the_session_and_its_cookie() {
    let system = System::start().await;
    let mut browser = system.logged_in("Linh Trần").await;
    let before = browser.clone();
    let answer = browser.post("/api/auth/logout").await.expect(204);
    browser.keep_cookies(&answer);
    assert!(!browser.cookies.contains_key(SESSION));
    before.get("/api/me").await.expect(401);
}

/// 4.3 row 4 of our security list: idle 12 hours, absolute 7 days.
#[tokio::test]
async fn a_session_ends_when_it_is_idle_or_old() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    system.database.execute("update sessions set last_seen_at = now() - interval '11 hours'").await;
    browser.get("/api/me").await.expect(200);
    assert_eq!(
        system.database.number("select count(*) from sessions where last_seen_at > now() - interval '1 minute'").await,
        1
    );
    system.database.execute("update sessions set last_seen_at = now() - interval '13 hours'").await;
    browser.get("/api/me").await.expect(401);

    let browser = system.logged_in("Linh Trần").await;
    system.database.execute("update sessions set expires_at = now() - interval '1 second'").await;
    browser.get("/api/me").await.expect(401);
}

#[tokio::test]
async fn logins_from_one_address_are_limited() {
    let system = System::start_with(&[("DOORS__LOGIN_PER_MINUTE", "3")]).await;
    let browser = system.browser();
    for _ in 0..3 {
        browser.get("/auth/facebook/login").await.expect(302);
    }
    let refused = browser.get("/auth/facebook/login").await;
    assert!(refused.headers.contains_key("retry-after"));
    refused.expect_problem(429);
}

/// Comes back and is sent to the login page; answers the reason.
async fn fails(browser: &mut Browser, path: &str) -> String {
    let answer = browser.come_back(path).await.expect(302);
    answer.location().strip_prefix("/login?error=").unwrap_or_else(|| panic!("{}", answer.location())).to_owned()
}

fn parameter(path: &str, name: &str) -> String {
    let query = path.split('#').next().unwrap().split('?').nth(1).unwrap();
    query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap().to_owned()
}
