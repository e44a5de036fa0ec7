//! Where a Page talks with people: its own inbox, or that of the Instagram account that is linked to it.

use serde::{Deserialize, Serialize};

use super::ids::PageIndex;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Surface {
    #[default]
    Messenger,
    Instagram,
}

impl Surface {
    pub(crate) const ALL: [Self; 2] = [Self::Messenger, Self::Instagram];

    /// `object` of its webhooks.
    pub(crate) fn object(self) -> &'static str {
        match self {
            Self::Messenger => "page",
            Self::Instagram => "instagram",
        }
    }

    pub(crate) fn of_object(object: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|surface| surface.object() == object)
    }
}

/// Inboxes of Instagram accounts count from here; below it stands the Page's own.
const FIRST_INSTAGRAM: u16 = 1 << 15;

impl PageIndex {
    /// Pages in a world.
    pub(crate) const MOST: u16 = FIRST_INSTAGRAM;

    pub(crate) fn surface(self) -> Surface {
        if self.0 < FIRST_INSTAGRAM { Surface::Messenger } else { Surface::Instagram }
    }

    /// The Page itself.
    pub(crate) fn owner(self) -> Self {
        Self(self.0 & (FIRST_INSTAGRAM - 1))
    }

    /// The inbox of the Page's Instagram account.
    pub(crate) fn instagram(self) -> Self {
        Self(self.0 | FIRST_INSTAGRAM)
    }
}
