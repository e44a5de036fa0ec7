//! The console's files, as its build left them.

use std::borrow::Cow;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, EntityTag, IF_NONE_MATCH};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use pagekeeper_runtime::problem::Problem;
use rust_embed::RustEmbed;

use super::page;
use crate::state::State;

/// Files below this folder carry a hash of their content in their names: the same name always has the same content.
const HASHED: &str = "assets/";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const REVALIDATE: &str = "no-cache";

/// What belongs to programs; a path there is never a page of the console.
const NOT_PAGES: [&str; 4] = ["/api", "/social", "/auth", "/docs"];

#[derive(RustEmbed)]
#[folder = "../console/dist"]
pub(crate) struct Console;

/// Answers whatever no route of the API took: a file of the console, a page of the console, or 404.
pub(crate) async fn serve(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Problem::not_found());
    }
    let path = request.path();
    let name = path.trim_start_matches('/');
    match Console::get(name).filter(|_| name != page::INDEX) {
        Some(file) => Ok(answer(&request, name, file.metadata.sha256_hash(), file.data)),
        None if is_page(path) && accepts_html(&request) => page::answer(&state.config.console.demo_people),
        None => Err(Problem::not_found()),
    }
}

fn answer(request: &HttpRequest, name: &str, hash: [u8; 32], content: Cow<'static, [u8]>) -> HttpResponse {
    let tag = EntityTag::new_strong(hex::encode(hash));
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|tags| {
        tags.split(',').any(|given| given.trim().parse().is_ok_and(|given: EntityTag| given.weak_eq(&tag)))
    });

    let mut response = HttpResponse::build(if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response.insert_header((ETAG, tag));
    response.insert_header((CACHE_CONTROL, if name.starts_with(HASHED) { IMMUTABLE } else { REVALIDATE }));
    if is_known {
        return response.finish();
    }
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    response.insert_header((CONTENT_TYPE, kind.as_ref()));
    match content {
        Cow::Borrowed(bytes) => response.body(bytes),
        Cow::Owned(bytes) => response.body(bytes),
    }
}

/// Pages have no dot in their last part; files that are missing do.
fn is_page(path: &str) -> bool {
    let below = |start: &str| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let last = path.rsplit('/').next().unwrap_or_default();
    !last.contains('.') && !NOT_PAGES.into_iter().any(below)
}

fn accepts_html(request: &HttpRequest) -> bool {
    let accept = request.headers().get("accept").and_then(|value| value.to_str().ok());
    accept.is_none_or(|types| types.contains("text/html") || types.contains("*/*"))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;
    use actix_web::test::TestRequest;

    use super::*;

    fn get(name: &str, if_none_match: &str) -> HttpResponse {
        let request = TestRequest::get().insert_header((IF_NONE_MATCH, if_none_match)).to_http_request();
        answer(&request, name, [7; 32], Cow::Borrowed(b"code"))
    }

    fn header(response: &HttpResponse, name: HeaderName) -> &str {
        response.headers().get(name).unwrap().to_str().unwrap()
    }

    #[test]
    fn a_file_that_a_browser_has_is_not_sent_again() {
        let first = get("locale.json", "");
        assert_eq!((first.status(), header(&first, CACHE_CONTROL)), (StatusCode::OK, REVALIDATE));
        let tag = header(&first, ETAG);
        assert_eq!(get("locale.json", tag).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(get("locale.json", &format!("\"other\", W/{tag}")).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(get("locale.json", "\"other\"").status(), StatusCode::OK);
    }

    #[test]
    fn a_file_named_by_its_content_is_kept_for_good() {
        let answer = get("assets/index-1a2b.js", "");
        assert_eq!((header(&answer, CACHE_CONTROL), header(&answer, CONTENT_TYPE)), (IMMUTABLE, "text/javascript"));
    }

    #[test]
    fn pages_of_the_console_and_missing_files_are_told_apart() {
        for page in ["/", "/login", "/inbox/12", "/connections/7", "/apiary", "/authors"] {
            assert!(is_page(page), "{page}");
        }
        for other in ["/api", "/api/nothing", "/auth/x", "/social/x", "/docs/x", "/assets/gone-1a2b.js", "/favicon.ico"]
        {
            assert!(!is_page(other), "{other}");
        }
    }
}
