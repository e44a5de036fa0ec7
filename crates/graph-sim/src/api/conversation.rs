//! The Conversation node: `GET /{conversation}` and each element of a list ("Conversation" reference).

use super::call::{Answered, Call};
use super::error::GraphError;
use super::fields::Field;
use super::messages;
use super::paging;
use super::participants::{write_customer, write_page};
use crate::clock::graph_time;
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::inbox::Inbox;

const DEFAULT_FIELDS: &[&str] = &["id", "updated_time"];

pub(crate) fn read(call: &Call<'_>, page: &Page, conversation: u32, writer: &mut JsonWriter) -> Answered {
    call.require_conversations(page)?;
    let fields = call.fields(DEFAULT_FIELDS)?;
    if objects_asked(call, &fields)? > call.sim.limits.config().objects_per_call {
        return Err(GraphError::reduce_data());
    }
    write(call, page, &page.inbox.read(), conversation, &fields, writer)
}

/// One and the messages nested in it.
pub(crate) fn objects_asked(call: &Call<'_>, fields: &[Field]) -> Result<u64, GraphError> {
    let cap = call.sim.limits.config().messages_page_cap;
    let mut objects = 1;
    for field in fields.iter().filter(|field| field.name == "messages") {
        objects += u64::try_from(paging::limit(field.modifier("limit"), cap)?).unwrap_or(u64::MAX);
    }
    Ok(objects)
}

/// `id` comes always, at the end where it was not asked for.
pub(crate) fn write(
    call: &Call<'_>,
    page: &Page,
    inbox: &Inbox,
    conversation: u32,
    fields: &[Field],
    writer: &mut JsonWriter,
) -> Answered {
    let key = page.conversation(conversation);
    writer.begin_object();
    for field in fields {
        write_field(call, page, inbox, conversation, field, writer)?;
    }
    if !fields.iter().any(|field| field.name == "id") {
        writer.string_member("id", &call.sim.world.ids.thread(key));
    }
    writer.end_object();
    Ok(())
}

fn write_field(
    call: &Call<'_>,
    page: &Page,
    inbox: &Inbox,
    conversation: u32,
    field: &Field,
    writer: &mut JsonWriter,
) -> Answered {
    let key = page.conversation(conversation);
    match field.name.as_str() {
        "id" | "scoped_thread_key" => writer.string_member(field.key(), &call.sim.world.ids.thread(key)),
        "updated_time" => writer.string_member(field.key(), &graph_time(inbox.updated_ms(conversation))),
        "link" => {
            let psid = call.sim.world.ids.psid(key);
            writer.string_member(field.key(), &format!("/{}/inbox/{psid}/?section=messages", page.id));
        }
        "snippet" => {
            if let Some(newest) = inbox.message_from_newest(conversation, 0) {
                writer.string_member(field.key(), &newest.text.chars().take(100).collect::<String>());
            }
        }
        "message_count" => writer.number_member(field.key(), i64::from(inbox.message_count(conversation))),
        // Left out when it is zero.
        "unread_count" => {
            let unread = inbox.unread_count(conversation);
            if unread > 0 {
                writer.number_member(field.key(), i64::from(unread));
            }
        }
        "participants" | "senders" => {
            writer.key(field.key());
            writer.object(|writer| {
                writer.key("data");
                writer.begin_array();
                write_customer(call, page, inbox, conversation, writer);
                if field.name == "participants" {
                    write_page(page, writer);
                }
                writer.end_array();
            });
        }
        "can_reply" | "is_subscribed" | "is_owner" => writer.boolean_member(field.key(), true),
        "messages" => {
            writer.key(field.key());
            messages::write_nested(call, page, inbox, conversation, field, writer)?;
        }
        "tags" => write_tags(inbox.unread_count(conversation) == 0, field, writer),
        // Known, and never with data here.
        "former_participants" | "name" | "subject" | "wallpaper" => {}
        unknown => return Err(GraphError::nonexisting_field(unknown, "UnifiedThread")),
    }
    Ok(())
}

/// Folder, read state and source.
pub(crate) fn write_tags(read: bool, field: &Field, writer: &mut JsonWriter) {
    writer.key(field.key());
    writer.object(|writer| {
        writer.key("data");
        writer.begin_array();
        for tag in ["inbox", "read", "source:chat"] {
            if read || tag != "read" {
                writer.object(|writer| writer.string_member("name", tag));
            }
        }
        writer.end_array();
    });
}
