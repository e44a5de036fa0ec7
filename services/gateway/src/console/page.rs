//! The console's one HTML page, with a new nonce in each answer.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use pagekeeper_runtime::problem::Problem;

use super::assets::Console;
use crate::auth::secret_token::SecretToken;

pub(crate) const INDEX: &str = "index.html";

/// What the page's build writes where the nonce and the demo's people belong.
const NONCE: &str = "__CSP_NONCE__";
const DEMO: &str = "__DEMO__";

/// Shown by a gateway that was built without the console.
const NOT_BUILT: &str = include_str!("../../assets/console-not-built.html");

/// The styles that components make at run time carry the nonce; nothing else is allowed inline.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}

/// `demo_people` stands on the sign-in page of a demo.
pub(crate) fn answer(demo_people: &str) -> Result<HttpResponse, Problem> {
    let nonce = SecretToken::draw().map_err(|error| Problem::internal(&error))?;
    let file = Console::get(INDEX);
    let page = file.as_ref().map_or(Ok(NOT_BUILT), |file| std::str::from_utf8(&file.data));
    let page = page.map_err(|error| Problem::internal(&error))?;
    let page = page.replace(NONCE, nonce.expose()).replace(DEMO, &escape(demo_people));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, policy(nonce.expose())))
        .body(page))
}

/// For a text between quotes or tags.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_leave_its_attribute() {
        assert_eq!(escape(r#""><script>&'"#), "&quot;&gt;&lt;script&gt;&amp;&#39;");
    }
}
