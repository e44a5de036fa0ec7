//! The simulator's own web page at `/`: a phone that plays a customer, and who exists here.

use actix_web::HttpResponse;
use actix_web::guard::{GuardContext, fn_guard};
use actix_web::http::Method;
use actix_web::web;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/").guard(fn_guard(is_page)).to(page))
        .route("/_assets/phone.css", web::get().to(style))
        .route("/_assets/phone.js", web::get().to(script));
}

/// `/` is Graph's too, for batches and for several `ids`.
fn is_page(request: &GuardContext<'_>) -> bool {
    let query = request.head().uri.query().unwrap_or_default();
    request.head().method == Method::GET && !query.split('&').any(|parameter| parameter.starts_with("ids="))
}

async fn page() -> HttpResponse {
    asset("text/html; charset=utf-8", include_str!("phone.html"))
}

async fn style() -> HttpResponse {
    asset("text/css; charset=utf-8", include_str!("phone.css"))
}

async fn script() -> HttpResponse {
    asset("text/javascript; charset=utf-8", include_str!("phone.js"))
}

fn asset(content_type: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type(content_type).insert_header(("cache-control", "no-cache")).body(text)
}
