//! The result of a connect run, as its row keeps it for the routes that show it.

use pagekeeper_common::domain::connection::ConnectionReason;
use pagekeeper_common::domain::ids::{ConnectionId, PageId};
use pagekeeper_common::graph::ManagedPage;
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConnectReport {
    /// Pages that the person manages.
    pub(super) pages: usize,
    pub(super) connected: usize,
    pub(super) results: Vec<PageResult>,
    /// Permissions that were asked for and not granted.
    pub(super) missing_scopes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageResult {
    pub(super) page_id: PageId,
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

    pub(super) fn add_refused(&mut self, page: &ManagedPage, reason: ConnectionReason) {
        self.results.push(PageResult {
            page_id: page.id.clone(),
            name: page.name.clone(),
            success: false,
            connection_id: None,
            error: Some(reason),
        });
    }

    /// A Page that is stored; with an error where Facebook does not send its webhooks.
    pub(super) fn add_stored(&mut self, page: &ManagedPage, id: ConnectionId, error: Option<ConnectionReason>) {
        self.connected += usize::from(error.is_none());
        self.results.push(PageResult {
            page_id: page.id.clone(),
            name: page.name.clone(),
            success: error.is_none(),
            connection_id: Some(id),
            error,
        });
    }
}

impl PageResult {
    fn to_json(&self) -> Value {
        json!({
            "page_id": self.page_id.as_str(),
            "name": self.name,
            "success": self.success,
            "connection_id": self.connection_id.map(ConnectionId::get),
            "error": self.error.map(ConnectionReason::as_str),
        })
    }
}
