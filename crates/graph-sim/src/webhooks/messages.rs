//! Messages that people write while the simulator runs, and the webhooks that tell of them.

use super::event::{Event, messaging_entry};
use crate::api::message::attachment_url;
use crate::changes::Sent;
use crate::json::JsonWriter;
use crate::simulator::Simulator;
use crate::world::Page;
use crate::world::thread::{Attachment, AttachmentKind, SentMessage};

/// What is written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub(crate) text: String,
    pub(crate) attachments: Vec<Attachment>,
}

/// The Page inbox's own app id, as echoes of messages typed there carry it.
const PAGE_INBOX_APP_ID: i64 = 263_902_037_430_900;

impl Simulator {
    /// A customer writes to the Page: webhook `messages`.
    pub(crate) fn customer_writes(&self, page: &Page, conversation: u32, draft: Draft, base_url: &str) -> Sent {
        let sent = self.store_message(page, conversation, self.written(false, draft));
        self.tell(page, &sent, "messages", base_url);
        sent
    }

    /// Somebody answers in Meta's own Page inbox: webhook `message_echoes`.
    pub(crate) fn page_inbox_writes(&self, page: &Page, conversation: u32, draft: Draft, base_url: &str) -> Sent {
        let sent = self.store_message(page, conversation, self.written(true, draft));
        self.tell(page, &sent, "message_echoes", base_url);
        sent
    }

    fn written(&self, from_page: bool, draft: Draft) -> SentMessage {
        SentMessage { at_ms: self.clock.now_ms(), from_page, text: draft.text, attachments: draft.attachments }
    }

    fn tell(&self, page: &Page, sent: &Sent, field: &'static str, base_url: &str) {
        if !self.webhooks.is_subscribed(page.index, field) {
            return;
        }
        let entry = messaging_entry(self.webhooks.style, &page.id, self.clock.now_ms(), |writer| {
            write_element(page, sent, base_url, writer);
        });
        self.webhooks.send(Event { page: page.index, field: field.into(), mid: Some(sent.mid.clone()), entry });
    }
}

/// Sender and recipient change places in an echo.
fn write_element(page: &Page, sent: &Sent, base_url: &str, writer: &mut JsonWriter) {
    let message = &sent.message;
    let (sender, recipient) = if message.from_page { (&page.id, &sent.psid) } else { (&sent.psid, &page.id) };
    writer.object(|writer| {
        for (role, id) in [("sender", sender), ("recipient", recipient)] {
            writer.key(role);
            writer.object(|writer| writer.string_member("id", id));
        }
        writer.number_member("timestamp", message.at_ms);
        writer.key("message");
        writer.object(|writer| {
            if message.from_page {
                writer.boolean_member("is_echo", true);
                writer.number_member("app_id", PAGE_INBOX_APP_ID);
            }
            writer.string_member("mid", &sent.mid);
            if !message.text.is_empty() {
                writer.string_member("text", &message.text);
            }
            if !message.attachments.is_empty() {
                writer.key("attachments");
                writer.begin_array();
                message.attachments.iter().for_each(|attachment| write_attachment(attachment, base_url, writer));
                writer.end_array();
            }
        });
    });
}

fn write_attachment(attachment: &Attachment, base_url: &str, writer: &mut JsonWriter) {
    writer.object(|writer| {
        writer.string_member("type", attachment.kind.name());
        writer.key("payload");
        writer.object(|writer| {
            writer.string_member("url", &attachment_url(base_url, attachment));
            if attachment.kind == AttachmentKind::Sticker {
                writer.number_member("sticker_id", i64::try_from(attachment.id).unwrap_or(0));
            }
        });
    });
}
