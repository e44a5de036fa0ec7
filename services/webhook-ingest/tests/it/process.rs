//! The program as it is run: its own process, with telemetry, an operations port and signals (I1, I4).

use std::collections::HashSet;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pagekeeper_testkit::{Poll, TestDatabase, TestVhost, sign_webhook, wait_for};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::ingest::{APP_SECRET, Queue, SOON, VERIFY_TOKEN, database_url, entry_json, page_body};

struct Program {
    child: Child,
    webhooks: String,
    operations: String,
    http: reqwest::Client,
}

impl Program {
    async fn start(broker: &str, database: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_webhook-ingest"))
            .env_clear()
            .env("PAGEKEEPER_ANNOUNCE", "1")
            .env("PAGEKEEPER__HTTP__LISTEN", "127.0.0.1:0")
            .env("PAGEKEEPER__OPERATIONS__LISTEN", "127.0.0.1:0")
            .env("PAGEKEEPER__WEBHOOK__APP_SECRETS", APP_SECRET)
            .env("PAGEKEEPER__WEBHOOK__VERIFY_TOKEN", VERIFY_TOKEN)
            .env("PAGEKEEPER__BUS__URL", broker)
            .env("PAGEKEEPER__DATABASE__URL", database)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(SOON, lines.next_line()).await.expect("no address").unwrap().unwrap();
        let announced: Value = serde_json::from_str(&line).unwrap();
        let address = |name: &str| format!("http://{}", announced["addresses"][name].as_str().unwrap());
        let http = reqwest::Client::builder().timeout(SOON).build().unwrap();
        Self { webhooks: address("http"), operations: address("operations"), http, child }
    }

    fn post(&self, body: String) -> RequestBuilder {
        let signature = sign_webhook(APP_SECRET, body.as_bytes());
        let url = format!("{}/api/webhook", self.webhooks);
        self.http.post(url).header("X-Hub-Signature-256", signature).body(body)
    }

    async fn operation(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.operations)).send().await.unwrap()
    }

    async fn until_ready(&self) {
        wait_for("the program", SOON, async || {
            let answer = self.operation("/readyz").await.text().await.unwrap();
            Poll::when(answer.contains("webhooks are confirmed").then_some(()), answer)
        })
        .await;
    }
}

async fn program() -> (Program, TestVhost, TestDatabase) {
    let (vhost, database) = (TestVhost::new().await, TestDatabase::new().await);
    let program = Program::start(&vhost.url(), &database_url(&database)).await;
    program.until_ready().await;
    (program, vhost, database)
}

#[tokio::test]
async fn every_post_begins_a_trace_that_its_caller_cannot_choose_i4() {
    let (program, vhost, _database) = program().await;
    let chosen = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for id in 0..2 {
        let post = program.post(page_body(&[entry_json(id), entry_json(id)])).header("traceparent", chosen);
        assert_eq!(post.send().await.unwrap().status(), 200);
    }
    let entries = Queue::open(&vhost.url()).await.take_at_least(4).await;
    let traces: HashSet<&str> = entries.iter().map(|entry| &entry.traceparent[3..35]).collect();
    assert_eq!(traces.len(), 2, "{traces:?}");
    assert!(!traces.contains("0af7651916cd43dd8448eb211c80319c"));
}

#[tokio::test]
async fn the_program_answers_probes_and_stops_on_a_signal_i1() {
    let (mut program, _vhost, _database) = program().await;
    assert_eq!(program.operation("/livez").await.status(), 200);
    assert_eq!(program.operation("/readyz").await.status(), 200);
    assert_eq!(program.post(page_body(&[entry_json(1)])).send().await.unwrap().status(), 200);
    let metrics = program.operation("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("pagekeeper_webhook_posts_total{outcome=\"accepted\"} 1"), "{metrics}");

    let id = i32::try_from(program.child.id().unwrap()).unwrap();
    kill(Pid::from_raw(id), Signal::SIGTERM).unwrap();
    let ended = timeout(SOON, program.child.wait()).await.expect("it did not stop").unwrap();
    assert!(ended.success(), "{ended}");
}
