//! Versions of the Graph API ("Changelog", table of versions, as of v26.0).

use super::error::GraphError;

/// Newest first; the end in seconds, `None` where Meta says "TBD".
const VERSIONS: &[(&str, Option<i64>)] = &[
    ("v26.0", None),
    ("v25.0", Some(1_848_441_600)), // 2028-07-29
    ("v24.0", Some(1_834_444_800)), // 2028-02-18
    ("v23.0", Some(1_822_953_600)), // 2027-10-08
    ("v22.0", Some(1_810_771_200)), // 2027-05-20
    ("v21.0", Some(1_800_489_600)), // 2027-01-21
    ("v20.0", Some(1_790_208_000)), // 2026-09-24
];

pub(crate) const NEWEST: &str = "v26.0";

/// The version that serves the call. An expired one is served by the oldest that still lives, without an error.
pub(crate) fn resolve(asked: Option<&str>, now: i64) -> Result<&'static str, GraphError> {
    let Some(asked) = asked else { return Ok(NEWEST) };
    let oldest_live =
        VERSIONS.iter().rev().find(|(_, end)| end.is_none_or(|end| end > now)).map_or(NEWEST, |(version, _)| version);
    if let Some((version, end)) = VERSIONS.iter().find(|(version, _)| *version == asked) {
        return Ok(if end.is_none_or(|end| end > now) { version } else { oldest_live });
    }
    if number(asked) > number(NEWEST) {
        return Err(GraphError::unknown_path(asked));
    }
    Ok(oldest_live)
}

fn number(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.strip_prefix('v')?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOVEMBER_2026: i64 = 1_795_000_000;

    #[test]
    fn an_expired_version_is_served_by_the_oldest_that_lives() {
        assert_eq!(resolve(Some("v25.0"), NOVEMBER_2026), Ok("v25.0"));
        assert_eq!(resolve(Some("v20.0"), NOVEMBER_2026), Ok("v21.0"));
        assert_eq!(resolve(Some("v2.3"), NOVEMBER_2026), Ok("v21.0"));
        assert_eq!(resolve(None, NOVEMBER_2026), Ok("v26.0"));
        assert!(resolve(Some("v99.0"), NOVEMBER_2026).is_err());
    }
}
