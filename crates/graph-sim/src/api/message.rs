//! The Message node: `GET /{message}` and each element of `messages` ("Message" reference).

use super::call::{Answered, Call};
use super::conversation::write_tags;
use super::error::GraphError;
use super::fields::Field;
use super::messages::DEFAULT_FIELDS;
use super::participants::Parties;
use crate::clock::graph_time;
use crate::json::JsonWriter;
use crate::pictures;
use crate::world::Page;
use crate::world::ids::MessageKey;
use crate::world::inbox::{Inbox, Message};
use crate::world::surface::Surface;
use crate::world::thread::{Attachment, AttachmentKind};

pub(crate) fn read(call: &Call<'_>, page: &Page, key: MessageKey, writer: &mut JsonWriter) -> Answered {
    call.require_conversations(page)?;
    let fields = call.fields(DEFAULT_FIELDS)?;
    let inbox = page.inbox.read();
    let message = inbox.message(key.conversation.index, key.index).ok_or_else(GraphError::message_deleted)?;
    if has_no_details(call, page, &inbox, key.conversation.index, &message) {
        return Err(GraphError::message_deleted());
    }
    MessageWriter::new(call, page, &inbox, key.conversation.index).write(&message, &fields, writer)
}

/// Instagram tells the details of a conversation's 20 newest messages only.
const DETAILED: u32 = 20;

/// Nor of one that was taken back.
fn has_no_details(call: &Call<'_>, page: &Page, inbox: &Inbox, conversation: u32, message: &Message) -> bool {
    let is_limited = page.surface() == Surface::Instagram || call.sim.varies().twenty_newest_on_messenger;
    message.change.deleted || is_limited && inbox.newer_messages(conversation, message.index) >= DETAILED
}

/// Writes messages of one conversation.
pub(crate) struct MessageWriter<'a> {
    call: &'a Call<'a>,
    page: &'a Page,
    inbox: &'a Inbox,
    conversation: u32,
    parties: Parties,
}

impl<'a> MessageWriter<'a> {
    pub(crate) fn new(call: &'a Call<'a>, page: &'a Page, inbox: &'a Inbox, conversation: u32) -> Self {
        Self { call, page, inbox, conversation, parties: Parties::of(call, page, inbox, conversation) }
    }

    pub(crate) fn write(&self, message: &Message, fields: &[Field], writer: &mut JsonWriter) -> Answered {
        // What a list shows of an older one is not documented: its id and time here.
        let is_bare = has_no_details(self.call, self.page, self.inbox, self.conversation, message);
        writer.begin_object();
        for field in fields {
            if !is_bare || DEFAULT_FIELDS.contains(&field.name.as_str()) {
                self.write_field(message, field, writer)?;
            }
        }
        if !fields.iter().any(|field| field.name == "id") {
            writer.string_member("id", &self.id(message));
        }
        writer.end_object();
        Ok(())
    }

    fn id(&self, message: &Message) -> String {
        let conversation = self.page.conversation(self.conversation);
        self.call.sim.world.ids.message(MessageKey { conversation, index: message.index })
    }

    fn write_field(&self, message: &Message, field: &Field, writer: &mut JsonWriter) -> Answered {
        match field.name.as_str() {
            "id" => writer.string_member(field.key(), &self.id(message)),
            // Whole seconds: Graph cuts the milliseconds that webhooks tell.
            "created_time" => writer.string_member(field.key(), &graph_time(message.at_ms)),
            // Empty where there is no text.
            "message" => writer.string_member(field.key(), &message.text),
            "from" => {
                writer.key(field.key());
                self.parties.write(message.from_page, writer);
            }
            "to" => {
                writer.key(field.key());
                writer.object(|writer| {
                    writer.key("data");
                    writer.begin_array();
                    self.parties.write(!message.from_page, writer);
                    writer.end_array();
                });
            }
            "tags" => {
                let read = message.from_page
                    || self.inbox.newer_messages(self.conversation, message.index)
                        >= self.inbox.unread_count(self.conversation);
                write_tags(read, field, writer);
            }
            "attachments" => {
                if !message.attachments.is_empty() {
                    writer.key(field.key());
                    writer.object(|writer| {
                        writer.key("data");
                        writer.begin_array();
                        message
                            .attachments
                            .iter()
                            .for_each(|attachment| write_attachment(self.call, attachment, writer));
                        writer.end_array();
                    });
                }
            }
            "reactions" => self.write_reaction(message, field.key(), writer),
            // Known, and never with data here: a field without data is not returned.
            "sticker" | "shares" | "reply_to" | "story" | "is_unsupported" | "thread_id" => {}
            unknown => return Err(GraphError::nonexisting_field(unknown, "Message")),
        }
        Ok(())
    }
}

impl MessageWriter<'_> {
    /// By the other side.
    fn write_reaction(&self, message: &Message, key: &str, writer: &mut JsonWriter) {
        let Some(reaction) = message.change.reaction.as_deref() else { return };
        writer.key(key);
        writer.object(|writer| {
            writer.key("data");
            writer.begin_array();
            writer.object(|writer| {
                writer.string_member("reaction", reaction);
                writer.key("users");
                writer.begin_array();
                self.parties.write(!message.from_page, writer);
                writer.end_array();
            });
            writer.end_array();
        });
    }
}

/// The address of an attachment: the sender's, or a picture of the simulator's own, which expires as Meta's do.
pub(crate) fn attachment_url(base_url: &str, attachment: &Attachment, now_s: i64) -> String {
    let own = || pictures::expiring(&format!("{base_url}/_cdn/attachments/{}.png", attachment.id), now_s);
    attachment.url.clone().unwrap_or_else(own)
}

fn write_attachment(call: &Call<'_>, attachment: &Attachment, writer: &mut JsonWriter) {
    let url = attachment_url(&call.request.base_url, attachment, call.sim.clock.now_s());
    writer.object(|writer| {
        writer.string_member("id", &attachment.id.to_string());
        writer.string_member("mime_type", attachment.kind.mime_type());
        writer.string_member("name", &format!("{}-{}", attachment.kind.name(), attachment.id));
        writer.number_member("size", 1_000 + i64::try_from(attachment.id % 100_000).unwrap_or(0));
        match attachment.kind {
            AttachmentKind::Image | AttachmentKind::Sticker => {
                writer.key("image_data");
                writer.object(|writer| {
                    for side in ["width", "height", "max_width", "max_height"] {
                        writer.number_member(side, 200);
                    }
                    writer.string_member("url", &url);
                    writer.string_member("preview_url", &url);
                    writer.number_member("image_type", 1);
                    writer.boolean_member("render_as_sticker", attachment.kind == AttachmentKind::Sticker);
                });
            }
            AttachmentKind::Video => {
                writer.key("video_data");
                writer.object(|writer| writer.string_member("url", &url));
            }
            AttachmentKind::Audio | AttachmentKind::File => writer.string_member("file_url", &url),
        }
    });
}
