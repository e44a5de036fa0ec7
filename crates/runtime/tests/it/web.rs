//! A small service on a free port, and raw requests to it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use actix_web::{App, HttpResponse, web};
use pagekeeper_runtime::http::{HttpConfig, Json, Query, bind, chassis};
use pagekeeper_runtime::problem::Problem;
use pagekeeper_runtime::shutdown::Shutdown;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    #[expect(dead_code, reason = "only its decoding is tested")]
    name: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    count: u32,
}

#[derive(Deserialize)]
struct Paging {
    limit: Option<u32>,
}

#[derive(Debug, thiserror::Error)]
#[error("the database said: secret cause")]
struct Cause;

async fn take_order(order: Json<Order>) -> String {
    order.lines.iter().map(|line| line.count).sum::<u32>().to_string()
}

async fn list(paging: Query<Paging>) -> String {
    paging.limit.unwrap_or(25).to_string()
}

async fn fail() -> Result<String, Problem> {
    Err(Problem::internal(&Cause))
}

pub(crate) fn config() -> HttpConfig {
    HttpConfig { workers: 1, body_limit: 1_000, body_timeout_ms: 300, ..HttpConfig::default() }
}

/// Starts it for the rest of the test.
pub(crate) fn start(shutdown: Shutdown) -> SocketAddr {
    let config = config();
    let server = bind(&config, {
        let config = config.clone();
        move || {
            chassis(App::new(), &config)
                .route("/orders", web::post().to(take_order))
                .route("/orders", web::get().to(list))
                .route("/plain", web::post().to(async |_: web::Json<Value>| "ok"))
                .route("/form", web::post().to(async |_: web::Form<Value>| "ok"))
                .route("/orders/{id}", web::get().to(async |id: web::Path<i64>| id.to_string()))
                .route("/fail", web::get().to(fail))
                .service(web::resource("/only-get").route(web::get().to(list)))
                .route(
                    "/own-headers",
                    web::get()
                        .to(async || HttpResponse::Ok().insert_header(("cache-control", "max-age=60")).body("ok")),
                )
        }
    })
    .unwrap();
    let address = server.address();
    tokio::spawn(server.run(shutdown));
    address
}

/// An answer as it came over the wire.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn problem(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.body);
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"));
        problem
    }
}

/// Sends bytes as they are, and reads the answer until the connection closes or it is whole.
pub(crate) async fn send(address: SocketAddr, request: impl Into<Vec<u8>>) -> Answer {
    let request = request.into();
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(&request).unwrap();
        read_answer(&mut stream)
    })
    .await
    .unwrap()
}

fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if length.is_none_or(|length: usize| body.len() >= length) {
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                return Answer { status, head: head.to_owned(), body: body.to_owned() };
            }
        }
        let read = stream.read(&mut chunk).expect("an answer");
        assert!(read > 0, "the connection was dropped without an answer: {text}");
        bytes.extend_from_slice(&chunk[..read]);
    }
}

pub(crate) fn post(path: &str, content_type: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: test\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")
}
