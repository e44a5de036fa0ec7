//! Webhooks that did not come: noticed by the sync that finds what they should have told, which has filled the gap already.
//! The Page is subscribed again, and it is told (SPEC K4).

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::deafness::{Deafness, Heard, unheard};
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_limits::{CallError, CallKind};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::connections::{self, Connection, NewIncident};

use super::PageSync;
use crate::runs::RunError;

impl PageSync<'_> {
    /// After all that changed is stored.
    pub(super) async fn listen_again(&mut self, connection: &Connection) -> Result<(), RunError> {
        if self.held.run.kind != RunKind::Incremental {
            return Ok(());
        }
        let heard = Heard {
            webhook_at: connection.last_webhook_at,
            subscribed_at: connection.subscribed_at,
            known_up_to: connection.sync_watermark,
            happened_at: self.held.run.cursor.newest,
        };
        match unheard(heard, self.parts.clock.now()) {
            Some(happened_at) => self.subscribe_again(connection, happened_at).await,
            None => Ok(()),
        }
    }

    async fn subscribe_again(&mut self, connection: &Connection, happened_at: DateTime<Utc>) -> Result<(), RunError> {
        let wanted: Vec<&str> = self.parts.config.connect.subscribed_fields.iter().map(String::as_str).collect();
        let (graph, auth, page_id, wanted) = (&self.parts.graph, &self.auth, &self.page.page_id, wanted.as_slice());
        let lane = self.held.run.lane();
        let limits = &self.parts.limits;
        let look = limits
            .call(CallKind::Page(page_id), lane, 1, &mut self.held.meter, || graph.page_subscription(auth, page_id));
        let kind = match look.await {
            Ok(Some(fields)) if wanted.iter().all(|wanted| fields.iter().any(|field| field == wanted)) => {
                Deafness::Silent
            }
            Ok(_) => Deafness::Unsubscribed,
            // The next sync looks again.
            Err(CallError::Store(error)) => return Err(error.into()),
            Err(CallError::Graph(_) | CallError::Throttled(_)) => return Ok(()),
        };
        let subscribe = limits.call(CallKind::Page(page_id), lane, 1, &mut self.held.meter, || {
            graph.subscribe_page(auth, page_id, wanted)
        });
        let subscribed_again = match subscribe.await {
            Ok(()) => true,
            Err(CallError::Store(error)) => return Err(error.into()),
            Err(error @ (CallError::Graph(_) | CallError::Throttled(_))) => {
                tracing::warn!(area = "webhook", connection.id = %connection.id, error = %Chain(&error), "the Page could not be subscribed again");
                false
            }
        };
        let incident = NewIncident {
            account_id: connection.account_id,
            connection_id: connection.id,
            kind,
            heard_at: connection.last_webhook_at,
            happened_at,
            subscribed_again,
            found_by: self.held.run.id,
        };
        self.held.keep().await?;
        let keep = async |tx: &mut _| {
            connections::add_incident(tx, &incident).await?;
            if subscribed_again {
                connections::mark_subscribed(tx, incident.connection_id).await?;
            }
            Ok::<_, pagekeeper_store::StoreError>(())
        };
        self.parts.store.accounts(&[connection.account_id], keep).await?;
        metrics::counter!("pagekeeper_webhooks_unheard_total", "kind" => kind.as_str()).increment(1);
        tracing::warn!(
            area = "webhook",
            account.id = %connection.account_id,
            connection.id = %connection.id,
            kind = kind.as_str(),
            subscribed_again,
            "webhooks of a Page did not come: what they should have told was fetched"
        );
        self.parts.facts.connection_changed(connection.account_id, connection.id, &connection.page_id);
        Ok(())
    }
}
