//! `/docs`: the API's reference, drawn in the browser from `/openapi.json`. Nothing is loaded from elsewhere.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

const PAGE: &str = include_str!("../../assets/docs/reference.html");
const SCRIPT: &str = include_str!("../../assets/docs/reference.js");
const STYLE: &str = include_str!("../../assets/docs/reference.css");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

pub(crate) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/docs", web::get().to(async || answer("text/html; charset=utf-8", PAGE)))
        .route("/docs/reference.js", web::get().to(async || answer("text/javascript; charset=utf-8", SCRIPT)))
        .route("/docs/reference.css", web::get().to(async || answer("text/css; charset=utf-8", STYLE)));
}

fn answer(content_type: &'static str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(body)
}
