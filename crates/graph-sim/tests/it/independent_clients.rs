//! Clients that others wrote read this Facebook, with only the host changed.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::receiver::{Receiver, VERIFY_TOKEN};
use crate::support::{TestSim, simple, text};

const PYTHON_SDK: &str = "facebook-business==26.0.3";
const NODE_CLIENTS: [&str; 2] = ["facebook-nodejs-business-sdk@24.0.1", "messaging-api-messenger@1.1.0"];

#[tokio::test]
async fn metas_python_sdk_reads_pages_conversations_and_messages() {
    let folder = folder("python");
    let python = folder.join("bin/python");
    if !folder.join("installed").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder)).await;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PYTHON_SDK]))
            .await;
        std::fs::write(folder.join("installed"), PYTHON_SDK).unwrap();
    }
    let sim = simple(2, 23, 7).await;
    let token = sim.user_token("Test Person").await;
    let arguments = [sim.running.base_url(), sim.running.app_id(), sim.running.app_secret(), &token];
    let output = run(Command::new(&python).arg(script("read.py")).args(arguments)).await;
    let read: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(read["me"], "Test Person");
    assert_eq!(read["refusal"], json!({ "status": 400, "code": 190, "type": "OAuthException" }));
    assert_reads_everything(&sim, &read).await;
}

#[tokio::test]
async fn node_clients_read_pages_conversations_messages_and_subscriptions() {
    let folder = folder("node");
    if !folder.join("installed").exists() {
        std::fs::write(folder.join("package.json"), r#"{"private":true}"#).unwrap();
        let install = ["install", "--silent", "--no-fund", "--no-audit"];
        run(Command::new("npm").current_dir(&folder).args(install).args(NODE_CLIENTS)).await;
        std::fs::write(folder.join("installed"), NODE_CLIENTS.join(" ")).unwrap();
    }
    let sim = simple(2, 23, 7).await;
    let receiver = Receiver::start();
    let token = sim.user_token("Test Person").await;
    for customer in customers(&sim, &first_page(&sim).await).await {
        let path = format!("/pages/{}/customers/{}", first_page(&sim).await, text(&customer["psid"]));
        sim.control("PATCH", &path, json!({ "profile": "full" })).await;
    }
    let program =
        [sim.running.base_url(), sim.running.app_id(), sim.running.app_secret(), &token, &receiver.url, VERIFY_TOKEN];
    let mut node = Command::new("node");
    node.env("NODE_PATH", folder.join("node_modules")).arg(script("read.js")).args(program);
    let read: Value = serde_json::from_str(&run(&mut node).await).unwrap();
    assert_eq!(read["me"], "Test Person");
    assert_eq!(read["refusal"], json!({ "status": 400, "code": 190 }));
    assert_reads_everything(&sim, &read).await;
    let messenger = &read["messenger"];
    assert_eq!(messenger["page"]["name"], "Page 1");
    assert_eq!(messenger["profile"]["name"], customers(&sim, &first_page(&sim).await).await[0]["name"]);
    assert_eq!(messenger["subscribed"]["success"], true);
    assert_eq!(messenger["subscriptions"][0]["callbackUrl"], receiver.url.as_str());
}

/// What the client read is what the control API shows.
async fn assert_reads_everything(sim: &TestSim, read: &Value) {
    let pages = read["pages"].as_array().unwrap();
    assert_eq!(pages.len(), 2);
    for page in pages {
        let id = text(&page["id"]);
        let customers = customers(sim, &id).await;
        let conversations = page["conversations"].as_array().unwrap();
        assert_eq!(conversations.len(), 23);
        for (conversation, customer) in conversations.iter().zip(&customers) {
            assert_eq!(conversation["id"], customer["conversation_id"]);
            assert_eq!(conversation["participants"], json!([customer["psid"], id]));
            let path = format!("/pages/{id}/customers/{}/messages", text(&customer["psid"]));
            let messages = sim.control("GET", &path, json!({})).await;
            let shown: Vec<_> = messages
                .as_array()
                .unwrap()
                .iter()
                .map(|one| json!({ "id": one["mid"], "message": one["text"] }))
                .collect();
            assert_eq!(shown.len(), 7);
            assert_eq!(conversation["messages"], json!(shown));
        }
    }
}

async fn customers(sim: &TestSim, page: &str) -> Vec<Value> {
    sim.control("GET", &format!("/pages/{page}/customers"), json!({})).await.as_array().unwrap().clone()
}

async fn first_page(sim: &TestSim) -> String {
    text(&sim.control("GET", "/pages", json!({})).await[0]["id"])
}

/// Kept between runs, since installing takes a minute.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("independent-clients").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent_clients").join(name)
}

/// Returns what the program wrote; fails with all it said.
async fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
    let (out, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success(), "{command:?}\n{out}\n{said}");
    out
}
