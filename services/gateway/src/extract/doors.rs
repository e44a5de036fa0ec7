//! Limits on the doors that stand open to all, per address of the caller.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use actix_web::HttpRequest;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use pagekeeper_runtime::problem::Problem;

use crate::config::DoorsConfig;

/// Addresses are forgotten this often, once their quota is full again.
const FORGET_EVERY: Duration = Duration::from_mins(1);

/// The doors of this process.
pub(crate) struct Doors {
    pub login: Door,
    pub health: Door,
    pub refused: Door,
}

/// One door: so many per minute from each address, all of them at once if need be.
pub(crate) struct Door {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    trusted_proxies: usize,
}

impl Doors {
    pub(crate) fn new(config: &DoorsConfig) -> Self {
        let door = |per_minute| Door {
            limiter: RateLimiter::keyed(Quota::per_minute(per_minute)),
            trusted_proxies: config.trusted_proxies,
        };
        Self {
            login: door(config.login_per_minute),
            health: door(config.health_per_minute),
            refused: door(config.refused_per_minute),
        }
    }

    /// Forgets addresses that have not come for a while, for ever.
    pub(crate) async fn forget_old_addresses(&self) {
        let mut interval = tokio::time::interval(FORGET_EVERY);
        loop {
            interval.tick().await;
            for door in [&self.login, &self.health, &self.refused] {
                door.limiter.retain_recent();
                door.limiter.shrink_to_fit();
            }
        }
    }
}

impl Door {
    /// Counts the request; 429 with the seconds to wait when it is one too many.
    pub(crate) fn pass(&self, request: &HttpRequest) -> Result<(), Problem> {
        let forwarded: Vec<&str> =
            request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok()).collect();
        let peer = request.peer_addr().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |address| address.ip());
        let address = network_of(caller_address(peer, &forwarded, self.trusted_proxies));
        self.limiter.check_key(&address).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Problem::too_many_requests(u32::try_from(wait.as_secs() + 1).unwrap_or(60))
        })
    }
}

/// The address that the outermost trusted proxy saw: each of them appends the address it was called from.
fn caller_address(peer: IpAddr, forwarded: &[&str], trusted_proxies: usize) -> IpAddr {
    let Some(hop) = trusted_proxies.checked_sub(1) else { return peer };
    let addresses: Vec<&str> = forwarded.iter().flat_map(|header| header.split(',')).map(str::trim).collect();
    addresses.iter().rev().nth(hop).and_then(|address| address.parse().ok()).unwrap_or(peer)
}

/// One caller has a whole /64 of IPv6 addresses.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn without_trusted_proxies_the_header_is_not_believed() {
        assert_eq!(caller_address(ip("10.0.0.1"), &["203.0.113.9"], 0), ip("10.0.0.1"));
    }

    #[test]
    fn a_caller_cannot_choose_its_address_behind_a_proxy() {
        let header = ["198.51.100.1, 198.51.100.2", "203.0.113.9"];
        assert_eq!(caller_address(ip("10.0.0.1"), &header, 1), ip("203.0.113.9"));
        assert_eq!(caller_address(ip("10.0.0.1"), &header, 2), ip("198.51.100.2"));
        assert_eq!(caller_address(ip("10.0.0.1"), &header, 9), ip("10.0.0.1"));
        assert_eq!(caller_address(ip("10.0.0.1"), &["garbage"], 1), ip("10.0.0.1"));
    }

    #[test]
    fn a_whole_ipv6_network_is_one_caller() {
        assert_eq!(network_of(ip("2001:db8:1:2:3:4:5:6")), network_of(ip("2001:db8:1:2::1")));
        assert_ne!(network_of(ip("2001:db8:1:2::1")), network_of(ip("2001:db8:1:3::1")));
        assert_eq!(network_of(ip("::ffff:192.0.2.1")), ip("192.0.2.1"));
    }
}
