//! Which app has a conversation: `/{page}/pass_thread_control`, `/take_thread_control`, `/thread_owner` ("Conversation
//! Routing", "Handover Protocol" references).

use serde::Deserialize;

use super::call::{Answered, Call};
use super::error::GraphError;
use crate::json::JsonWriter;
use crate::webhooks::messages::PAGE_INBOX_APP_ID;
use crate::world::Page;
use crate::world::config::Task;

#[derive(Deserialize)]
struct Recipient {
    id: String,
}

/// Gives the conversation to another app.
pub(crate) fn pass(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    let (page, customer) = recipient(call, page)?;
    let target =
        call.param("target_app_id").ok_or_else(|| GraphError::parameter("The parameter target_app_id is required."))?;
    if !page.records.read().is_thread_ours(customer) {
        return Err(GraphError::thread_controlled());
    }
    let own = &call.sim.config.app.id;
    if target != own && target != PAGE_INBOX_APP_ID.to_string() {
        return Err(GraphError::new(400, 100, "(#100) The target app is not connected to the Page").subcode(2_018_164));
    }
    call.sim.control_thread(page, customer, (target != own).then(|| target.to_owned()));
    super::write_success(writer);
    Ok(())
}

/// Takes it, whoever has it.
pub(crate) fn take(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    let (page, customer) = recipient(call, page)?;
    call.sim.control_thread(page, customer, None);
    super::write_success(writer);
    Ok(())
}

pub(crate) fn owner(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    let psid = call.param("recipient").ok_or_else(|| GraphError::parameter("The parameter recipient is required."))?;
    let (page, customer) = found(call, page, psid)?;
    let records = page.records.read();
    let app_id = records.thread_controller(customer).unwrap_or(&call.sim.config.app.id);
    writer.object(|writer| {
        writer.key("data");
        writer.begin_array();
        writer.object(|writer| {
            writer.key("thread_owner");
            writer.object(|writer| writer.string_member("app_id", app_id));
        });
        writer.end_array();
    });
    Ok(())
}

fn recipient<'a>(call: &Call<'a>, page: &Page) -> Result<(&'a Page, u32), GraphError> {
    let text = call.param("recipient").unwrap_or_default();
    let recipient: Recipient =
        serde_json::from_str(text).map_err(|_shape| GraphError::parameter("Param recipient must have an id."))?;
    found(call, page, &recipient.id)
}

fn found<'a>(call: &Call<'a>, page: &Page, psid: &str) -> Result<(&'a Page, u32), GraphError> {
    call.require_page_token(page, &["pages_messaging"])?;
    call.require_task(page, &[Task::Messaging])?;
    let found = call.sim.world.customer_by_psid(psid).filter(|(owner, _)| owner.index.owner() == page.index);
    found.ok_or_else(GraphError::no_matching_user)
}
