//! Where files may be fetched from. PURE.

use url::{Host, Url};

/// Hosts of Meta's, each with its sub-domains; one with a port, in a test or the dev stack, also without TLS.
#[derive(Debug, Clone)]
pub(super) struct AllowedHosts(Vec<AllowedHost>);

#[derive(Debug, Clone)]
struct AllowedHost {
    host: Host,
    port: Option<u16>,
}

impl AllowedHosts {
    /// Answers the entry that is no host.
    pub(super) fn parse(entries: &[String]) -> Result<Self, String> {
        entries
            .iter()
            .map(|entry| AllowedHost::parse(entry).ok_or_else(|| entry.clone()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(super) fn allow(&self, url: &Url) -> bool {
        let is_open = url.username().is_empty() && url.password().is_none();
        is_open && url.host().is_some_and(|host| self.0.iter().any(|allowed| allowed.allows(url, &host)))
    }
}

impl AllowedHost {
    fn parse(entry: &str) -> Option<Self> {
        let url = Url::parse(&format!("http://{entry}/")).ok()?;
        let is_host =
            url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        // The port of the scheme that was put in front is not kept.
        let port = url.port().or_else(|| entry.ends_with(":80").then_some(80));
        is_host.then_some(())?;
        Some(Self { host: url.host()?.to_owned(), port })
    }

    fn allows(&self, url: &Url, host: &Host<&str>) -> bool {
        let has_port = match self.port {
            Some(port) => url.port_or_known_default() == Some(port) && matches!(url.scheme(), "https" | "http"),
            None => url.scheme() == "https" && url.port().is_none(),
        };
        has_port
            && match (&self.host, host) {
                (Host::Domain(allowed), Host::Domain(asked)) => {
                    *asked == allowed || asked.strip_suffix(allowed.as_str()).is_some_and(|rest| rest.ends_with('.'))
                }
                (Host::Ipv4(allowed), Host::Ipv4(asked)) => allowed == asked,
                (Host::Ipv6(allowed), Host::Ipv6(asked)) => allowed == asked,
                _ => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(entries: &[&str], url: &str) -> bool {
        let entries: Vec<_> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        AllowedHosts::parse(&entries).unwrap().allow(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_host_is_allowed_with_its_sub_domains_and_over_tls_only() {
        for good in ["https://fbcdn.net/x", "https://scontent-cph2-1.xx.fbcdn.net/v/x.jpg?oe=1", "https://FBCDN.net/x"]
        {
            assert!(allows(&["fbcdn.net"], good), "{good}");
        }
        for bad in [
            "http://fbcdn.net/x",
            "https://fbcdn.net:8443/x",
            "https://evil-fbcdn.net/x",
            "https://fbcdn.net.evil.example/x",
            "https://evil.example/fbcdn.net",
            "https://fbcdn.net@evil.example/x",
            "https://a:b@fbcdn.net/x",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://169.254.169.254/latest",
            "ftp://fbcdn.net/x",
        ] {
            assert!(!allows(&["fbcdn.net"], bad), "{bad}");
        }
    }

    #[test]
    fn one_with_a_port_is_that_port_of_that_host() {
        assert!(allows(&["127.0.0.1:4000"], "http://127.0.0.1:4000/x"));
        assert!(allows(&["[::1]:4000"], "http://[::1]:4000/x"));
        for bad in ["http://127.0.0.1:4001/x", "http://127.0.0.2:4000/x", "https://127.0.0.1/x"] {
            assert!(!allows(&["127.0.0.1:4000"], bad), "{bad}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for bad in ["", "https://fbcdn.net", "fbcdn.net/x", "a@b", "*.fbcdn.net/"] {
            assert!(AllowedHosts::parse(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
