//! People in conversations, as `participants`, `senders`, `from` and `to` show them.

use super::call::Call;
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::inbox::Inbox;

pub(crate) fn write_customer(call: &Call<'_>, page: &Page, inbox: &Inbox, conversation: u32, writer: &mut JsonWriter) {
    let psid = call.sim.world.ids.psid(page.conversation(conversation));
    write(&inbox.customer_name(conversation).full(), &psid, writer);
}

pub(crate) fn write_page(page: &Page, writer: &mut JsonWriter) {
    write(&page.name(), &page.id, writer);
}

/// `email` is `{id}@facebook.com`, for Pages only.
fn write(name: &str, id: &str, writer: &mut JsonWriter) {
    writer.object(|writer| {
        writer.string_member("name", name);
        writer.string_member("email", &format!("{id}@facebook.com"));
        writer.string_member("id", id);
    });
}
