//! Stopping in order: tasks first, then what they needed; a part that is lost stops the rest. (L3, reliability of all)

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::{App, web};
use pagekeeper_runtime::http::{HttpConfig, bind, chassis};
use pagekeeper_runtime::running::{Chassis, Running, ServiceError};
use pagekeeper_runtime::shutdown::{Shutdown, ShutdownConfig};
use tokio::sync::Notify;

use crate::web::{get, send};

type Journal = Arc<Mutex<Vec<&'static str>>>;

fn note(journal: &Journal, what: &'static str) {
    journal.lock().unwrap().push(what);
}

fn limits(drain_delay_ms: u64, limit_ms: u64) -> Chassis {
    Chassis::new(Shutdown::new(ShutdownConfig { drain_delay_ms, limit_ms }))
}

#[tokio::test]
async fn what_tasks_need_is_closed_after_them_in_reverse_order() {
    let chassis = limits(0, 10_000);
    let journal = Journal::default();
    let soft = chassis.shutdown.soft().clone();
    let running = Running::new(&chassis)
        .task("worker", {
            let journal = Arc::clone(&journal);
            async move {
                soft.cancelled().await;
                tokio::task::yield_now().await;
                note(&journal, "worker finished");
                Ok::<_, Infallible>(())
            }
        })
        .closing("pool", {
            let journal = Arc::clone(&journal);
            async move { note(&journal, "pool closed") }
        })
        .closing("bus", {
            let journal = Arc::clone(&journal);
            async move { note(&journal, "bus closed") }
        });
    chassis.shutdown.begin();
    running.until_stopped().await.unwrap();
    assert_eq!(*journal.lock().unwrap(), ["worker finished", "bus closed", "pool closed"]);
}

#[tokio::test]
async fn soft_follows_draining_after_the_delay_and_hard_after_the_limit() {
    let shutdown = Shutdown::new(ShutdownConfig { drain_delay_ms: 100, limit_ms: 300 });
    let asked = Instant::now();
    shutdown.begin();
    shutdown.begin();
    assert!(shutdown.draining().is_cancelled() && !shutdown.soft().is_cancelled());
    shutdown.soft().cancelled().await;
    assert!(asked.elapsed() >= Duration::from_millis(100) && !shutdown.hard().is_cancelled());
    shutdown.hard().cancelled().await;
    assert!(asked.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_task_that_does_not_stop_is_cut_off_at_the_limit() {
    let chassis = limits(0, 100);
    let running = Running::new(&chassis).task("stubborn", std::future::pending::<io::Result<()>>());
    chassis.shutdown.begin();
    assert!(matches!(running.until_stopped().await, Err(ServiceError::CutOff)));
}

#[tokio::test]
async fn a_task_that_ends_by_itself_stops_the_service_with_an_error() {
    let chassis = limits(60_000, 60_000);
    let soft = chassis.shutdown.soft().clone();
    let running = Running::new(&chassis).task("short", async { Ok::<_, Infallible>(()) }).task("long", async move {
        soft.cancelled().await;
        Ok::<_, Infallible>(())
    });
    assert!(matches!(running.until_stopped().await, Err(ServiceError::TaskEnded { task: "short" })));
}

#[tokio::test]
async fn a_task_that_fails_or_panics_is_named() {
    let failing = limits(0, 1_000);
    let running = Running::new(&failing).task("failing", async { Err::<(), _>(io::Error::other("broken")) });
    assert!(matches!(running.until_stopped().await, Err(ServiceError::TaskFailed { task: "failing", .. })));

    let panicking = limits(0, 1_000);
    let running = Running::new(&panicking).task("panicking", async {
        tokio::task::yield_now().await;
        panic!("on purpose");
        #[expect(unreachable_code, reason = "gives the future its type")]
        Ok::<(), Infallible>(())
    });
    assert!(matches!(running.until_stopped().await, Err(ServiceError::TaskPanicked { task: "panicking" })));
}

#[tokio::test]
async fn an_open_request_is_answered_before_the_listener_is_gone() {
    let service = limits(0, 10_000);
    let (arrived, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let config = HttpConfig { workers: 1, ..HttpConfig::default() };
    let server = bind(&config, {
        let (config, arrived, go_on) = (config.clone(), Arc::clone(&arrived), Arc::clone(&go_on));
        move || {
            let (arrived, go_on) = (Arc::clone(&arrived), Arc::clone(&go_on));
            chassis(App::new(), &config).route(
                "/slow",
                web::get().to(move || {
                    let (arrived, go_on) = (Arc::clone(&arrived), Arc::clone(&go_on));
                    async move {
                        arrived.notify_one();
                        go_on.notified().await;
                        "answered"
                    }
                }),
            )
        }
    })
    .unwrap();
    let running = Running::new(&service).serve("http", server);
    let address = running.address("http").unwrap();
    let stopped = tokio::spawn(running.until_stopped());
    let answer = tokio::spawn(send(address, get("/slow")));

    arrived.notified().await;
    service.shutdown.begin();
    service.shutdown.soft().cancelled().await;
    go_on.notify_one();
    assert_eq!(answer.await.unwrap().body, "answered");
    stopped.await.unwrap().unwrap();
    assert!(std::net::TcpStream::connect(address).is_err());
}
