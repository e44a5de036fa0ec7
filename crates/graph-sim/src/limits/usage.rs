//! How much of a limit is used, and the headers that say so.

use serde_json::json;

use crate::world::ids::PageIndex;

/// The `type` of a business use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BusinessUse {
    Pages,
    Messenger,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Percent {
    pub(super) percent: u64,
    pub(super) minutes_to_regain: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    Platform(Percent),
    Business { page: PageIndex, business_use: BusinessUse, used: Percent },
}

impl Percent {
    /// "Throttling when any reaches 100."
    pub(super) fn is_exhausted(self) -> bool {
        self.percent >= 100
    }
}

impl Usage {
    /// Name and value of the header; values are whole percentages, the time is in minutes.
    pub(crate) fn header(self, page_id: &str) -> (&'static str, String) {
        match self {
            Self::Platform(used) => {
                let value = json!({
                    "call_count": used.percent,
                    "total_time": used.percent / 2,
                    "total_cputime": used.percent / 3,
                });
                ("x-app-usage", value.to_string())
            }
            Self::Business { business_use, used, .. } => {
                let value = json!({ page_id: [{
                    "type": match business_use { BusinessUse::Pages => "pages", BusinessUse::Messenger => "messenger" },
                    "call_count": used.percent,
                    "total_cputime": used.percent / 3,
                    "total_time": used.percent / 2,
                    "estimated_time_to_regain_access": used.minutes_to_regain,
                }] });
                ("x-business-use-case-usage", value.to_string())
            }
        }
    }

    pub(crate) fn page(self) -> Option<PageIndex> {
        match self {
            Self::Platform(_) => None,
            Self::Business { page, .. } => Some(page),
        }
    }
}
