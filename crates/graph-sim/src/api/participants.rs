//! People in conversations, as `participants`, `senders`, `from` and `to` show them.

use super::call::Call;
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::inbox::Inbox;
use crate::world::surface::Surface;

/// Both sides of one conversation, written once for all of its messages.
pub(crate) struct Parties {
    customer: Vec<u8>,
    page: Vec<u8>,
}

impl Parties {
    pub(crate) fn of(call: &Call<'_>, page: &Page, inbox: &Inbox, conversation: u32) -> Self {
        let written = |write: &dyn Fn(&mut JsonWriter)| {
            let mut writer = JsonWriter::new(call.sim.config.json_style);
            write(&mut writer);
            writer.into_bytes()
        };
        Self {
            customer: written(&|writer| write_customer(call, page, inbox, conversation, writer)),
            page: written(&|writer| write_page(page, writer)),
        }
    }

    /// The Page, or the customer.
    pub(crate) fn write(&self, is_page: bool, writer: &mut JsonWriter) {
        writer.written(if is_page { &self.page } else { &self.customer });
    }
}

pub(crate) fn write_customer(call: &Call<'_>, page: &Page, inbox: &Inbox, conversation: u32, writer: &mut JsonWriter) {
    let psid = call.sim.world.ids.psid(page.conversation(conversation));
    let name = inbox.customer_name(conversation);
    match page.surface() {
        Surface::Messenger => write(&name.full(), &psid, writer),
        Surface::Instagram => write_username(&name.username(&psid), &psid, writer),
    }
}

pub(crate) fn write_page(page: &Page, writer: &mut JsonWriter) {
    match page.surface() {
        Surface::Messenger => write(&page.name(), &page.id, writer),
        Surface::Instagram => write_username(&page.username(), &page.id, writer),
    }
}

/// On Instagram people have user names alone.
fn write_username(username: &str, id: &str, writer: &mut JsonWriter) {
    writer.object(|writer| {
        writer.string_member("username", username);
        writer.string_member("id", id);
    });
}

/// `email` is `{id}@facebook.com`, for Pages only.
fn write(name: &str, id: &str, writer: &mut JsonWriter) {
    writer.object(|writer| {
        writer.string_member("name", name);
        writer.string_member("email", &format!("{id}@facebook.com"));
        writer.string_member("id", id);
    });
}
