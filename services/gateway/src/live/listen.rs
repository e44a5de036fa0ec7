//! The live queue: every fact of every account comes to each gateway, which keeps those that somebody here reads.

use pagekeeper_bus::{Incoming, Live, LiveQueue};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, ConversationId, MessageRowId, RunId};
use pagekeeper_contracts::v1::{ConnectionChanged, ConversationsChanged, MediaRefreshed, RunProgressed};
use pagekeeper_contracts::{Contract as _, Exchange};
use tokio_util::sync::CancellationToken;

use super::hub::{Hint, Hub};
use crate::connections::briefs::BriefCache;

/// What the live queue is bound to.
pub(crate) fn bindings() -> Vec<(Exchange, String)> {
    [ConversationsChanged::TYPE, ConnectionChanged::TYPE, RunProgressed::TYPE, MediaRefreshed::TYPE]
        .map(|fact| (Exchange::Events, format!("{fact}.*")))
        .into()
}

/// Hands hints to the hub until `stop`; what they say of connections is forgotten first.
pub(crate) async fn listen(mut queue: LiveQueue, hub: Hub, briefs: BriefCache, stop: CancellationToken) {
    loop {
        let live = tokio::select! {
            () = stop.cancelled() => return,
            live = queue.recv() => live,
        };
        match live {
            // The bus was closed: the process is at its end.
            None => return,
            Some(Live::Resync) => {
                briefs.forget_all();
                hub.resync_all();
            }
            Some(Live::Message(incoming)) => pass_on(&incoming, &hub, &briefs).await,
        }
    }
}

async fn pass_on(incoming: &Incoming, hub: &Hub, briefs: &BriefCache) {
    let Some((account, hint)) = hint_of(incoming) else {
        tracing::warn!(area = "live", kind = incoming.kind, "a hint was not understood");
        return;
    };
    if matches!(hint, Hint::Connection { .. }) {
        briefs.forget(account).await;
    }
    hub.publish(account, hint);
}

fn hint_of(incoming: &Incoming) -> Option<(AccountId, Hint)> {
    if let Ok(fact) = incoming.decode::<ConversationsChanged>() {
        let ids = fact.conversation_ids.into_iter().map(ConversationId::new).collect();
        return Some((AccountId::new(fact.account_id), Hint::Conversations { ids, version: fact.version }));
    }
    if let Ok(fact) = incoming.decode::<ConnectionChanged>() {
        return Some((AccountId::new(fact.account_id), Hint::Connection { id: ConnectionId::new(fact.connection_id) }));
    }
    if let Ok(fact) = incoming.decode::<MediaRefreshed>() {
        let hint = Hint::Media { message: MessageRowId::new(fact.message_id), outcome: fact.outcome() };
        return Some((AccountId::new(fact.account_id), hint));
    }
    let fact = incoming.decode::<RunProgressed>().ok()?;
    let parent = (fact.parent_run_id != 0).then(|| RunId::new(fact.parent_run_id));
    let hint = Hint::Run { id: RunId::new(fact.run_id), parent, ended: fact.ended };
    Some((AccountId::new(fact.account_id), hint))
}
