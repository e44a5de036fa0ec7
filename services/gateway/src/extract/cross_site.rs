//! Cross-site request forgery: a request that changes something and is carried by a cookie must come from our own
//! pages.
//!
//! Three walls, each enough by itself in today's browsers: `SameSite=Lax` cookies, a header that a foreign page cannot
//! set without a preflight that we never allow, and the browser's own word on where the request comes from.

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, ORIGIN};

/// `X-Pagekeeper-Csrf: 1`
pub(crate) const CSRF_HEADER: HeaderName = HeaderName::from_static("x-pagekeeper-csrf");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Why a request is taken for forged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CrossSite {
    #[error("the header X-Pagekeeper-Csrf: 1 is missing")]
    HeaderMissing,
    #[error("the request comes from a page of another origin")]
    ForeignOrigin,
}

/// Decides for a request that is authenticated by a cookie. `own_origin` is `scheme://host[:port]`.
pub(crate) fn decide_same_site(method: &Method, headers: &HeaderMap, own_origin: &str) -> Result<(), CrossSite> {
    if method.is_safe() {
        return Ok(());
    }
    if headers.get(CSRF_HEADER).is_none_or(|value| value != "1") {
        return Err(CrossSite::HeaderMissing);
    }
    let site_is_own = headers.get_all(SEC_FETCH_SITE).all(|site| site == "same-origin" || site == "none");
    let origin_is_own = headers.get_all(ORIGIN).all(|origin| origin == own_origin);
    if site_is_own && origin_is_own { Ok(()) } else { Err(CrossSite::ForeignOrigin) }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    const OWN: &str = "https://console.example";

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        list.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn reading_needs_no_header() {
        assert_eq!(decide_same_site(&Method::GET, &headers(&[("origin", "https://evil.example")]), OWN), Ok(()));
    }

    #[test]
    fn changing_needs_the_header_and_our_own_origin() {
        let decide = |list: &[(&'static str, &'static str)]| decide_same_site(&Method::POST, &headers(list), OWN);
        assert_eq!(decide(&[]), Err(CrossSite::HeaderMissing));
        assert_eq!(decide(&[("origin", OWN)]), Err(CrossSite::HeaderMissing));
        assert_eq!(decide(&[("x-pagekeeper-csrf", "0")]), Err(CrossSite::HeaderMissing));
        assert_eq!(decide(&[("x-pagekeeper-csrf", "1")]), Ok(()));
        assert_eq!(decide(&[("x-pagekeeper-csrf", "1"), ("origin", OWN), ("sec-fetch-site", "same-origin")]), Ok(()));
        for foreign in
            ["https://evil.example", "null", "http://console.example", "https://console.example.evil.example"]
        {
            assert_eq!(decide(&[("x-pagekeeper-csrf", "1"), ("origin", foreign)]), Err(CrossSite::ForeignOrigin));
        }
        for site in ["cross-site", "same-site"] {
            assert_eq!(decide(&[("x-pagekeeper-csrf", "1"), ("sec-fetch-site", site)]), Err(CrossSite::ForeignOrigin));
        }
    }

    #[test]
    fn each_of_several_origins_must_be_ours() {
        let mut map = headers(&[("x-pagekeeper-csrf", "1"), ("origin", OWN)]);
        map.append(ORIGIN, HeaderValue::from_static("https://evil.example"));
        assert_eq!(decide_same_site(&Method::DELETE, &map, OWN), Err(CrossSite::ForeignOrigin));
    }
}
