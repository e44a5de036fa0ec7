//! The result of a connect run, as its row keeps it for the routes that show it.

use pagekeeper_common::domain::connection::{ConnectionReason, ConnectionType};
use pagekeeper_common::domain::ids::{ConnectionId, PageId};
use pagekeeper_common::graph::ManagedPage;
use serde_json::{Value, json};

use super::pages::StoredPage;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConnectReport {
    /// Pages that the person manages.
    pub(super) pages: usize,
    /// Of these, those that are connected; their Instagram accounts are not counted, and stand in the results.
    pub(super) connected: usize,
    pub(super) results: Vec<PageResult>,
    /// Permissions that were asked for and not granted.
    pub(super) missing_scopes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageResult {
    pub(super) page_id: PageId,
    pub(super) connection_type: ConnectionType,
    pub(super) name: Option<String>,
    pub(super) success: bool,
    pub(super) connection_id: Option<ConnectionId>,
    pub(super) error: Option<ConnectionReason>,
}

impl ConnectReport {
    pub(super) fn new(pages: usize, missing_scopes: Vec<String>) -> Self {
        Self { pages, connected: 0, results: Vec::with_capacity(pages), missing_scopes }
    }

    pub(super) fn to_json(&self) -> Value {
        let results: Vec<_> = self.results.iter().map(PageResult::to_json).collect();
        json!({
            "pages": self.pages,
            "connected": self.connected,
            "results": results,
            "missing_scopes": self.missing_scopes,
        })
    }

    pub(super) fn add_refused(
        &mut self,
        page: &ManagedPage,
        connection_type: ConnectionType,
        reason: ConnectionReason,
    ) {
        self.results.push(PageResult {
            page_id: page.id.clone(),
            connection_type,
            name: page.name.clone(),
            success: false,
            connection_id: None,
            error: Some(reason),
        });
    }

    /// A Page that is stored; with an error where Facebook does not send its webhooks.
    pub(super) fn add_stored(&mut self, stored: &StoredPage, error: Option<ConnectionReason>) {
        let is_page = stored.connection_type == ConnectionType::Facebook;
        self.connected += usize::from(is_page && error.is_none());
        self.results.push(PageResult {
            page_id: stored.page.id.clone(),
            connection_type: stored.connection_type,
            name: stored.page.name.clone(),
            success: error.is_none(),
            connection_id: Some(stored.connection_id),
            error,
        });
    }
}

impl PageResult {
    fn to_json(&self) -> Value {
        json!({
            "page_id": self.page_id.as_str(),
            "connection_type": self.connection_type.as_str(),
            "name": self.name,
            "success": self.success,
            "connection_id": self.connection_id.map(ConnectionId::get),
            "error": self.error.map(ConnectionReason::as_str),
        })
    }
}
