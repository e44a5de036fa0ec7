//! `GET /{page}/conversations` ("Conversations API" of the Messenger Platform).

use super::call::{Answered, Call, ListFault};
use super::conversation;
use super::error::GraphError;
use super::fields::{self, Field};
use super::paging::{self, Around, Listing, Position, Start, write_paging};
use crate::clock::DAY;
use crate::json::JsonWriter;
use crate::limits::Throttled;
use crate::world::Page;
use crate::world::inbox::{Inbox, Place};
use crate::world::surface::Surface;

const DEFAULT_FIELDS: &[&str] = &["id", "updated_time"];
const EDGE: &str = "conversations";

/// What one page of the list is asked for.
struct Asked<'a> {
    fields: &'a [Field],
    /// As `next` repeats it; empty where the fields are the default ones.
    fields_text: String,
    limit: usize,
    start: Start,
}

pub(crate) fn list(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    let page = match call.param("platform").map(str::to_ascii_lowercase).as_deref() {
        None | Some("messenger") => page,
        Some("instagram") => {
            let Some(account) = call.sim.world.instagram_inbox(page) else {
                // None is linked. What Meta answers then is not documented.
                call.require_conversations(page)?;
                super::write_empty_list(writer);
                return Ok(());
            };
            account
        }
        Some(_) => return Err(GraphError::parameter("param platform must be one of {INSTAGRAM, MESSENGER}")),
    };
    call.require_conversations(page)?;
    if page.settings.read().high_volume && call.param("user_id").is_none() {
        return Err(GraphError::throttled(Throttled::CustomRate));
    }
    if let Some(psid) = call.param("user_id") {
        return of_customer(call, page, psid, writer);
    }
    // Meta documents no values of `folder`; `inbox` is in use.
    if call.param("folder").is_some_and(|folder| !folder.eq_ignore_ascii_case("inbox")) {
        super::write_empty_list(writer);
        return Ok(());
    }
    let fields = call.fields(DEFAULT_FIELDS)?;
    let listing = Listing::of(&page.id, EDGE);
    let asked = Asked {
        fields: &fields,
        fields_text: call.param("fields").map_or_else(String::new, |_| fields::joined(&fields)),
        limit: paging::limit(call.param("limit"), call.sim.limits.config().conversations_page_cap)?,
        start: listing.start(call.param("after"), call.param("before"))?,
    };
    write(call, page, listing, &asked, writer)
}

/// `conversations{…}` as a field of its Page.
pub(crate) fn write_nested(call: &Call<'_>, page: &Page, field: &Field, writer: &mut JsonWriter) -> Answered {
    call.require_conversations(page)?;
    let defaults: Vec<_> = DEFAULT_FIELDS.iter().map(|name| Field::named(name)).collect();
    let listing = Listing::of(&page.id, EDGE);
    let asked = Asked {
        fields: field.fields.as_deref().unwrap_or(&defaults),
        fields_text: field.fields.as_deref().map_or_else(String::new, fields::joined),
        limit: paging::limit(field.modifier("limit"), call.sim.limits.config().conversations_page_cap)?,
        start: listing.start(field.modifier("after"), field.modifier("before"))?,
    };
    writer.key(field.key());
    write(call, page, listing, &asked, writer)
}

fn write(call: &Call<'_>, page: &Page, listing: Listing, asked: &Asked<'_>, writer: &mut JsonWriter) -> Answered {
    let objects = conversation::objects_asked(call, asked.fields)?;
    if objects.saturating_mul(u64::try_from(asked.limit).unwrap_or(u64::MAX))
        > call.sim.limits.config().objects_per_call
    {
        return Err(GraphError::reduce_data());
    }
    let most = match call.list_fault {
        None => asked.limit,
        Some(ListFault::Short) => asked.limit.min(1),
        Some(ListFault::Empty) => 0,
    };
    let inbox = page.inbox.read();
    let found = find(&inbox, asked.start, most);
    let shown: Vec<u32> = found.iter().copied().filter(|index| !is_old_request(call, page, &inbox, *index)).collect();
    write_list(call, page, &inbox, asked.fields, &shown, writer)?;
    if let Some(around) = around(call, &inbox, asked.start, &found, most) {
        let params = [
            ("fields", asked.fields_text.clone()),
            ("platform", call.param("platform").unwrap_or_default().to_owned()),
            ("limit", asked.limit.to_string()),
        ];
        let owner = call.sim.world.page(page.index.owner()).map_or(&page.id, |owner| &owner.id);
        write_paging(writer, call, listing, around, &format!("{owner}/{EDGE}"), &params);
    }
    writer.end_object();
    Ok(())
}

fn write_list(
    call: &Call<'_>,
    page: &Page,
    inbox: &Inbox,
    fields: &[Field],
    found: &[u32],
    writer: &mut JsonWriter,
) -> Answered {
    writer.begin_object();
    writer.key("data");
    writer.begin_array();
    for index in found {
        conversation::write(call, page, inbox, *index, fields, writer)?;
    }
    writer.end_array();
    Ok(())
}

/// On Instagram, what the account never answered and nobody wrote to for 30 days is not listed.
fn is_old_request(call: &Call<'_>, page: &Page, inbox: &Inbox, conversation: u32) -> bool {
    if page.surface() == Surface::Messenger || call.sim.clock.now_ms() - inbox.updated_ms(conversation) < 30 * DAY {
        return false;
    }
    let mut messages = (0..).map_while(|back| inbox.message_from_newest(conversation, back));
    !messages.any(|message| message.from_page)
}

/// With `user_id` Meta answers the one conversation's id.
fn of_customer(call: &Call<'_>, page: &Page, psid: &str, writer: &mut JsonWriter) -> Answered {
    let inbox = page.inbox.read();
    let found: Vec<_> = match call.sim.world.ids.parse_psid(psid) {
        Some(key) if key.page == page.index && inbox.has_conversation(key.index) => vec![key.index],
        _ => Vec::new(),
    };
    let fields = call.fields(&["id"])?;
    write_list(call, page, &inbox, &fields, &found, writer)?;
    writer.end_object();
    Ok(())
}

fn find(inbox: &Inbox, start: Start, limit: usize) -> Vec<u32> {
    match start {
        Start::First => inbox.list_after(None, limit),
        Start::After(position) => inbox.list_after(Some(place(position)), limit),
        Start::Before(position) => inbox.list_before(place(position), limit),
    }
}

fn around(call: &Call<'_>, inbox: &Inbox, start: Start, found: &[u32], limit: usize) -> Option<Around> {
    if call.list_fault == Some(ListFault::Empty) {
        let here = start.position();
        return Some(Around { first: here, last: here, has_previous: false, has_next: true });
    }
    let first = inbox.place(*found.first()?);
    let last = inbox.place(*found.last()?);
    let has_next =
        (found.len() == limit || matches!(start, Start::Before(_))) && !inbox.list_after(Some(last), 1).is_empty();
    let has_previous = !matches!(start, Start::First) && !inbox.list_before(first, 1).is_empty();
    Some(Around { first: position(first), last: position(last), has_previous, has_next })
}

fn place(position: Position) -> Place {
    Place { updated_ms: position.at_ms, conversation: position.index }
}

fn position(place: Place) -> Position {
    Position { at_ms: place.updated_ms, index: place.conversation }
}
