//! `GET /{psid}` ("User Profile API" of the Messenger Platform).

use super::call::{Answered, Call};
use super::error::GraphError;
use crate::json::JsonWriter;
use crate::pictures;
use crate::world::Page;
use crate::world::config::Task;
use crate::world::surface::Surface;
use crate::world::thread::ProfileAnswer;

const DEFAULT_FIELDS: &[&str] = &["first_name", "last_name", "profile_pic", "id"];

pub(crate) fn read(call: &Call<'_>, page: &Page, conversation: u32, writer: &mut JsonWriter) -> Answered {
    if page.surface() == Surface::Instagram {
        return read_instagram(call, page, conversation, writer);
    }
    call.require_page_token(page, &["pages_messaging"])?;
    call.require_task(page, &[Task::Messaging, Task::Moderate])?;
    let fields = call.fields(DEFAULT_FIELDS)?;
    let inbox = page.inbox.read();
    match inbox.profile(conversation) {
        ProfileAnswer::Full => {}
        ProfileAnswer::Empty => {
            writer.object(|_no_members| {});
            return Ok(());
        }
        ProfileAnswer::Unavailable => return Err(GraphError::profile_unavailable()),
        ProfileAnswer::Forbidden => return Err(GraphError::profile_forbidden()),
    }
    let name = inbox.customer_name(conversation);
    let psid = call.sim.world.ids.psid(page.conversation(conversation));
    writer.begin_object();
    for field in &fields {
        match field.name.as_str() {
            "name" => writer.string_member(field.key(), &name.full()),
            "first_name" => writer.string_member(field.key(), &name.first),
            "last_name" => writer.string_member(field.key(), &name.last),
            "profile_pic" => {
                let url = format!("{}/_cdn/customers/{psid}.png", call.request.base_url);
                writer.string_member(field.key(), &pictures::expiring(&url, call.sim.clock.now_s()));
            }
            // The id comes last; each of the others needs a permission of its own that the app does not ask for.
            "id" | "locale" | "timezone" | "gender" => {}
            unknown => return Err(GraphError::nonexisting_field(unknown, "User")),
        }
    }
    writer.string_member("id", &psid);
    writer.end_object();
    Ok(())
}

/// "User Profile API" of the Instagram Platform: whoever wrote has consented.
fn read_instagram(call: &Call<'_>, account: &Page, conversation: u32, writer: &mut JsonWriter) -> Answered {
    call.require_page_token(account, &["instagram_basic", "instagram_manage_messages"])?;
    let fields = call.fields(&["name", "username"])?;
    let inbox = account.inbox.read();
    if inbox.profile(conversation) != ProfileAnswer::Full {
        return Err(GraphError::consent_required());
    }
    let name = inbox.customer_name(conversation);
    let igsid = call.sim.world.ids.psid(account.conversation(conversation));
    writer.begin_object();
    for field in &fields {
        let key = field.key();
        match field.name.as_str() {
            "name" => writer.string_member(key, &name.full()),
            "username" => writer.string_member(key, &name.username(&igsid)),
            "profile_pic" => {
                let url = format!("{}/_cdn/customers/{igsid}.png", call.request.base_url);
                writer.string_member(key, &pictures::expiring(&url, call.sim.clock.now_s()));
            }
            "follower_count" => writer.number_member(key, i64::try_from(igsid.len()).unwrap_or(0) * 31),
            "is_user_follow_business" | "is_business_follow_user" | "is_verified_user" => {
                writer.boolean_member(key, false);
            }
            "id" => {}
            unknown => return Err(GraphError::nonexisting_field(unknown, "IGUser")),
        }
    }
    writer.string_member("id", &igsid);
    writer.end_object();
    Ok(())
}
