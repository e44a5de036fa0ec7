//! When the hour of the full sync passed last in a time zone. PURE.

use chrono::{DateTime, Days, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// The newest `hour` o'clock that is not after `now`, as that zone's clocks show it. Where the clocks skip the hour, it is the
/// next one that they show.
pub(super) fn passed_at(now: DateTime<Utc>, zone: Tz, hour: u32) -> DateTime<Utc> {
    let today = now.with_timezone(&zone).date_naive();
    let on = |day: chrono::NaiveDate| {
        (hour..24).find_map(|hour| {
            let local = day.and_time(NaiveTime::from_hms_opt(hour, 0, 0)?);
            zone.from_local_datetime(&local).earliest()
        })
    };
    [Some(today), today.checked_sub_days(Days::new(1))]
        .into_iter()
        .flatten()
        .filter_map(on)
        .map(|at| at.with_timezone(&Utc))
        .find(|at| *at <= now)
        .unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn it_is_two_by_the_accounts_own_clock() {
        let zone = Tz::Asia__Ho_Chi_Minh;
        assert_eq!(passed_at(at("2026-11-21T20:00:00Z"), zone, 2), at("2026-11-21T19:00:00Z"));
        assert_eq!(passed_at(at("2026-11-21T18:59:59Z"), zone, 2), at("2026-11-20T19:00:00Z"));
        assert_eq!(passed_at(at("2026-11-21T19:00:00Z"), zone, 2), at("2026-11-21T19:00:00Z"));
    }

    #[test]
    fn clocks_that_skip_the_hour_have_it_an_hour_later_and_those_that_repeat_it_once() {
        let zone = Tz::Europe__Copenhagen;
        // 29 March: from 02:00 to 03:00. 25 October: 02:00 comes twice.
        assert_eq!(passed_at(at("2026-03-29T05:00:00Z"), zone, 2), at("2026-03-29T01:00:00Z"));
        assert_eq!(passed_at(at("2026-10-25T05:00:00Z"), zone, 2), at("2026-10-25T00:00:00Z"));
    }

    #[test]
    fn the_day_does_not_matter_where_midnight_is_the_hour() {
        assert_eq!(passed_at(at("2026-11-21T00:00:00Z"), Tz::UTC, 0), at("2026-11-21T00:00:00Z"));
    }
}
