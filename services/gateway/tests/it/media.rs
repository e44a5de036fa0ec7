//! C10: files that came with messages. The test plays Meta's store of files and the worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;
use futures_util::stream;
use pagekeeper_bus::{Bus, BusConfig, Live, LiveQueue, Outgoing};
use pagekeeper_contracts::v1::media_refreshed::Outcome;
use pagekeeper_contracts::v1::{MediaRefreshed, RefreshMedia};
use pagekeeper_contracts::{Contract as _, Exchange};
use pagekeeper_testkit::{Poll, wait_for};
use reqwest::Method;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::browser::{Answer, Browser, send};
use crate::data;
use crate::system::{LONG, System};

struct Store {
    host: String,
    calls: Arc<AtomicUsize>,
}

impl Store {
    fn start() -> Self {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let app = move || {
            let counter = Arc::clone(&counter);
            App::new().default_service(web::to(move |request: HttpRequest| {
                counter.fetch_add(1, Ordering::SeqCst);
                std::future::ready(file(&request))
            }))
        };
        let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let host = server.addrs()[0].to_string();
        tokio::spawn(server.run());
        Self { host, calls }
    }

    fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.host)
    }
}

fn file(request: &HttpRequest) -> HttpResponse {
    let range = request.headers().get("range").map(|range| range.to_str().unwrap());
    assert!(!request.headers().contains_key("cookie") && !request.headers().contains_key("authorization"));
    match (request.path(), range) {
        ("/picture.png", _) => HttpResponse::Ok().content_type("image/png").body("a picture"),
        ("/page.html", _) => HttpResponse::Ok().content_type("text/html").body("<script>alert(1)</script>"),
        ("/film.mp4", Some("bytes=2-4")) => HttpResponse::PartialContent()
            .content_type("video/mp4")
            .insert_header(("content-range", "bytes 2-4/10"))
            .body("fil"),
        ("/film.mp4", Some(_)) => HttpResponse::RangeNotSatisfiable().finish(),
        ("/film.mp4", None) => HttpResponse::Ok().content_type("video/mp4").body("0123456789"),
        ("/large.png", _) => HttpResponse::Ok().content_type("image/png").body(vec![0; 2 * 1024 * 1024]),
        ("/endless.png", _) => {
            let chunk = || Ok::<_, std::io::Error>(Bytes::from(vec![0; 65_536]));
            HttpResponse::Ok().content_type("image/png").streaming(stream::repeat_with(chunk))
        }
        ("/elsewhere.png", _) => {
            let port = request.connection_info().host().rsplit(':').next().unwrap().to_owned();
            HttpResponse::Found().insert_header(("location", format!("http://localhost:{port}/picture.png"))).finish()
        }
        _ => HttpResponse::Forbidden().body("URL signature expired"),
    }
}

struct World {
    system: System,
    browser: Browser,
    store: Store,
    message: i64,
}

impl World {
    async fn new() -> Self {
        let store = Store::start();
        let settings = [("MEDIA__HOSTS", store.host.as_str()), ("MEDIA__LONGEST_MB", "1"), ("MEDIA__WAIT_S", "6")];
        let system = System::start_with(&settings).await;
        system.connected_to_broker().await;
        let browser = system.logged_in("Linh Trần").await;
        let account = browser.account_id().await;
        data::a_page(&system.database, account, "111").await;
        let message = system.database.number("select id from messages where mid = 'm2'").await;
        Self { system, browser, store, message }
    }

    async fn kept_at(&self, url: &str) {
        data::media(&self.system.database, self.message, url).await;
    }

    fn path(&self) -> String {
        format!("/api/messages/{}/attachments/0", self.message)
    }

    async fn get(&self) -> Answer {
        self.browser.get(&self.path()).await
    }

    async fn worker(&self) -> Worker {
        let bus = Bus::start(&BusConfig::new(self.system.vhost().url()), "test", &CancellationToken::new()).unwrap();
        let mut commands = bus.live_queue(vec![(Exchange::Commands, RefreshMedia::TYPE.to_owned())]);
        assert!(matches!(commands.recv().await, Some(Live::Resync)), "it listens");
        Worker { bus, commands }
    }
}

/// Sees each command that asks for files.
struct Worker {
    bus: Bus,
    commands: LiveQueue,
}

impl Worker {
    async fn next(&mut self) -> RefreshMedia {
        let Some(Live::Message(command)) = self.commands.recv().await else { panic!("the broker went away") };
        command.decode().unwrap()
    }

    /// Waits until it is asked, and answers as the real one does.
    async fn answers(&mut self, outcome: Outcome) {
        let RefreshMedia { account_id, message_id } = self.next().await;
        let fact = MediaRefreshed { account_id, message_id, outcome: outcome.into() };
        // What listens may be connected before what publishes.
        wait_for("the answer to be published", LONG, async || {
            let published = self.bus.publisher().publish(Outgoing::of(&fact)).await;
            Poll::when(published.is_ok().then_some(()), format!("{published:?}"))
        })
        .await;
    }
}

#[tokio::test]
async fn a_picture_is_passed_on_to_those_who_may_read_the_message() {
    let world = World::new().await;
    world.kept_at(&world.store.url("picture.png?secret=1")).await;
    let answer = world.get().await.expect(200);
    assert_eq!(answer.body, "a picture");
    for (name, value) in [
        ("content-type", "image/png"),
        ("content-disposition", "inline"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cache-control", "private, max-age=600"),
        ("content-length", "9"),
    ] {
        assert_eq!(answer.headers[name], value, "{name}");
    }
    let omar = world.system.logged_in("Omar Haddad").await;
    omar.get(&world.path()).await.expect_problem(404);
    world.browser.get(&format!("/api/messages/{}/attachments/1", world.message)).await.expect_problem(404);
    assert_eq!(world.store.calls.load(Ordering::SeqCst), 1);

    // The address itself is told to nobody.
    let conversation = world.system.database.number("select conversation_id from messages where mid = 'm2'").await;
    let thread = world.browser.get(&format!("/api/conversations/{conversation}/messages")).await;
    assert!(!thread.expect(200).body.contains("secret=1"));
}

#[tokio::test]
async fn what_could_carry_a_script_is_a_download() {
    let world = World::new().await;
    world.kept_at(&world.store.url("page.html")).await;
    let answer = world.get().await.expect(200);
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    assert_eq!(answer.headers["content-disposition"], "attachment; filename*=UTF-8''file");
}

#[tokio::test]
async fn a_part_of_a_film_is_passed_on_as_a_part() {
    let world = World::new().await;
    world.kept_at(&world.store.url("film.mp4")).await;
    let part = |range: &'static str| send(world.browser.request(Method::GET, &world.path()).header("range", range));
    let answer = part("bytes=2-4").await.expect(206);
    assert_eq!((answer.body.as_str(), &answer.headers["content-range"]), ("fil", &"bytes 2-4/10".parse().unwrap()));
    part("bytes=50-60").await.expect_problem(416);
    assert_eq!(part("bytes=0-1,4-5").await.expect(200).body, "0123456789");
}

#[tokio::test]
async fn no_other_host_is_called_and_nothing_too_large_is_passed_on() {
    let world = World::new().await;
    let other = Store::start();
    for url in
        [other.url("picture.png"), "http://169.254.169.254/latest".to_owned(), "https://example.com/x".to_owned()]
    {
        world.kept_at(&url).await;
        world.get().await.expect_problem(404);
    }
    assert_eq!(other.calls.load(Ordering::SeqCst), 0);

    world.kept_at(&world.store.url("elsewhere.png")).await;
    world.get().await.expect_problem(502);
    assert_eq!(world.store.calls.load(Ordering::SeqCst), 1, "the redirect was not followed");

    world.kept_at(&world.store.url("large.png")).await;
    assert_eq!(world.get().await.expect_problem(502)["type"], "/problems/file-too-large");
    world.kept_at(&world.store.url("endless.png")).await;
    let endless = world.browser.request(Method::GET, &world.path()).send().await.unwrap();
    assert!(endless.bytes().await.is_err(), "it was cut off");
}

#[tokio::test]
async fn where_the_address_has_expired_a_fresh_one_is_asked_for() {
    let world = World::new().await;
    world.kept_at(&world.store.url("expired.png")).await;
    let mut worker = world.worker().await;
    let refresh = async {
        wait_for("both to have tried", LONG, async || {
            let calls = world.store.calls.load(Ordering::SeqCst);
            Poll::when((calls == 2).then_some(()), format!("{calls} calls"))
        })
        .await;
        world.kept_at(&world.store.url("picture.png")).await;
        // The second waits with the first, unless the answer came before it began to wait: then it asks for itself.
        loop {
            worker.answers(Outcome::Told).await;
        }
    };
    let both = async { tokio::join!(world.get(), world.get()) };
    let (first, second) = tokio::select! { answers = both => answers, () = refresh => unreachable!("it answers on") };
    assert_eq!((first.expect(200).body, second.expect(200).body), ("a picture".to_owned(), "a picture".to_owned()));
}

#[tokio::test]
async fn a_file_that_facebook_does_not_give_is_told_as_what_it_is() {
    let world = World::new().await;
    let mut worker = world.worker().await;
    // Of an older message no address is known at all.
    let (answer, ()) = tokio::join!(world.get(), worker.answers(Outcome::Gone));
    assert_eq!(answer.expect_problem(410)["type"], "/problems/file-gone");
    let (answer, ()) = tokio::join!(world.get(), worker.answers(Outcome::Refused));
    assert_eq!(answer.expect_problem(504)["type"], "/problems/file-not-given");
    // Nobody answers.
    assert_eq!(world.get().await.expect_problem(504)["retry_after"], json!(10));

    let deleted = "insert into message_changes (account_id, connection_id, mid, deleted_at)
         select account_id, connection_id, mid, now() from messages where mid = 'm2'";
    world.system.database.execute(deleted).await;
    world.get().await.expect_problem(410);
}
