//! Whether a Page can be connected, and if not, why. PURE.

use std::collections::{HashMap, HashSet};

use pagekeeper_common::domain::connection::{ConnectionReason, decide_connectable};
use pagekeeper_common::graph::{ManagedPage, TokenInfo};

/// The permissions that a person granted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct GrantedScopes {
    scopes: HashSet<String>,
    /// Permissions that were granted for some Pages only.
    limited_to: HashMap<String, HashSet<String>>,
}

impl GrantedScopes {
    pub(super) fn of(info: TokenInfo) -> Self {
        let limited_to = info
            .granular_scopes
            .into_iter()
            .filter_map(|granular| Some((granular.scope, granular.target_ids?.into_iter().collect())))
            .collect();
        Self { scopes: info.scopes.into_iter().collect(), limited_to }
    }

    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.contains(scope)
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.scopes.iter().cloned().collect();
        names.sort_unstable();
        names
    }

    fn has_for(&self, scope: &str, page_id: &str) -> bool {
        self.has(scope) && self.limited_to.get(scope).is_none_or(|pages| pages.contains(page_id))
    }
}

/// The person's role first: without it, granting more does not help.
pub(super) fn decide_page(
    page: &ManagedPage,
    granted: &GrantedScopes,
    required: &[String],
) -> Result<(), ConnectionReason> {
    let decision = decide_connectable(&page.tasks, page.token.is_some());
    let has_permissions = required.iter().all(|scope| granted.has_for(scope, page.id.as_str()));
    match decision {
        Err(ConnectionReason::TaskMissing) => decision,
        _ if !has_permissions => Err(ConnectionReason::PermissionMissing),
        _ => decision,
    }
}

#[cfg(test)]
mod tests {
    use pagekeeper_common::domain::ids::PageId;
    use pagekeeper_common::domain::token::AccessToken;

    use super::*;

    fn page(tasks: &[&str]) -> ManagedPage {
        ManagedPage {
            id: PageId::parse("100").unwrap(),
            name: None,
            category: None,
            username: None,
            tasks: tasks.iter().map(ToString::to_string).collect(),
            token: Some(AccessToken::new("EAA")),
            picture_url: None,
            instagram: None,
            via_business: false,
        }
    }

    fn granted(scopes: &[&str], limited_to: &[(&str, &[&str])]) -> GrantedScopes {
        GrantedScopes {
            scopes: scopes.iter().map(ToString::to_string).collect(),
            limited_to: limited_to
                .iter()
                .map(|(scope, pages)| ((*scope).to_owned(), pages.iter().map(ToString::to_string).collect()))
                .collect(),
        }
    }

    #[test]
    fn a_page_needs_the_role_every_permission_and_a_token() {
        let required = ["pages_messaging".to_owned()];
        let all = granted(&["pages_messaging"], &[]);
        assert_eq!(decide_page(&page(&["MESSAGING"]), &all, &required), Ok(()));
        assert_eq!(decide_page(&page(&["ANALYZE"]), &all, &required), Err(ConnectionReason::TaskMissing));
        assert_eq!(
            decide_page(&page(&["MESSAGING"]), &granted(&["email"], &[]), &required),
            Err(ConnectionReason::PermissionMissing)
        );
        let without_token = ManagedPage { token: None, ..page(&["MESSAGING"]) };
        assert_eq!(decide_page(&without_token, &all, &required), Err(ConnectionReason::NoToken));
    }

    #[test]
    fn a_permission_granted_for_other_pages_is_missing() {
        let required = ["pages_messaging".to_owned()];
        let others = granted(&["pages_messaging"], &[("pages_messaging", &["200"])]);
        assert_eq!(decide_page(&page(&["MESSAGING"]), &others, &required), Err(ConnectionReason::PermissionMissing));
        let this = granted(&["pages_messaging"], &[("pages_messaging", &["100", "200"])]);
        assert_eq!(decide_page(&page(&["MESSAGING"]), &this, &required), Ok(()));
    }
}
