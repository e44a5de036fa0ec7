//! `?wait=SECONDS` of routes that start work on Facebook.

use std::time::Duration;

use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

/// The longest wait; proxies cut longer ones anyway.
const LONGEST_SECONDS: u32 = 300;

/// How long the caller wants to wait for the end of the work.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {
    /// Seconds, at most 300; 0 answers at once with the run to follow.
    #[serde(default, deserialize_with = "seconds")]
    #[param(value_type = Option<u32>, minimum = 0, maximum = 300)]
    wait: Option<u32>,
}

impl Wait {
    pub(crate) fn or(self, default: Duration) -> Duration {
        self.wait.map_or(default, |seconds| Duration::from_secs(seconds.into()))
    }
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = text.parse().ok().filter(|seconds| *seconds <= LONGEST_SECONDS);
    number
        .map(Some)
        .ok_or_else(|| serde::de::Error::custom(format!("wait must be a number of seconds up to {LONGEST_SECONDS}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_does_not_wait_and_nothing_waits_as_long_as_the_route_does() {
        let wait = |json: &str| serde_json::from_str::<Wait>(json);
        assert_eq!(wait("{}").unwrap().or(Duration::from_mins(1)), Duration::from_mins(1));
        assert_eq!(wait(r#"{"wait":"0"}"#).unwrap().or(Duration::from_mins(1)), Duration::ZERO);
        assert!(wait(r#"{"wait":"301"}"#).is_err());
        assert!(wait(r#"{"wait":"-1"}"#).is_err());
        assert!(wait(r#"{"wait":"soon"}"#).is_err());
    }
}
