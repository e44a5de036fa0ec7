//! What a refused call says of a Page's connection.

use pagekeeper_common::domain::connection::ConnectionState;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, CredentialId, PageId};
use pagekeeper_common::graph::Decision;
use pagekeeper_store::{StoreError, connections, credentials};

use crate::parts::Parts;

/// A Page and the token that its calls go with.
#[derive(Debug, Clone, Copy)]
pub struct CalledPage<'a> {
    pub account_id: AccountId,
    pub connection_id: ConnectionId,
    pub page_id: &'a PageId,
    pub token_id: CredentialId,
}

/// Marks the connection, and the token, where waiting does not help but a person who logs in again may.
pub async fn mark_trouble(parts: &Parts, page: CalledPage<'_>, decision: Decision) -> Result<(), StoreError> {
    if !needs_login(decision) {
        return Ok(());
    }
    let reason = decision.connection_reason();
    let changed = parts
        .store
        .accounts(&[page.account_id], async |tx| {
            if decision.is_token_failure() {
                credentials::mark_invalid(tx, page.token_id).await?;
            }
            let state = ConnectionState::ReauthorizationRequired;
            connections::mark_troubled(tx, page.connection_id, state, reason).await
        })
        .await?;
    if changed {
        tracing::warn!(
            area = "token",
            account.id = %page.account_id,
            connection.id = %page.connection_id,
            reason = reason.as_str(),
            "the Page needs a new login"
        );
        parts.facts.connection_changed(page.account_id, page.connection_id, page.page_id);
    }
    Ok(())
}

fn needs_login(decision: Decision) -> bool {
    decision.is_token_failure() || matches!(decision, Decision::PermissionMissing | Decision::Gone)
}
