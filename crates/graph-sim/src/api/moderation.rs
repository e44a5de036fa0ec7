//! `POST /{page}/moderate_conversations` ("Moderate Conversations") and `/{page}/blocked` ("Page Blocked" reference).

use serde::Deserialize;

use super::call::{Answered, Call};
use super::error::GraphError;
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::config::Task;
use crate::world::records::{ModerationAction, RecordChange};

const USERS_MAX: usize = 10;
const ACTIONS_MAX: usize = 2;
/// Of one call to `/blocked`; not documented by Meta.
const BLOCKED_MAX: usize = 50;

#[derive(Deserialize)]
struct User {
    id: String,
}

pub(crate) fn moderate(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    call.require_page_token(page, &["pages_messaging"])?;
    call.require_task(page, &[Task::Messaging])?;
    let users: Vec<User> = list(call, "user_ids", USERS_MAX)?;
    let actions: Vec<String> = list(call, "actions", ACTIONS_MAX)?;
    let actions: Vec<ModerationAction> = actions.iter().map(|name| action(name)).collect::<Result<_, _>>()?;
    let both = |one, other| actions.contains(&one) && actions.contains(&other);
    if both(ModerationAction::BlockUser, ModerationAction::UnblockUser)
        || both(ModerationAction::BanUser, ModerationAction::UnbanUser)
    {
        return Err(GraphError::parameter("Param actions holds an action and its opposite."));
    }
    // All of them first: nobody is moderated by a call that fails.
    let customers: Vec<u32> = users.iter().map(|user| conversation(call, page, &user.id)).collect::<Result<_, _>>()?;
    for customer in customers {
        for action in &actions {
            call.sim.record(page, RecordChange::Moderated { customer, action: *action });
        }
    }
    // A string, as the guide prints it.
    writer.object(|writer| writer.string_member("success", "true"));
    Ok(())
}

pub(crate) fn blocked(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    allowed_to_block(call, page)?;
    let (records, inbox) = (page.records.read(), page.inbox.read());
    writer.object(|writer| {
        writer.key("data");
        writer.begin_array();
        for customer in records.blocked() {
            writer.object(|writer| {
                writer.string_member("id", &call.sim.world.ids.psid(page.conversation(customer)));
                writer.string_member("name", &inbox.customer_name(customer).full());
            });
        }
        writer.end_array();
        writer.key("paging");
        writer.object(|_| {});
    });
    Ok(())
}

/// Answers for each id whether it is blocked now.
pub(crate) fn block(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    allowed_to_block(call, page)?;
    let psids: Vec<String> = list(call, "psid", BLOCKED_MAX)?;
    let customers: Vec<u32> = psids.iter().map(|psid| conversation(call, page, psid)).collect::<Result<_, _>>()?;
    for customer in customers {
        call.sim.record(page, RecordChange::Moderated { customer, action: ModerationAction::BlockUser });
    }
    writer.object(|writer| psids.iter().for_each(|psid| writer.boolean_member(psid, true)));
    Ok(())
}

pub(crate) fn unblock(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    allowed_to_block(call, page)?;
    let psid = call.param("psid").ok_or_else(|| GraphError::parameter("The parameter psid is required."))?;
    let customer = conversation(call, page, psid)?;
    call.sim.record(page, RecordChange::Moderated { customer, action: ModerationAction::UnblockUser });
    super::write_success(writer);
    Ok(())
}

fn allowed_to_block(call: &Call<'_>, page: &Page) -> Answered {
    call.require_page_token(page, &["pages_messaging"])?;
    call.require_task(page, &[Task::Moderate])
}

fn action(name: &str) -> Result<ModerationAction, GraphError> {
    // Upper case in Meta's SDKs, lower case in the guide.
    serde_json::from_value(serde_json::Value::String(name.to_ascii_lowercase()))
        .map_err(|_unknown| GraphError::parameter("Param actions must hold known actions."))
}

/// A conversation must exist already.
fn conversation(call: &Call<'_>, page: &Page, psid: &str) -> Result<u32, GraphError> {
    let found = call.sim.world.customer_by_psid(psid);
    let found =
        found.filter(|(owner, customer)| owner.index == page.index && owner.inbox.read().has_conversation(*customer));
    found.map(|(_, customer)| customer).ok_or_else(|| GraphError::parameter("Invalid user id: thread not found"))
}

fn list<'c, T: Deserialize<'c>>(call: &'c Call<'_>, name: &str, most: usize) -> Result<Vec<T>, GraphError> {
    let wrong = || GraphError::parameter(&format!("Param {name} must be a list of 1 to {most}."));
    let items: Vec<T> = serde_json::from_str(call.param(name).ok_or_else(wrong)?).map_err(|_shape| wrong())?;
    if (1..=most).contains(&items.len()) { Ok(items) } else { Err(wrong()) }
}
