//! Messages that people write while the simulator runs, and the webhooks that tell of them.

use serde_json::json;

use super::acts::Act;
use super::event::{Event, Receiver, change_entry, messaging_entry};
use crate::api::message::attachment_url;
use crate::changes::Sent;
use crate::json::JsonWriter;
use crate::simulator::Simulator;
use crate::world::Page;
use crate::world::ids::Ids;
use crate::world::records::{LabelNumber, RecordChange};
use crate::world::surface::Surface;
use crate::world::thread::{Attachment, AttachmentKind, SentMessage};

/// What is written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub(crate) text: String,
    pub(crate) attachments: Vec<Attachment>,
}

/// The Page inbox's own app id, as echoes of messages typed there carry it.
pub(crate) const PAGE_INBOX_APP_ID: i64 = 263_902_037_430_900;

impl Simulator {
    /// A customer writes to the Page: webhook `messages`.
    pub(crate) fn customer_writes(&self, page: &Page, conversation: u32, draft: Draft, base_url: &str) -> Sent {
        let sent = self.store_message(page, conversation, self.written(false, draft));
        self.tell(page, &sent, "messages", |writer| write_message(page, &sent, None, base_url, writer));
        sent
    }

    /// Somebody answers in Meta's own Page inbox: webhook `message_echoes`.
    pub(crate) fn page_inbox_writes(&self, page: &Page, conversation: u32, draft: Draft, base_url: &str) -> Sent {
        self.page_writes(page, conversation, draft, Echo { app_id: PAGE_INBOX_APP_ID, metadata: None }, base_url)
    }

    /// The app answers through the Send API: webhooks `message_echoes` and `message_deliveries`.
    pub(crate) fn app_writes(
        &self,
        page: &Page,
        conversation: u32,
        draft: Draft,
        metadata: Option<&str>,
        base_url: &str,
    ) -> Sent {
        let app_id = self.config.app.id.parse().unwrap_or_default();
        let sent = self.page_writes(page, conversation, draft, Echo { app_id, metadata }, base_url);
        // Nobody can subscribe to it for Instagram.
        let varies = self.varies();
        let write = |writer: &mut JsonWriter| write_delivery(page, &sent, varies.delivery_mids, writer);
        self.tell(page, &sent, "message_deliveries", write);
        if varies.read_receipts {
            self.customer_acts(page, conversation, &Act::Read { mid: Some(sent.mid.clone()) });
        }
        sent
    }

    fn page_writes(&self, page: &Page, conversation: u32, draft: Draft, echo: Echo<'_>, base_url: &str) -> Sent {
        let sent = self.store_message(page, conversation, self.written(true, draft));
        // Instagram's echoes come with its messages.
        let field = match page.surface() {
            Surface::Messenger => "message_echoes",
            Surface::Instagram => "messages",
        };
        self.tell(page, &sent, field, |writer| write_message(page, &sent, Some(echo), base_url, writer));
        sent
    }

    /// A customer gets or loses a label: webhook `inbox_labels`.
    pub(crate) fn label(&self, page: &Page, label: LabelNumber, customer: u32, on: bool) {
        let had = page.records.read().labels_of(customer).any(|(given, _)| given == label);
        self.record(page, RecordChange::Labelled { label, customer, on });
        if had == on || !self.webhooks.is_subscribed(page.index, "inbox_labels") {
            return;
        }
        let name = page.records.read().label(label).unwrap_or_default().to_owned();
        let value = json!({
            "user": { "id": self.world.ids.psid(page.conversation(customer)) },
            "action": if on { "add" } else { "remove" },
            "label": { "id": Ids::label(page.index, label), "page_label_name": name },
        });
        let change = json!({ "field": "inbox_labels", "value": value });
        let entry = change_entry(self.webhooks.style, &page.id, self.clock.now_ms(), &change);
        self.webhooks.send(Event { page: page.index, field: "inbox_labels".into(), mid: None, entry });
    }

    /// Another app gets the conversation, or this one again: webhook `messaging_handovers`.
    pub(crate) fn control_thread(&self, page: &Page, customer: u32, by: Option<String>) {
        const FIELD: &str = "messaging_handovers";
        let before = page.records.read().thread_controller(customer).map(str::to_owned);
        if before == by {
            return;
        }
        self.record(page, RecordChange::ThreadControlled { customer, by: by.clone() });
        if !self.webhooks.is_subscribed(page.index, FIELD) {
            return;
        }
        let app = |app: Option<String>| app.unwrap_or_else(|| self.config.app.id.clone());
        let element = json!({
            "sender": { "id": self.world.ids.psid(page.conversation(customer)) },
            "recipient": { "id": page.id },
            "timestamp": self.clock.now_ms(),
            "pass_thread_control": { "previous_owner_app_id": app(before), "new_owner_app_id": app(by), "metadata": "" },
        });
        let write = |writer: &mut JsonWriter| writer.value(&element);
        let entry = messaging_entry(self.webhooks.style, Receiver::Owner, &page.id, self.clock.now_ms(), write);
        self.webhooks.send(Event { page: page.index, field: FIELD.into(), mid: None, entry });
    }

    fn written(&self, from_page: bool, draft: Draft) -> SentMessage {
        SentMessage { at_ms: self.clock.now_ms(), from_page, text: draft.text, attachments: draft.attachments }
    }

    /// On standby, where another app has the conversation. An app in development hears of nobody.
    fn tell(&self, page: &Page, sent: &Sent, field: &'static str, element: impl FnOnce(&mut JsonWriter)) {
        let customer = sent.conversation;
        let (receiver, field) = if page.records.read().is_thread_ours(customer) {
            (Receiver::Owner, field)
        } else {
            (Receiver::Standby, "standby")
        };
        if !self.is_live() || !self.webhooks.is_subscribed(page.index, field) {
            return;
        }
        let entry = messaging_entry(self.webhooks.style, receiver, &page.id, self.clock.now_ms(), element);
        self.webhooks.send(Event { page: page.index, field: field.into(), mid: Some(sent.mid.clone()), entry });
    }
}

/// What an echo tells beside the message: which app sent it, and what that app had said with it.
#[derive(Clone, Copy)]
struct Echo<'a> {
    app_id: i64,
    metadata: Option<&'a str>,
}

/// Sender and recipient change places in an echo.
fn write_message(page: &Page, sent: &Sent, echo: Option<Echo<'_>>, base_url: &str, writer: &mut JsonWriter) {
    let message = &sent.message;
    let (sender, recipient) = if message.from_page { (&page.id, &sent.psid) } else { (&sent.psid, &page.id) };
    writer.object(|writer| {
        write_parties(sender, recipient, writer);
        writer.number_member("timestamp", message.at_ms);
        writer.key("message");
        writer.object(|writer| {
            if let Some(echo) = echo {
                writer.boolean_member("is_echo", true);
                writer.number_member("app_id", echo.app_id);
                if let Some(metadata) = echo.metadata {
                    writer.string_member("metadata", metadata);
                }
            }
            writer.string_member("mid", &sent.mid);
            if !message.text.is_empty() {
                writer.string_member("text", &message.text);
            }
            if !message.attachments.is_empty() {
                writer.key("attachments");
                writer.begin_array();
                let now_s = message.at_ms.div_euclid(1_000);
                message.attachments.iter().for_each(|attachment| write_attachment(attachment, base_url, now_s, writer));
                writer.end_array();
            }
        });
    });
}

/// As documented, without a `timestamp`: the customer's phone has all messages up to the watermark.
fn write_delivery(page: &Page, sent: &Sent, with_mids: bool, writer: &mut JsonWriter) {
    writer.object(|writer| {
        write_parties(&sent.psid, &page.id, writer);
        writer.key("delivery");
        writer.object(|writer| {
            if with_mids {
                writer.key("mids");
                writer.begin_array();
                writer.string(&sent.mid);
                writer.end_array();
            }
            writer.number_member("watermark", sent.message.at_ms);
        });
    });
}

fn write_parties(sender: &str, recipient: &str, writer: &mut JsonWriter) {
    for (role, id) in [("sender", sender), ("recipient", recipient)] {
        writer.key(role);
        writer.object(|writer| writer.string_member("id", id));
    }
}

fn write_attachment(attachment: &Attachment, base_url: &str, now_s: i64, writer: &mut JsonWriter) {
    writer.object(|writer| {
        writer.string_member("type", attachment.kind.name());
        writer.key("payload");
        writer.object(|writer| {
            writer.string_member("url", &attachment_url(base_url, attachment, now_s));
            if attachment.kind == AttachmentKind::Sticker {
                writer.number_member("sticker_id", i64::try_from(attachment.id).unwrap_or(0));
            }
        });
    });
}
