//! Meta's handshake (D1).

use pagekeeper_testkit::{TestDatabase, TestVhost};

use crate::ingest::{Ingest, VERIFY_TOKEN, database_url, problem};

async fn ingest() -> (Ingest, TestVhost, TestDatabase) {
    let (vhost, database) = (TestVhost::new().await, TestDatabase::new().await);
    (Ingest::start(&vhost.url(), &database_url(&database)).await, vhost, database)
}

async fn ask(ingest: &Ingest, query: &[(&str, &str)]) -> reqwest::Response {
    ingest.http.get(format!("{}/api/webhook", ingest.url)).query(query).send().await.unwrap()
}

fn handshake<'a>(token: &'a str, challenge: &'a str) -> [(&'a str, &'a str); 3] {
    [("hub.mode", "subscribe"), ("hub.challenge", challenge), ("hub.verify_token", token)]
}

#[tokio::test]
async fn the_challenge_comes_back_as_plain_text_d1() {
    let (ingest, ..) = ingest().await;
    for challenge in ["1158201444", "0012", "challenge_response", "a-B_9", &"x".repeat(128)] {
        let answer = ask(&ingest, &handshake(VERIFY_TOKEN, challenge)).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.text().await.unwrap(), challenge);
    }
}

#[tokio::test]
async fn a_challenge_that_could_mean_something_to_a_browser_is_refused_d1() {
    let (ingest, ..) = ingest().await;
    let long = "1".repeat(129);
    for challenge in ["", " 1", "<script>", "1\n2", "é", "a.b", long.as_str()] {
        let refused = problem(ask(&ingest, &handshake(VERIFY_TOKEN, challenge)).await, 400).await;
        assert_eq!(refused["field"], "hub.challenge");
    }
    let without = [("hub.mode", "subscribe"), ("hub.verify_token", VERIFY_TOKEN)];
    problem(ask(&ingest, &without).await, 400).await;
}

#[tokio::test]
async fn only_the_agreed_verify_token_gets_an_answer_d1() {
    let (ingest, ..) = ingest().await;
    for token in ["", "agreed", "agreed with Meta ", "AGREED WITH META"] {
        problem(ask(&ingest, &handshake(token, "1")).await, 403).await;
    }
    problem(ask(&ingest, &[]).await, 403).await;
    problem(ask(&ingest, &[("hub.challenge", "1"), ("hub.verify_token", VERIFY_TOKEN)]).await, 403).await;
    let other_mode = [("hub.mode", "unsubscribe"), ("hub.challenge", "1"), ("hub.verify_token", VERIFY_TOKEN)];
    problem(ask(&ingest, &other_mode).await, 403).await;
}
