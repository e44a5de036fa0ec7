//! A callback that keeps what it gets, and answers as it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes, Data, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde_json::Value;

use super::TestSim;

pub(crate) const VERIFY_TOKEN: &str = "a verify token";

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    state: Arc<State>,
    server: ServerHandle,
}

struct State {
    got: Mutex<Vec<Delivered>>,
    status: Mutex<u16>,
    stall: Mutex<Duration>,
}

#[derive(Clone)]
pub(crate) struct Delivered {
    pub(crate) body: Vec<u8>,
    pub(crate) signature: Option<String>,
}

impl Delivered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn entries(&self) -> Vec<Value> {
        self.json()["entry"].as_array().unwrap().clone()
    }
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let state =
            Arc::new(State { got: Mutex::default(), status: Mutex::new(200), stall: Mutex::new(Duration::ZERO) });
        let data = Data::from(state.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .app_data(web::PayloadConfig::new(4 << 20))
                .route("/webhook", web::get().to(challenge))
                .route("/webhook", web::post().to(receive))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
        let url = format!("http://{}/webhook", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, state, server: handle }
    }

    /// Subscribes the app and the Page to messages and echoes.
    pub(crate) async fn subscribe(&self, sim: &TestSim, page: &str, page_token: &str) {
        self.subscribe_to(sim, page, page_token, "messages,message_echoes").await;
    }

    pub(crate) async fn subscribe_to(&self, sim: &TestSim, page: &str, page_token: &str, fields: &str) {
        let path = format!("/v25.0/{}/subscriptions", sim.running.app_id());
        let reply = sim.post(&path, &self.subscription(sim, fields)).await;
        assert_eq!(reply.json()["success"], true, "{}", reply.text);
        let path = format!("/v25.0/{page}/subscribed_apps");
        let reply = sim.post(&path, &[("access_token", page_token), ("subscribed_fields", fields)]).await;
        assert_eq!(reply.json()["success"], true, "{}", reply.text);
    }

    pub(crate) fn subscription<'a>(&'a self, sim: &TestSim, fields: &'a str) -> [(&'a str, &'a str); 5] {
        let token: &'static str = sim.app_token().leak();
        [
            ("object", "page"),
            ("callback_url", &self.url),
            ("fields", fields),
            ("verify_token", VERIFY_TOKEN),
            ("access_token", token),
        ]
    }

    pub(crate) fn got(&self) -> Vec<Delivered> {
        self.state.got.lock().unwrap().clone()
    }

    pub(crate) fn entries(&self) -> Vec<Value> {
        self.got().iter().flat_map(Delivered::entries).collect()
    }

    pub(crate) fn answer(&self, status: u16) {
        *self.state.status.lock().unwrap() = status;
    }

    pub(crate) fn stall(&self, pause: Duration) {
        *self.state.stall.lock().unwrap() = pause;
    }

    pub(crate) async fn stop(&self) {
        self.server.stop(false).await;
    }

    /// Waits until so many requests have come.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Delivered> {
        wait("webhooks", || self.got().len() >= count).await;
        self.got()
    }
}

/// Waits for a condition, at most 20 seconds.
pub(crate) async fn wait(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain for {what}");
}

#[derive(serde::Deserialize)]
struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: String,
    #[serde(rename = "hub.challenge")]
    challenge: String,
    #[serde(rename = "hub.verify_token")]
    verify_token: String,
}

async fn challenge(query: Query<Handshake>) -> HttpResponse {
    if query.mode == "subscribe" && query.verify_token == VERIFY_TOKEN {
        HttpResponse::Ok().body(query.challenge.clone())
    } else {
        HttpResponse::Forbidden().finish()
    }
}

async fn receive(http: HttpRequest, body: Bytes, state: Data<State>) -> HttpResponse {
    let signature = http.headers().get("x-hub-signature-256").map(|value| value.to_str().unwrap().to_owned());
    state.got.lock().unwrap().push(Delivered { body: body.to_vec(), signature });
    let (status, stall) = (*state.status.lock().unwrap(), *state.stall.lock().unwrap());
    tokio::time::sleep(stall).await;
    HttpResponse::build(status.try_into().unwrap()).finish()
}
