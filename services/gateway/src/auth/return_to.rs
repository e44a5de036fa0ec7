//! Where a browser goes after a login: only to a page of ours, whatever the address asked for.

/// The pages that a login may return to; each with what lies below it.
const PAGES: [&str; 5] = ["/inbox", "/connections", "/status", "/settings", "/connect"];

/// Longer than any address that the console makes.
const LONGEST: usize = 512;

/// A path (with its query) on this origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnTo(String);

impl ReturnTo {
    /// None for an address that is not one of our pages. Browsers read `//host`, `/\host` and control characters as
    /// the start of another host, so the characters are limited too.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let characters = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~?=&%+,:".contains(&byte);
        if path.len() > LONGEST || !path.bytes().all(characters) {
            return None;
        }
        let page = PAGES.iter().find_map(|page| path.strip_prefix(page))?;
        let ends_there = page.is_empty() || page.starts_with(['/', '?']);
        let leaves = page.starts_with("//") || page.contains("/..") || page.contains("/./");
        (ends_there && !leaves).then(|| Self(path.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ReturnTo {
    fn default() -> Self {
        Self("/inbox".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_the_console_are_returned_to() {
        for path in ["/inbox", "/inbox/12?unread=true&connection=7", "/connections", "/settings/api-keys", "/connect/9"]
        {
            assert_eq!(ReturnTo::parse(path).unwrap().as_str(), path);
        }
    }

    /// J4
    #[test]
    fn other_hosts_and_other_paths_are_not_returned_to() {
        let hostile = [
            "",
            "/",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/inbox//evil.example",
            "/inboxevil",
            "/inbox@evil.example",
            "/inbox\\..\\x",
            "/inbox/../api/me",
            "/inbox\r\nSet-Cookie: a=b",
            "/inbox\u{0}",
            "/api/me",
            "/auth/facebook/login",
            "/ïnbox",
            "http://localhost/inbox",
            " /inbox",
            "/inbox#x",
            "/.//evil.example",
            "/%2f/evil.example",
        ];
        for path in hostile {
            assert_eq!(ReturnTo::parse(path), None, "{path:?}");
        }
        assert_eq!(ReturnTo::parse(&format!("/inbox?{}", "a".repeat(600))), None);
    }
}
