//! Customers of a Page and their threads.

use actix_web::web::{Data, Json, Path, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{ControlError, Controlled, ok};
use super::pages;
use crate::simulator::Simulator;
use crate::world::Page;
use crate::world::ids::MessageKey;
use crate::world::inbox::Inbox;
use crate::world::thread::CustomerChange;

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    /// Part of the name, in any case; looked for among the newest 10,000.
    q: Option<String>,
    #[serde(default = "fifty")]
    limit: usize,
}

fn fifty() -> usize {
    50
}

const MOST_LISTED: usize = 1_000;
const MOST_SEARCHED: usize = 10_000;

pub(super) async fn list(path: Path<String>, query: Query<ListQuery>, sim: Data<Simulator>) -> Controlled {
    let page = pages::found(&sim, &path)?;
    let inbox = page.inbox.read();
    let limit = query.limit.min(MOST_LISTED);
    let wanted = query.q.as_deref().unwrap_or_default().to_lowercase();
    let seen = if wanted.is_empty() { limit } else { MOST_SEARCHED };
    let shown: Vec<_> = inbox
        .list_after(None, seen)
        .into_iter()
        .filter(|conversation| {
            wanted.is_empty() || inbox.customer_name(*conversation).full().to_lowercase().contains(&wanted)
        })
        .take(limit)
        .map(|conversation| shown(&sim, page, &inbox, conversation))
        .collect();
    ok(&shown)
}

fn shown(sim: &Simulator, page: &Page, inbox: &Inbox, conversation: u32) -> Value {
    let key = page.conversation(conversation);
    json!({
        "psid": sim.world.ids.psid(key),
        "name": inbox.customer_name(conversation).full(),
        "conversation_id": sim.world.ids.thread(key),
        "unread_count": inbox.unread_count(conversation),
        "labels": page.records.read().labels_of(conversation).map(|(_, name)| name.to_owned()).collect::<Vec<_>>(),
        "blocked": page.records.read().is_blocked(conversation),
        "spam": page.records.read().is_spam(conversation),
        "controlled_by": page.records.read().thread_controller(conversation),
        "message_count": inbox.message_count(conversation),
        "last_text": inbox.message_from_newest(conversation, 0).map(|message| message.text),
        "updated_ms": inbox.updated_ms(conversation),
    })
}

pub(super) async fn change(
    path: Path<(String, String)>,
    body: Json<CustomerChange>,
    sim: Data<Simulator>,
) -> Controlled {
    let page = pages::found(&sim, &path.0)?;
    let conversation = found(&sim, page, &path.1)?;
    sim.change_customer(page, conversation, body.into_inner());
    ok(&shown(&sim, page, &page.inbox.read(), conversation))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ThreadOwnerBody {
    /// Another app that takes the conversation; none: the app gets it back.
    app_id: Option<String>,
}

pub(super) async fn set_thread_owner(
    path: Path<(String, String)>,
    body: Json<ThreadOwnerBody>,
    sim: Data<Simulator>,
) -> Controlled {
    let page = pages::found(&sim, &path.0)?;
    let conversation = found(&sim, page, &path.1)?;
    let app_id = body.into_inner().app_id.filter(|app_id| *app_id != sim.config.app.id);
    sim.control_thread(page, conversation, app_id);
    ok(&shown(&sim, page, &page.inbox.read(), conversation))
}

#[derive(Debug, Deserialize)]
pub(super) struct ThreadQuery {
    #[serde(default = "fifty")]
    limit: usize,
}

/// Newest first.
pub(super) async fn thread(
    path: Path<(String, String)>,
    query: Query<ThreadQuery>,
    sim: Data<Simulator>,
) -> Controlled {
    let page = pages::found(&sim, &path.0)?;
    let conversation = found(&sim, page, &path.1)?;
    let inbox = page.inbox.read();
    let messages: Vec<_> = (0..)
        .map_while(|back| inbox.message_from_newest(conversation, back))
        .take(query.limit.min(MOST_LISTED))
        .map(|message| {
            let key = MessageKey { conversation: page.conversation(conversation), index: message.index };
            json!({
                "mid": sim.world.ids.message(key), "from_page": message.from_page, "text": message.text,
                "timestamp": message.at_ms, "attachments": message.attachments,
            })
        })
        .collect();
    ok(&messages)
}

pub(super) fn found(sim: &Simulator, page: &Page, psid: &str) -> Result<u32, ControlError> {
    let key = sim.world.ids.parse_psid(psid).filter(|key| key.page == page.index);
    key.map(|key| key.index)
        .filter(|conversation| page.inbox.read().has_customer(*conversation))
        .ok_or(ControlError::NotFound("the Page has no such customer"))
}
