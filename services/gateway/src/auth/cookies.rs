//! The two cookies. `__Host-` makes browsers insist on `Secure`, `Path=/` and no domain, so that no other host or
//! path can plant one. Browsers accept `Secure` cookies from `http://localhost`.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use super::secret_token::SecretToken;

/// The session.
pub(crate) const SESSION: &str = "__Host-pagekeeper";

/// Binds a login on its way through Facebook to the browser that began it.
pub(crate) const LOGIN_ATTEMPT: &str = "__Host-pagekeeper-oauth";

/// The cookie's value, if it can be one of our tokens.
pub(crate) fn presented(request: &HttpRequest, name: &str) -> Option<SecretToken> {
    SecretToken::presented(request.cookie(name)?.value())
}

/// `Lax`, not `Strict`: the browser comes back from Facebook by a link.
pub(crate) fn set(name: &'static str, token: &SecretToken, max_age: std::time::Duration) -> Cookie<'static> {
    let max_age = Duration::try_from(max_age).unwrap_or(Duration::ZERO);
    build(name, token.expose().to_owned(), max_age)
}

pub(crate) fn remove(name: &'static str) -> Cookie<'static> {
    build(name, String::new(), Duration::ZERO)
}

fn build(name: &'static str, value: String, max_age: Duration) -> Cookie<'static> {
    Cookie::build(name, value).path("/").secure(true).http_only(true).same_site(SameSite::Lax).max_age(max_age).finish()
}
