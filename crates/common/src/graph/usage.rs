//! How much of Meta's limits is used, as its answers say (Graph API, "Rate limiting").

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::header::HeaderMap;
use serde::Deserialize;

use crate::lenient::{self, Decode, List};

const APP_USAGE: &str = "x-app-usage";
const BUSINESS_USAGE: &str = "x-business-use-case-usage";

/// Meta names at most 32 objects; more are not believed.
const MOST_OBJECTS: usize = 32;

/// What one answer said. Empty where Meta said nothing, which it does until enough calls were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Of calls with a person's or the app's token.
    pub app: Option<Percentages>,
    /// Of calls with a Page's token.
    pub business: Vec<BusinessUsage>,
}

/// Shares of the limits in whole percent; calls are refused where one reaches 100.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Percentages {
    pub call_count: u32,
    pub total_time: u32,
    pub total_cputime: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessUsage {
    /// The Page's id, mostly.
    pub object_id: String,
    /// The limit's kind: `pages`, `messenger`, `instagram`, …
    pub kind: String,
    pub percentages: Percentages,
    /// How long calls are refused from now on, where they are.
    pub regain_access: Option<Duration>,
}

impl Percentages {
    pub fn highest(&self) -> u32 {
        self.call_count.max(self.total_time).max(self.total_cputime)
    }
}

impl Usage {
    pub(super) fn of_headers(headers: &HeaderMap) -> Self {
        let app = header::<WireUsage>(headers, APP_USAGE).map(|usage| usage.percentages());
        let objects = header::<BTreeMap<String, List<WireUsage>>>(headers, BUSINESS_USAGE).unwrap_or_default();
        let business = objects
            .into_iter()
            .take(MOST_OBJECTS)
            .flat_map(|(object_id, list)| list.entries.into_iter().map(move |usage| usage.business(object_id.clone())))
            .collect();
        Self { app, business }
    }

    /// What was said of one Page.
    pub fn of_object(&self, id: &str) -> impl Iterator<Item = &BusinessUsage> {
        self.business.iter().filter(move |usage| usage.object_id == id)
    }

    /// The limit that is nearest.
    pub fn highest_percent(&self) -> u32 {
        let business = self.business.iter().map(|usage| usage.percentages.highest());
        business.chain(self.app.map(|app| app.highest())).max().unwrap_or_default()
    }

    /// The longest time for which calls are refused.
    pub fn regain_access(&self) -> Option<Duration> {
        self.business.iter().filter_map(|usage| usage.regain_access).max()
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireUsage {
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient::number")]
    call_count: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    total_time: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    total_cputime: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    estimated_time_to_regain_access: Option<u64>,
}

impl Decode for WireUsage {
    type Wire = Self;

    fn decode(wire: Self) -> Option<Self> {
        Some(wire)
    }
}

impl WireUsage {
    fn percentages(&self) -> Percentages {
        let percent = |value: Option<u64>| u32::try_from(value.unwrap_or_default()).unwrap_or(u32::MAX);
        Percentages {
            call_count: percent(self.call_count),
            total_time: percent(self.total_time),
            total_cputime: percent(self.total_cputime),
        }
    }

    fn business(self, object_id: String) -> BusinessUsage {
        // In minutes. No throttle lasts longer than a day.
        let minutes = self.estimated_time_to_regain_access.filter(|minutes| *minutes > 0);
        let regain_access = minutes.map(|minutes| Duration::from_secs(minutes.min(24 * 60) * 60));
        BusinessUsage { object_id, percentages: self.percentages(), kind: self.kind.unwrap_or_default(), regain_access }
    }
}

/// A header that cannot be read says nothing; the call itself is not worse for it.
fn header<T: serde::de::DeserializeOwned>(headers: &HeaderMap, name: &str) -> Option<T> {
    serde_json::from_slice(headers.get(name)?.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(headers: &[(&'static str, &'static str)]) -> Usage {
        Usage::of_headers(
            &headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect(),
        )
    }

    #[test]
    fn the_documented_headers_are_read() {
        let usage = usage(&[
            (APP_USAGE, r#"{"call_count":28,"total_time":25,"total_cputime":26}"#),
            (
                BUSINESS_USAGE,
                r#"{"1122334455":[{"type":"pages","call_count":97,"total_cputime":23,"total_time":24,"estimated_time_to_regain_access":5}]}"#,
            ),
        ]);
        assert_eq!(usage.app, Some(Percentages { call_count: 28, total_time: 25, total_cputime: 26 }));
        let page = usage.of_object("1122334455").next().unwrap();
        assert_eq!((page.kind.as_str(), page.percentages.highest()), ("pages", 97));
        assert_eq!(usage.regain_access(), Some(Duration::from_mins(5)), "the header counts minutes");
        assert_eq!(usage.highest_percent(), 97);
    }

    #[test]
    fn a_header_that_makes_no_sense_says_nothing() {
        for value in ["", "null", "[]", "{", "yes", r#"{"1":5}"#, r#"{"1":[null,7]}"#, r#"{"1":[[[[]]]]}"#] {
            let usage = usage(&[(APP_USAGE, value), (BUSINESS_USAGE, value)]);
            assert_eq!((usage.highest_percent(), usage.regain_access()), (0, None), "{value}");
        }
    }
}
