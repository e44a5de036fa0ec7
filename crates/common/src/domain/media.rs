//! Files that came with messages. Meta keeps them; we know where, for a while.

use std::fmt;

use url::Url;

/// Longer than any address of Meta's that was seen.
const LONGEST: usize = 4_096;

/// Meta's address of a file. Whoever has it can read the file until it expires, so it is not printed: not in logs, not in
/// answers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MediaUrl(String);

impl MediaUrl {
    /// None of what cannot be fetched: no address of the web, one with credentials, or an absurdly long one.
    pub fn parse(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok().filter(|_| address.len() <= LONGEST)?;
        let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
        let is_open = url.username().is_empty() && url.password().is_none();
        (is_web && is_open && url.as_str().len() <= LONGEST).then(|| Self(url.into()))
    }

    /// To fetch or to store it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MediaUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MediaUrl(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_the_web_is_kept() {
        let told = "https://scontent.fbcdn.net/v/t1.jpg?oe=6A0B1C2D";
        assert_eq!(MediaUrl::parse(told).unwrap().expose(), told);
        let long = format!("https://a.net/{}", "x".repeat(LONGEST));
        for bad in
            ["", "t1.jpg", "file:///etc/passwd", "data:text/html,x", "https://a:b@fbcdn.net/x", "https:///", &long]
        {
            assert!(MediaUrl::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn an_address_is_not_printed() {
        let url = MediaUrl::parse("https://scontent.fbcdn.net/secret").unwrap();
        assert!(!format!("{url:?}").contains("fbcdn"));
    }
}
