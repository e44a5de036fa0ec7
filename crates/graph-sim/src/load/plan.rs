//! What a load sends: how much, how fast, to whom.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::simulator::Simulator;
use crate::world::draw::Draw;
use crate::world::ids::PageIndex;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoadPlan {
    pub(crate) total: u64,
    /// Messages per real second; as fast as possible where not given.
    #[serde(default)]
    pub(crate) rate: Option<f64>,
    /// Ids of Pages; all subscribed ones where empty.
    #[serde(default)]
    pub(crate) pages: Vec<String>,
    /// Conversations of each Page that take part, newest of the history first; all where not given.
    #[serde(default)]
    pub(crate) conversations: Option<u32>,
    /// Of a hundred messages, so many come from customers who never wrote before.
    #[serde(default)]
    pub(crate) new_customers_percent: u64,
    /// Of a hundred messages, so many are written in the Page inbox.
    #[serde(default)]
    pub(crate) echo_percent: u64,
    /// While the load runs; see the settings of webhooks.
    #[serde(default)]
    pub(crate) duplicate_percent: Option<u64>,
    #[serde(default)]
    pub(crate) reorder_percent: Option<u64>,
    #[serde(default)]
    pub(crate) seed: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PlanRefused {
    #[error("total is from 1 to 1,000,000")]
    Total,
    #[error("rate is above 0")]
    Rate,
    #[error("there is no Page {0}")]
    Page(String),
    #[error("no Page is subscribed")]
    NobodySubscribed,
}

/// To whom one message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) page: PageIndex,
    /// `None`: a new customer.
    pub(super) conversation: Option<u32>,
    pub(super) from_page: bool,
}

impl LoadPlan {
    /// Puts the Pages' ids in where none are named.
    pub(crate) fn checked(mut self, sim: &Simulator) -> Result<Self, PlanRefused> {
        const MOST: u64 = 1_000_000;
        if !(1..=MOST).contains(&self.total) {
            return Err(PlanRefused::Total);
        }
        if self.rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
            return Err(PlanRefused::Rate);
        }
        if let Some(unknown) = self.pages.iter().find(|page| sim.world.page_by_id(page).is_none()) {
            return Err(PlanRefused::Page(unknown.clone()));
        }
        if self.pages.is_empty() {
            let subscribed = sim.world.pages().iter().filter(|page| !sim.webhooks.page_fields(page.index).is_empty());
            self.pages = subscribed.map(|page| page.id.clone()).collect();
        }
        if self.pages.is_empty() { Err(PlanRefused::NobodySubscribed) } else { Ok(self) }
    }

    /// Messages sent at once, at most `most`: fewer at a low rate, so that it is even.
    pub(super) fn slice(&self, most: u64) -> u64 {
        match self.rate {
            Some(rate) if rate < 1_000.0 => 1,
            _ => most,
        }
    }

    /// When the message of that number is due, after the start.
    pub(super) fn due(&self, number: u64) -> Option<Duration> {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        Duration::try_from_secs_f64(f64::from(number) / self.rate?).ok()
    }

    pub(super) fn choose(&self, sim: &Simulator, number: u64) -> Option<Chosen> {
        let draw = Draw::seeded(self.seed).named("load").at(number);
        let count = u64::try_from(self.pages.len()).unwrap_or(0);
        let page = sim.world.page_by_id(self.pages.get(usize::try_from(draw.at(0).below(count)).unwrap_or(0))?)?;
        let generated = page.inbox.read().generated_conversations();
        let taking_part = self.conversations.map_or(generated, |conversations| conversations.min(generated));
        let is_new = taking_part == 0 || draw.at(1).below(100) < self.new_customers_percent;
        let known = u32::try_from(draw.at(2).below(u64::from(taking_part))).unwrap_or(0);
        Some(Chosen {
            page: page.index,
            conversation: (!is_new).then_some(known),
            from_page: !is_new && draw.at(3).below(100) < self.echo_percent,
        })
    }
}
