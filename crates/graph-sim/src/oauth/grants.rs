//! What each person allows the app: remembered by Facebook until changed, whatever tokens there are.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::locks::RwLock;
use crate::world::ids::PersonIndex;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) granted: BTreeSet<String>,
    /// Not asked again without `auth_type=rerequest`.
    pub(crate) declined: BTreeSet<String>,
    /// Ids of the ticked Pages; `None`: all, also those to come.
    pub(crate) pages: Option<BTreeSet<String>>,
    /// End of data access, in seconds.
    pub(crate) data_access_expires_at: i64,
}

impl Grant {
    pub(crate) fn allows(&self, permission: &str) -> bool {
        self.granted.contains(permission)
    }

    pub(crate) fn covers_page(&self, page_id: &str) -> bool {
        self.pages.as_ref().is_none_or(|pages| pages.contains(page_id))
    }

    /// The dialog's answer, laid over what was decided before.
    pub(crate) fn decided(
        mut self,
        granted: BTreeSet<String>,
        declined: BTreeSet<String>,
        pages: Option<BTreeSet<String>>,
    ) -> Self {
        self.declined.retain(|permission| !granted.contains(permission));
        self.granted.retain(|permission| !declined.contains(permission));
        self.granted.extend(granted);
        self.declined.extend(declined);
        self.pages = pages;
        self
    }
}

#[derive(Debug, Default)]
pub(crate) struct Grants(RwLock<BTreeMap<PersonIndex, Grant>>);

impl Grants {
    pub(crate) fn of(&self, person: PersonIndex) -> Grant {
        self.0.read().get(&person).cloned().unwrap_or_default()
    }

    pub(crate) fn set(&self, person: PersonIndex, grant: Grant) {
        self.0.write().insert(person, grant);
    }

    pub(crate) fn allows(&self, person: PersonIndex, permission: &str) -> bool {
        self.0.read().get(&person).is_some_and(|grant| grant.allows(permission))
    }

    /// In seconds.
    pub(crate) fn data_access_expires_at(&self, person: PersonIndex) -> i64 {
        self.0.read().get(&person).map_or(0, |grant| grant.data_access_expires_at)
    }

    pub(crate) fn covers_page(&self, person: PersonIndex, page_id: &str) -> bool {
        self.0.read().get(&person).is_some_and(|grant| grant.covers_page(page_id))
    }

    pub(crate) fn all(&self) -> Vec<(PersonIndex, Grant)> {
        self.0.read().iter().map(|(person, grant)| (*person, grant.clone())).collect()
    }
}
