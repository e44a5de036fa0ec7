//! What people do beside writing: they edit, take back, react, read, and press buttons.

use serde::Deserialize;
use serde_json::{Value, json};

use super::event::{Event, Receiver, messaging_entry};
use crate::clock::Millis;
use crate::json::JsonWriter;
use crate::simulator::Simulator;
use crate::world::Page;
use crate::world::ids::MessageKey;
use crate::world::message_change::MessageChange;
use crate::world::surface::Surface;

/// A customer's act that leaves no message.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    /// All that was sent so far; on Instagram a message.
    Read {
        mid: Option<String>,
    },
    /// A button.
    Postback {
        title: String,
        payload: String,
    },
    /// A link into the conversation.
    Referral {
        reference: String,
        source: String,
    },
    OptIn {
        reference: String,
    },
}

impl Simulator {
    /// Changes a message as its people do, and tells of it. None where there is no such message.
    pub(crate) fn people_change_message(&self, page: &Page, key: MessageKey, change: &MessageChange) -> Option<()> {
        let message = self.change_message(page, key, change.clone())?;
        let mid = self.world.ids.message(key);
        let conversation = key.conversation.index;
        if change.deleted {
            let element = json!({ "message": { "mid": mid, "is_deleted": true } });
            self.tell_act(page, conversation, message.from_page, "messages", element);
        }
        if let Some(text) = &change.text {
            let (field, edits) = (edits_field(page), message.change.edits);
            let element = json!({ "message_edit": { "mid": mid, "text": text, "num_edit": edits } });
            self.tell_act(page, conversation, message.from_page, field, element);
        }
        if let Some(reaction) = &change.reaction {
            let element = match reaction.as_str() {
                "" => json!({ "reaction": { "mid": mid, "action": "unreact" } }),
                emoji => json!({ "reaction": { "mid": mid, "action": "react", "reaction": "other", "emoji": emoji } }),
            };
            // The other side reacts.
            self.tell_act(page, conversation, !message.from_page, "message_reactions", element);
        }
        Some(())
    }

    pub(crate) fn customer_acts(&self, page: &Page, conversation: u32, act: &Act) {
        let (field, element) = match act {
            Act::Read { mid } => match (page.surface(), mid) {
                (Surface::Messenger, _) => ("message_reads", read_up_to(self.clock.now_ms())),
                (Surface::Instagram, mid) => ("messaging_seen", json!({ "read": { "mid": mid } })),
            },
            Act::Postback { title, payload } => {
                ("messaging_postbacks", json!({ "postback": { "title": title, "payload": payload } }))
            }
            Act::Referral { reference, source } => {
                let referral = json!({ "ref": reference, "source": source, "type": "OPEN_THREAD" });
                (referrals_field(page), json!({ "referral": referral }))
            }
            Act::OptIn { reference } => ("messaging_optins", json!({ "optin": { "ref": reference } })),
        };
        self.tell_act(page, conversation, false, field, element);
    }

    fn tell_act(&self, page: &Page, conversation: u32, from_page: bool, field: &'static str, mut element: Value) {
        if !self.is_live() || !self.webhooks.is_subscribed(page.index, field) {
            return;
        }
        let psid = self.world.ids.psid(page.conversation(conversation));
        let (sender, recipient) = if from_page { (&page.id, &psid) } else { (&psid, &page.id) };
        if let Some(members) = element.as_object_mut() {
            members.insert("sender".to_owned(), json!({ "id": sender }));
            members.insert("recipient".to_owned(), json!({ "id": recipient }));
            members.insert("timestamp".to_owned(), json!(self.clock.now_ms()));
        }
        let write = |writer: &mut JsonWriter| writer.value(&element);
        let entry = messaging_entry(self.webhooks.style, Receiver::Owner, &page.id, self.clock.now_ms(), write);
        self.webhooks.send(Event { page: page.index, field: field.into(), mid: None, entry });
    }
}

fn read_up_to(watermark: Millis) -> Value {
    json!({ "read": { "watermark": watermark } })
}

/// The platforms' names differ.
fn edits_field(page: &Page) -> &'static str {
    match page.surface() {
        Surface::Messenger => "message_edits",
        Surface::Instagram => "message_edit",
    }
}

fn referrals_field(page: &Page) -> &'static str {
    match page.surface() {
        Surface::Messenger => "messaging_referrals",
        Surface::Instagram => "messaging_referral",
    }
}
