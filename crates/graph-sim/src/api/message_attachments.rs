//! `POST /{page}/message_attachments`: a file that is sent later, by its id, to many ("Attachment Upload API").

use super::call::{Answered, Call};
use super::send;
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::config::Task;

pub(crate) fn upload(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    call.require_page_token(page, &["pages_messaging"])?;
    call.require_task(page, &[Task::Messaging])?;
    let id = send::uploaded(call)?;
    writer.object(|writer| writer.string_member("attachment_id", &id.to_string()));
    Ok(())
}
