//! Meta's rate limits ("Rate limiting" of the Graph API guides, "Rate limits" of the Messenger Platform), on simulated time.

mod rolling;
mod usage;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::clock::{DAY, HOUR, Millis};
use crate::locks::{Mutex, RwLock};
use crate::world::ids::{PageIndex, PersonIndex};
use rolling::{RollingCount, TokenBucket};
pub(crate) use usage::{BusinessUse, Usage};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Conversations API, per Page: Meta prints 2 calls per second.
    pub conversations_per_second: f64,
    /// Calls that may come at once after a pause; Meta prints none, see the README.
    pub conversations_burst: f64,
    /// Send API, per Page: texts, links, reactions, stickers, sender actions.
    pub sends_per_second: f64,
    /// Send API, per Page: audio and video.
    pub media_sends_per_second: f64,
    /// Page tokens: calls in 24 hours = this × engaged users of the Page.
    pub pages_calls_per_engaged_user: u64,
    /// Messenger calls in 24 hours = this × engaged users of the Page.
    pub messenger_calls_per_engaged_user: u64,
    /// App tokens: calls in an hour = this × daily active users.
    pub app_calls_per_user: u64,
    pub daily_active_users: u64,
    /// User tokens, per person and hour; Meta does not disclose the number.
    pub user_calls_per_hour: u64,
    /// Greatest `limit` of `/conversations`; more is cut to it silently.
    pub conversations_page_cap: u32,
    /// Greatest `limit` of `/messages`.
    pub messages_page_cap: u32,
    /// Objects that one call may ask for by nesting, before Graph asks to "reduce the amount of data".
    pub objects_per_call: u64,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            conversations_per_second: 2.0,
            conversations_burst: 4.0,
            sends_per_second: 300.0,
            media_sends_per_second: 10.0,
            pages_calls_per_engaged_user: 4_800,
            messenger_calls_per_engaged_user: 200,
            app_calls_per_user: 200,
            daily_active_users: 1_000,
            user_calls_per_hour: 20_000,
            conversations_page_cap: 100,
            messages_page_cap: 100,
            objects_per_call: 3_000,
        }
    }
}

/// Who pays for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payer {
    App,
    User(PersonIndex),
    /// A Page token's call: business use case limits, which win where both apply.
    Page {
        page: PageIndex,
        business_use: BusinessUse,
        rate: Option<Rate>,
        engaged_users: u64,
    },
}

/// A limit per second that a call falls under, beside those of its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rate {
    Conversations,
    Sends,
    MediaSends,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Throttled {
    /// Code 4.
    App,
    /// Code 17.
    User,
    /// Code 80001.
    Pages,
    /// Code 80006.
    Messenger,
    /// Code 613.
    CustomRate,
}

#[derive(Debug)]
pub(crate) struct Limits {
    enforced: AtomicBool,
    config: RwLock<LimitsConfig>,
    app: Mutex<RollingCount>,
    users: Mutex<HashMap<PersonIndex, RollingCount>>,
    pages: RwLock<HashMap<PageIndex, Mutex<PageCounts>>>,
}

#[derive(Debug)]
struct PageCounts {
    pages: RollingCount,
    messenger: RollingCount,
    conversations: TokenBucket,
    sends: TokenBucket,
    media_sends: TokenBucket,
}

impl PageCounts {
    fn new() -> Self {
        Self {
            pages: RollingCount::over(DAY),
            messenger: RollingCount::over(DAY),
            conversations: TokenBucket::new(),
            sends: TokenBucket::new(),
            media_sends: TokenBucket::new(),
        }
    }

    fn take(&mut self, rate: Rate, config: &LimitsConfig, now_ms: Millis) -> bool {
        match rate {
            Rate::Conversations => {
                self.conversations.take(now_ms, config.conversations_per_second, config.conversations_burst)
            }
            // A second's calls may come at once.
            Rate::Sends => self.sends.take(now_ms, config.sends_per_second, config.sends_per_second),
            Rate::MediaSends => {
                self.media_sends.take(now_ms, config.media_sends_per_second, config.media_sends_per_second)
            }
        }
    }
}

impl Limits {
    pub(crate) fn new(config: LimitsConfig, enforced: bool) -> Self {
        Self {
            enforced: AtomicBool::new(enforced),
            config: RwLock::new(config),
            app: Mutex::new(RollingCount::over(HOUR)),
            users: Mutex::default(),
            pages: RwLock::default(),
        }
    }

    pub(crate) fn config(&self) -> LimitsConfig {
        self.config.read().clone()
    }

    pub(crate) fn set_config(&self, config: LimitsConfig) {
        *self.config.write() = config;
    }

    pub(crate) fn enforced(&self) -> bool {
        self.enforced.load(Ordering::Relaxed)
    }

    pub(crate) fn set_enforced(&self, enforced: bool) {
        self.enforced.store(enforced, Ordering::Relaxed);
    }

    /// Forgets all that was counted.
    pub(crate) fn reset(&self) {
        *self.app.lock() = RollingCount::over(HOUR);
        self.users.lock().clear();
        self.pages.write().clear();
    }

    /// Counts a call, also one that is refused: calls while throttled lengthen the block.
    pub(crate) fn charge(&self, payer: Payer, now_ms: Millis) -> (Usage, Option<Throttled>) {
        let config = self.config.read();
        let (usage, throttled) = match payer {
            Payer::App => {
                let usage =
                    self.app.lock().charge(now_ms, config.app_calls_per_user.saturating_mul(config.daily_active_users));
                (Usage::Platform(usage), usage.is_exhausted().then_some(Throttled::App))
            }
            Payer::User(person) => {
                let mut users = self.users.lock();
                let count = users.entry(person).or_insert_with(|| RollingCount::over(HOUR));
                let usage = count.charge(now_ms, config.user_calls_per_hour);
                (Usage::Platform(usage), usage.is_exhausted().then_some(Throttled::User))
            }
            Payer::Page { page, business_use, rate, engaged_users } => self.with_page(page, |counts| {
                charge_page(counts, &config, business_use, rate, engaged_users, page, now_ms)
            }),
        };
        (usage, throttled.filter(|_| self.enforced()))
    }

    fn with_page<T>(&self, page: PageIndex, act: impl Fn(&mut PageCounts) -> T) -> T {
        if let Some(counts) = self.pages.read().get(&page) {
            return act(&mut counts.lock());
        }
        let mut pages = self.pages.write();
        let counts = pages.entry(page).or_insert_with(|| Mutex::new(PageCounts::new()));
        let mut counts = counts.lock();
        act(&mut counts)
    }
}

fn charge_page(
    counts: &mut PageCounts,
    config: &LimitsConfig,
    business_use: BusinessUse,
    rate: Option<Rate>,
    engaged_users: u64,
    page: PageIndex,
    now_ms: Millis,
) -> (Usage, Option<Throttled>) {
    let (count, per_user, refusal) = match business_use {
        BusinessUse::Pages => (&mut counts.pages, config.pages_calls_per_engaged_user, Throttled::Pages),
        BusinessUse::Messenger => {
            (&mut counts.messenger, config.messenger_calls_per_engaged_user, Throttled::Messenger)
        }
    };
    let usage = count.charge(now_ms, per_user.saturating_mul(engaged_users));
    let in_rate = rate.is_none_or(|rate| counts.take(rate, config, now_ms));
    let throttled = if usage.is_exhausted() {
        Some(refusal)
    } else if in_rate {
        None
    } else {
        Some(Throttled::CustomRate)
    };
    (Usage::Business { page, business_use, used: usage }, throttled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Payer = Payer::Page {
        page: PageIndex(0),
        business_use: BusinessUse::Messenger,
        rate: Some(Rate::Conversations),
        engaged_users: 1_000,
    };

    #[test]
    fn conversations_are_read_twice_a_second_after_the_burst() {
        let limits = Limits::new(LimitsConfig::default(), true);
        let refused = |now_ms| limits.charge(PAGE, now_ms).1;
        for _ in 0..4 {
            assert_eq!(refused(1_000_000), None);
        }
        assert_eq!(refused(1_000_000), Some(Throttled::CustomRate));
        assert_eq!(refused(1_002_000), None);
        for call in 1..50 {
            assert_eq!(refused(1_002_000 + 500 * call), None);
        }
    }

    #[test]
    fn audio_and_video_are_sent_more_slowly_than_text() {
        let limits = Limits::new(LimitsConfig::default(), true);
        let sent = |rate| {
            let payer = Payer::Page {
                page: PageIndex(2),
                business_use: BusinessUse::Messenger,
                rate: Some(rate),
                engaged_users: 1_000,
            };
            (0..1_000).filter(|_| limits.charge(payer, 1_000_000).1.is_none()).count()
        };
        assert_eq!((sent(Rate::Sends), sent(Rate::MediaSends)), (300, 10));
    }

    #[test]
    fn messenger_calls_of_a_day_are_bounded_by_the_engaged_users() {
        let limits = Limits::new(LimitsConfig { messenger_calls_per_engaged_user: 1, ..LimitsConfig::default() }, true);
        let payer =
            Payer::Page { page: PageIndex(1), business_use: BusinessUse::Messenger, rate: None, engaged_users: 10 };
        let calls = (0..20).filter(|call| limits.charge(payer, call * HOUR / 2).1.is_none()).count();
        assert_eq!(calls, 9);
        assert_eq!(limits.charge(payer, 9 * HOUR + 3 * DAY).1, None);
        limits.set_enforced(false);
        assert!((0..20).all(|_| limits.charge(payer, 12 * DAY).1.is_none()));
    }
}
