//! Clients that others wrote read this Facebook, with only the host changed.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;
use tokio::sync::OnceCell;

use crate::support::receiver::{Receiver, VERIFY_TOKEN};
use crate::support::{TestSim, simple, text};

const PYTHON_CLIENTS: [&str; 2] = ["facebook-business==26.0.3", "python-facebook-api==0.24.0"];
const NODE_CLIENTS: [&str; 4] = [
    "facebook-nodejs-business-sdk@24.0.1",
    "messaging-api-messenger@1.1.0",
    "passport@0.7.0",
    "passport-facebook@3.0.0",
];

/// Tests share what is installed.
static PYTHON: OnceCell<PathBuf> = OnceCell::const_new();
static NODE: OnceCell<PathBuf> = OnceCell::const_new();

#[tokio::test]
async fn metas_python_sdk_reads_pages_conversations_and_messages() {
    let sim = simple(2, 23, 7).await;
    let token = sim.user_token("Test Person").await;
    let arguments = [sim.running.base_url(), sim.running.app_id(), sim.running.app_secret(), &token];
    let output = python("read.py", &arguments).await;
    let read: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(read["me"], "Test Person");
    assert_eq!(read["refusal"], json!({ "status": 400, "code": 190, "type": "OAuthException" }));
    assert_reads_everything(&sim, &read).await;
}

#[tokio::test]
async fn node_clients_read_pages_conversations_messages_and_subscriptions() {
    let sim = simple(2, 23, 7).await;
    let receiver = Receiver::start();
    let token = sim.user_token("Test Person").await;
    for customer in customers(&sim, &first_page(&sim).await).await {
        let path = format!("/pages/{}/customers/{}", first_page(&sim).await, text(&customer["psid"]));
        sim.control("PATCH", &path, json!({ "profile": "full" })).await;
    }
    let program =
        [sim.running.base_url(), sim.running.app_id(), sim.running.app_secret(), &token, &receiver.url, VERIFY_TOKEN];
    let read: Value = serde_json::from_str(&node("read.js", &program).await).unwrap();
    assert_eq!(read["me"], "Test Person");
    assert_eq!(read["refusal"], json!({ "status": 400, "code": 190 }));
    assert_reads_everything(&sim, &read).await;
    let messenger = &read["messenger"];
    assert_eq!(messenger["page"]["name"], "Page 1");
    assert_eq!(messenger["profile"]["name"], customers(&sim, &first_page(&sim).await).await[0]["name"]);
    assert_eq!(messenger["subscribed"]["success"], true);
    assert_eq!(messenger["subscriptions"][0]["callbackUrl"], receiver.url.as_str());
}

#[tokio::test]
async fn python_facebook_api_logs_in_and_reads_pages_conversations_and_messages() {
    let sim = simple(2, 23, 7).await;
    let arguments = [sim.running.base_url(), sim.running.app_id(), sim.running.app_secret(), "Test Person"];
    let read: Value = serde_json::from_str(&python("read_pyfacebook.py", &arguments).await).unwrap();
    assert_eq!((&read["me"], &read["long_lived"], &read["valid"]), (&json!("Test Person"), &json!(true), &json!(true)));
    assert_eq!(read["refusal"], json!({ "code": 190, "type": "OAuthException" }));
    assert_reads_everything(&sim, &read).await;
}

#[tokio::test]
async fn messaging_api_messenger_answers_a_customer() {
    let sim = simple(1, 3, 2).await;
    let (page, token) = sim.first_page("Test Person").await;
    let written = json!({ "customer_name": "Ada L", "text": "Are you there?" });
    let written = sim.control("POST", &format!("/pages/{page}/messages"), written).await;
    let psid = text(&written["psid"]);
    let arguments = [sim.running.base_url(), sim.running.app_id(), sim.running.app_secret(), &token, &psid];
    let answers: Value = serde_json::from_str(&node("send.js", &arguments).await).unwrap();
    let thread = sim.control("GET", &format!("/pages/{page}/customers/{psid}/messages"), json!({})).await;
    let mut mids: Vec<_> = thread.as_array().unwrap().iter().map(|message| message["mid"].clone()).collect();
    mids.reverse();
    assert_eq!(answers["sent"], json!(mids[1..]));
    assert_eq!(thread[0]["text"], "Sorry for the wait");
    let acted = json!({ "recipientId": psid });
    assert_eq!(answers["actions"], json!([acted, acted, acted]));
    assert_eq!(answers["refusals"], json!([100, 100]));
}

#[tokio::test]
async fn passport_facebook_logs_a_person_in() {
    let sim = simple(1, 1, 1).await;
    let arguments = [sim.running.base_url(), sim.running.app_id(), sim.running.app_secret(), "Test Person"];
    let learnt: Value = serde_json::from_str(&node("login.js", &arguments).await).unwrap();
    let allowed = &learnt["allowed"];
    assert_eq!((&allowed["status"], &allowed["body"]["name"]), (&json!(200), &json!("Test Person")), "{learnt}");
    assert!(allowed["body"]["emails"][0]["value"].as_str().unwrap().contains('@'));
    let query = [("fields", "id"), ("access_token", allowed["body"]["token"].as_str().unwrap())];
    assert_eq!(sim.get("/v25.0/me", &query).await.json()["id"], allowed["body"]["id"]);
    assert_eq!(learnt["withoutEmail"]["body"].get("emails"), None);
    assert_eq!(learnt["cancelled"]["status"], 200);
    assert_eq!(learnt["cancelled"]["body"]["message"], "Permissions error");
    assert_eq!((&learnt["reused"]["status"], &learnt["reused"]["body"]["code"]), (&json!(500), &json!(100)));
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

async fn python(program: &str, arguments: &[&str]) -> String {
    let python = PYTHON.get_or_init(async || {
        let folder = folder("python");
        let python = folder.join("bin/python");
        if !holds(&folder, &PYTHON_CLIENTS) {
            run(Command::new("python3").args(["-m", "venv"]).arg(&folder)).await;
            let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
            run(Command::new(&python).args(install).args(PYTHON_CLIENTS)).await;
            mark(&folder, &PYTHON_CLIENTS);
        }
        python
    });
    run(Command::new(python.await).arg(script(program)).args(arguments)).await
}

async fn node(program: &str, arguments: &[&str]) -> String {
    let modules = NODE.get_or_init(async || {
        let folder = folder("node");
        if !holds(&folder, &NODE_CLIENTS) {
            std::fs::write(folder.join("package.json"), r#"{"private":true}"#).unwrap();
            let install = ["install", "--silent", "--no-fund", "--no-audit"];
            run(Command::new("npm").current_dir(&folder).args(install).args(NODE_CLIENTS)).await;
            mark(&folder, &NODE_CLIENTS);
        }
        folder.join("node_modules")
    });
    run(Command::new("node").env("NODE_PATH", modules.await).arg(script(program)).args(arguments)).await
}

/// Kept between runs, since installing takes a minute.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("independent-clients").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn holds(folder: &Path, clients: &[&str]) -> bool {
    std::fs::read_to_string(folder.join("installed")).is_ok_and(|installed| installed == clients.join(" "))
}

fn mark(folder: &Path, clients: &[&str]) {
    std::fs::write(folder.join("installed"), clients.join(" ")).unwrap();
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
