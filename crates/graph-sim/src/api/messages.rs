//! `GET /{conversation}/messages`, and `messages{…}` nested in a conversation: newest first.

use super::call::{Answered, Call, ListFault};
use super::error::GraphError;
use super::fields::{self, Field};
use super::message::MessageWriter;
use super::paging::{self, Around, Listing, Position, Start, write_paging};
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::inbox::Inbox;

pub(crate) const DEFAULT_FIELDS: &[&str] = &["id", "created_time"];
const EDGE: &str = "messages";

/// What one page of the edge is asked for.
struct Asked<'a> {
    fields: &'a [Field],
    /// As `next` repeats it; empty where the fields are the default ones.
    fields_text: String,
    limit: usize,
    start: Start,
}

pub(crate) fn list(call: &Call<'_>, page: &Page, conversation: u32, writer: &mut JsonWriter) -> Answered {
    call.require_conversations(page)?;
    let fields = call.fields(DEFAULT_FIELDS)?;
    let limits = call.sim.limits.config();
    let listing = listing(call, page, conversation);
    let asked = Asked {
        fields: &fields,
        fields_text: call.param("fields").map_or_else(String::new, |_| fields::joined(&fields)),
        limit: match call.list_fault {
            Some(ListFault::Short) => 1,
            _ => paging::limit(call.param("limit"), limits.messages_page_cap)?,
        },
        start: listing.start(call.param("after"), call.param("before"))?,
    };
    write(call, page, &page.inbox.read(), conversation, &asked, writer)
}

pub(crate) fn write_nested(
    call: &Call<'_>,
    page: &Page,
    inbox: &Inbox,
    conversation: u32,
    field: &Field,
    writer: &mut JsonWriter,
) -> Answered {
    let defaults: Vec<_> = DEFAULT_FIELDS.iter().map(|name| Field::named(name)).collect();
    let cap = call.sim.limits.config().messages_page_cap;
    let asked = Asked {
        fields: field.fields.as_deref().unwrap_or(&defaults),
        fields_text: field.fields.as_deref().map_or_else(String::new, fields::joined),
        limit: paging::limit(field.modifier("limit"), cap)?,
        start: listing(call, page, conversation).start(field.modifier("after"), field.modifier("before"))?,
    };
    write(call, page, inbox, conversation, &asked, writer)
}

fn listing(call: &Call<'_>, page: &Page, conversation: u32) -> Listing {
    Listing::of(&call.sim.world.ids.thread(page.conversation(conversation)), EDGE)
}

fn write(
    call: &Call<'_>,
    page: &Page,
    inbox: &Inbox,
    conversation: u32,
    asked: &Asked<'_>,
    writer: &mut JsonWriter,
) -> Answered {
    let count = inbox.message_count(conversation);
    let limit = u32::try_from(asked.limit).map_err(|_too_large| GraphError::parameter("param limit is too large"))?;
    // Places below the newest message: from `first`, before `end`.
    let (first, end) = match asked.start {
        Start::First => (0, limit.min(count)),
        Start::After(position) => {
            let first = inbox.newer_messages(conversation, position.index) + 1;
            (first.min(count), first.saturating_add(limit).min(count))
        }
        Start::Before(position) => {
            let end = inbox.newer_messages(conversation, position.index);
            (end.saturating_sub(limit), end.min(count))
        }
    };
    let thread_id = call.sim.world.ids.thread(page.conversation(conversation));
    writer.begin_object();
    writer.key("data");
    writer.begin_array();
    let messages = MessageWriter::new(call, page, inbox, conversation);
    let mut ends = None;
    for back in first..end {
        let Some(message) = inbox.message_from_newest(conversation, back) else { break };
        let position = Position { at_ms: 0, index: message.index };
        ends = Some((ends.map_or(position, |(first, _)| first), position));
        if !(message.change.deleted && call.sim.varies().unsent_left_out) {
            messages.write(&message, asked.fields, writer)?;
        }
    }
    writer.end_array();
    if let Some((first_position, last)) = ends {
        let around = Around { first: first_position, last, has_previous: first > 0, has_next: end < count };
        let params = [("fields", asked.fields_text.clone()), ("limit", asked.limit.to_string())];
        write_paging(writer, call, listing(call, page, conversation), around, &format!("{thread_id}/{EDGE}"), &params);
    }
    writer.end_object();
    Ok(())
}
