//! What a connect run leaves in its row: which Pages there were, and what became of each.

use pagekeeper_common::domain::connection::{ConnectionReason, ConnectionType};
use serde::Deserialize;
use serde_json::Value;

/// Written by sync-worker; absent until the run has stored its Pages.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ConnectResult {
    pub(crate) pages: usize,
    pub(crate) connected: usize,
    pub(crate) results: Vec<PageResult>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PageResult {
    pub(crate) page_id: String,
    /// Absent in results of an earlier version: a Page.
    #[serde(default = "facebook")]
    pub(crate) connection_type: ConnectionType,
    pub(crate) name: String,
    pub(crate) success: bool,
    pub(crate) connection_id: Option<i64>,
    /// A [`ConnectionReason`]'s name.
    error: Option<String>,
}

fn facebook() -> ConnectionType {
    ConnectionType::Facebook
}

impl ConnectResult {
    /// Another version's result may have another shape; then nothing is shown of it.
    pub(crate) fn parse(result: &Value) -> Self {
        Self::deserialize(result).unwrap_or_default()
    }

    pub(crate) fn unconnected(&self) -> impl Iterator<Item = &PageResult> {
        self.results.iter().filter(|page| !page.success)
    }
}

impl PageResult {
    /// Why it was not connected.
    pub(crate) fn reason(&self) -> ConnectionReason {
        self.error.as_deref().and_then(ConnectionReason::parse).unwrap_or(ConnectionReason::FacebookUnavailable)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_tells_connected_pages_from_others() {
        let result = ConnectResult::parse(&json!({"pages": 2, "connected": 1, "missing_scopes": [], "results": [
            {"page_id": "1", "name": "Nord", "success": true, "connection_id": 7, "error": null},
            {"page_id": "2", "name": "Syd", "success": false, "connection_id": null, "error": "task_missing"},
        ]}));
        let unconnected: Vec<_> = result.unconnected().map(|page| (page.name.as_str(), page.reason())).collect();
        assert_eq!(unconnected, [("Syd", ConnectionReason::TaskMissing)]);
        assert_eq!((result.pages, result.connected), (2, 1));
    }

    #[test]
    fn a_result_of_another_shape_shows_nothing() {
        assert!(ConnectResult::parse(&json!({"results": "many"})).results.is_empty());
    }
}
