//! Login with Instagram, without a Page ("Business Login for Instagram"): www.instagram.com, api.instagram.com and what
//! graph.instagram.com says of tokens and of the account. Each host is a folder of that name.

mod accounts;
mod authorize;
mod tokens;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use serde_json::{Value, json};
pub(crate) use tokens::{InstagramToken, InstagramTokens};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/www.instagram.com/oauth/authorize", web::get().to(authorize::dialog))
        .route("/api.instagram.com/oauth/access_token", web::post().to(tokens::exchange_code))
        .route("/graph.instagram.com/access_token", web::get().to(tokens::exchange_long_lived))
        .route("/graph.instagram.com/refresh_access_token", web::get().to(tokens::refresh))
        .route("/graph.instagram.com/{path:.*}", web::to(accounts::answer));
}

/// The permissions of this login.
const PERMISSIONS: &[&str] = &[
    "instagram_business_basic",
    "instagram_business_content_publish",
    "instagram_business_manage_comments",
    "instagram_business_manage_insights",
    "instagram_business_manage_messages",
];

/// graph.instagram.com has errors of the type `IGApiException`.
fn refused(code: i64, message: &str) -> HttpResponse {
    let error = json!({ "message": message, "type": "IGApiException", "code": code, "fbtrace_id": "A0" });
    answer(StatusCode::BAD_REQUEST, &json!({ "error": error }))
}

/// api.instagram.com breaks the envelope.
fn refused_by_api(message: &str) -> HttpResponse {
    let body = json!({ "error_type": "OAuthException", "code": 400, "error_message": message });
    answer(StatusCode::BAD_REQUEST, &body)
}

fn answer(status: StatusCode, body: &Value) -> HttpResponse {
    HttpResponse::build(status).content_type("application/json; charset=UTF-8").body(body.to_string())
}
