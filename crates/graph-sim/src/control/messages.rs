//! Messages by hand: a customer writes, or somebody answers in Meta's Page inbox.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::json;

use super::error::{ControlError, Controlled, done, ok};
use super::{customers, pages};
use crate::changes::Sent;
use crate::server::base_url;
use crate::simulator::Simulator;
use crate::webhooks::acts::Act;
use crate::webhooks::messages::Draft;
use crate::world::Page;
use crate::world::draw::Draw;
use crate::world::message_change::MessageChange;
use crate::world::thread::{Attachment, AttachmentKind};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageBody {
    psid: Option<String>,
    /// A new customer of this name, where there is none with that name among the new ones.
    customer_name: Option<String>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    attachments: Vec<AttachmentBody>,
    /// So many messages at once, numbered where more than one.
    #[serde(default = "one")]
    count: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttachmentBody {
    #[serde(rename = "type")]
    kind: AttachmentKind,
    url: Option<String>,
}

fn one() -> u32 {
    1
}

pub(super) async fn customer_writes(
    path: Path<String>,
    body: Json<MessageBody>,
    sim: Data<Simulator>,
    http: HttpRequest,
) -> Controlled {
    let page = pages::found(&sim, &path)?;
    let conversation = match (&body.psid, &body.customer_name) {
        (Some(psid), None) => customers::found(&sim, page, psid)?,
        (None, Some(name)) => sim.add_customer(page, name.clone()),
        _ => return Err(ControlError::Invalid("name psid or customer_name".to_owned())),
    };
    write(&sim, page, conversation, &body, |draft| {
        sim.customer_writes(page, conversation, draft, &base_url(&sim, &http))
    })
}

pub(super) async fn page_inbox_writes(
    path: Path<String>,
    body: Json<MessageBody>,
    sim: Data<Simulator>,
    http: HttpRequest,
) -> Controlled {
    let page = pages::found(&sim, &path)?;
    let psid = body.psid.as_deref().ok_or_else(|| ControlError::Invalid("psid is missing".to_owned()))?;
    let conversation = customers::found(&sim, page, psid)?;
    write(&sim, page, conversation, &body, |draft| {
        sim.page_inbox_writes(page, conversation, draft, &base_url(&sim, &http))
    })
}

fn write(
    sim: &Simulator,
    page: &Page,
    conversation: u32,
    body: &MessageBody,
    mut send: impl FnMut(Draft) -> Sent,
) -> Controlled {
    const MOST: u32 = 100_000;
    if !(1..=MOST).contains(&body.count) {
        return Err(ControlError::Invalid(format!("count is from 1 to {MOST}")));
    }
    if body.text.is_empty() && body.attachments.is_empty() {
        return Err(ControlError::Invalid("a message has a text or attachments".to_owned()));
    }
    let sent: Vec<_> = (1..=body.count)
        .map(|number| {
            let text = if body.count == 1 { body.text.clone() } else { format!("{} {number}", body.text) };
            let message = send(Draft { text, attachments: attachments(sim, body) });
            json!({ "mid": message.mid, "timestamp": message.message.at_ms })
        })
        .collect();
    let key = page.conversation(conversation);
    ok(&json!({ "psid": sim.world.ids.psid(key), "conversation_id": sim.world.ids.thread(key), "messages": sent }))
}

fn attachments(sim: &Simulator, body: &MessageBody) -> Vec<Attachment> {
    let draw = Draw::seeded(0).named(&sim.trace_id());
    (0..)
        .zip(&body.attachments)
        .map(|(place, attachment)| Attachment {
            kind: attachment.kind,
            url: attachment.url.clone(),
            id: 1_000_000_000 + draw.at(place).below(900_000_000),
        })
        .collect()
}

/// People change a message: they write it anew, take it back, react to it.
pub(super) async fn change(
    path: Path<(String, String)>,
    body: Json<MessageChange>,
    sim: Data<Simulator>,
) -> Controlled {
    let page = pages::found(&sim, &path.0)?;
    let key = sim.world.ids.parse_message(&path.1).filter(|key| key.conversation.page == page.index);
    let changed = key.and_then(|key| sim.people_change_message(page, key, &body));
    changed.ok_or(ControlError::NotFound("the Page has no such message"))?;
    done()
}

pub(super) async fn customer_acts(path: Path<(String, String)>, body: Json<Act>, sim: Data<Simulator>) -> Controlled {
    let page = pages::found(&sim, &path.0)?;
    let conversation = customers::found(&sim, page, &path.1)?;
    sim.customer_acts(page, conversation, &body);
    done()
}
