//! C10: copies in anything that speaks S3. The test plays the bucket.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::http::Method;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use futures_util::{TryStreamExt, stream};
use pagekeeper_common::domain::ids::AccountId;
use pagekeeper_media::{MediaKey, MediaStore};
use uuid::Uuid;

type Objects = Arc<Mutex<HashMap<String, Bytes>>>;

/// Its address, and what lies in it.
fn bucket() -> (String, Objects) {
    let objects = Objects::default();
    let shared = Arc::clone(&objects);
    let app = move || {
        let objects = Arc::clone(&shared);
        App::new().app_data(web::PayloadConfig::new(16 << 20)).default_service(web::to(
            move |request: HttpRequest, body: Bytes| std::future::ready(answer(&objects, &request, body)),
        ))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", server.addrs().first().unwrap());
    tokio::spawn(server.run());
    (address, objects)
}

fn answer(objects: &Objects, request: &HttpRequest, body: Bytes) -> HttpResponse {
    let signed = request.headers().get("authorization").unwrap().to_str().unwrap();
    assert!(signed.starts_with("AWS4-HMAC-SHA256 Credential=operator/"), "{signed}");
    let (path, mut objects) = (request.path().to_owned(), objects.lock().unwrap());
    match *request.method() {
        Method::PUT => {
            objects.insert(path, body);
            HttpResponse::Ok().insert_header(("etag", "\"1\"")).finish()
        }
        Method::GET => match (objects.get(&path), request.headers().get("range")) {
            (Some(object), None) => found(HttpResponse::Ok(), object.clone()),
            (Some(object), Some(range)) => {
                assert_eq!(range, "bytes=2-4");
                let mut part = HttpResponse::PartialContent();
                part.insert_header(("content-range", format!("bytes 2-4/{}", object.len())));
                found(part, object.slice(2..5))
            }
            (None, _) => HttpResponse::NotFound().body("<Error><Code>NoSuchKey</Code></Error>"),
        },
        Method::DELETE => {
            objects.remove(&path);
            HttpResponse::NoContent().finish()
        }
        // Several at once: each is named in the body.
        Method::POST => {
            let body = String::from_utf8(body.to_vec()).unwrap();
            objects.retain(|path, _| !body.contains(path.trim_start_matches("/bucket/")));
            HttpResponse::Ok()
                .content_type("application/xml")
                .body("<DeleteResult><Deleted><Key>a</Key></Deleted></DeleteResult>")
        }
        _ => HttpResponse::MethodNotAllowed().finish(),
    }
}

fn found(mut response: actix_web::HttpResponseBuilder, body: Bytes) -> HttpResponse {
    response
        .insert_header(("etag", "\"1\""))
        .insert_header(("last-modified", "Sat, 21 Nov 2026 12:00:00 GMT"))
        .body(body)
}

#[tokio::test]
async fn a_bucket_keeps_and_forgets_files_below_its_prefix() {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let (address, objects) = bucket();
    let environment = [
        ("AWS_ENDPOINT", address.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", "eu-north-1"),
        ("AWS_ACCESS_KEY_ID", "operator"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("HOME", "/"),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let store = MediaStore::open_with("s3://bucket/media", environment).unwrap();
    let key = MediaKey { account_id: AccountId::new(7), file: Uuid::from_u128(1) };
    assert_eq!(store.put(key, stream::iter([Ok(Bytes::from("a picture"))])).await.unwrap(), 9);
    let path = "/bucket/media/7/00000000-0000-0000-0000-000000000001";
    assert_eq!(objects.lock().unwrap().get(path).unwrap(), "a picture");

    let read = async |part| {
        let stream = store.get(key, part).await.unwrap()?;
        Some(stream.map_ok(|bytes| bytes.to_vec()).try_concat().await.unwrap())
    };
    assert_eq!(read(None).await.unwrap(), b"a picture");
    assert_eq!(read(Some(2..5)).await.unwrap(), b"pic");
    store.delete(key).await.unwrap();
    assert_eq!(read(None).await, None);
    assert!(objects.lock().unwrap().is_empty());
}
