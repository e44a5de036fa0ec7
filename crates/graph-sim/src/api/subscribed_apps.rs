//! `/{page}/subscribed_apps`: whether this app gets the Page's webhooks ("Page Subscribed Apps" reference).

use super::call::{Answered, Call};
use super::error::GraphError;
use crate::json::JsonWriter;
use crate::webhooks::fields::{self, UnknownField};
use crate::world::Page;
use crate::world::config::Task;
use crate::world::surface::Surface;

pub(crate) fn read(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    call.require_page_token(page, &["pages_manage_metadata"])?;
    let subscribed = call.sim.webhooks.page_fields(page.index);
    writer.object(|writer| {
        writer.key("data");
        writer.begin_array();
        if !subscribed.is_empty() {
            writer.object(|writer| {
                writer.string_member("category", "Business");
                writer.string_member("link", "https://pagekeeper.example.com/");
                writer.string_member("name", &call.sim.config.app.name);
                writer.string_member("id", &call.sim.config.app.id);
                writer.key("subscribed_fields");
                writer.begin_array();
                for field in &subscribed {
                    writer.string(field);
                }
                writer.end_array();
            });
        }
        writer.end_array();
    });
    Ok(())
}

pub(crate) fn subscribe(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    call.require_page_token(page, &["pages_manage_metadata"])?;
    call.require_task(page, &[Task::Moderate])?;
    let asked = call
        .param("subscribed_fields")
        .ok_or_else(|| GraphError::parameter("The parameter subscribed_fields is required."))?;
    let fields = fields::parse(Surface::Messenger, asked).map_err(|UnknownField(field)| {
        GraphError::parameter(&format!("Param subscribed_fields[0] must be one of the known fields - got \"{field}\"."))
    })?;
    if fields.iter().any(|field| field.starts_with("messag")) && !call.allows("pages_messaging") {
        return Err(GraphError::permission_missing("pages_messaging"));
    }
    call.sim.subscribe_page(page, fields);
    super::write_success(writer);
    Ok(())
}

pub(crate) fn unsubscribe(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    // A person who lost the task may still let go of the Page.
    call.require_page_token(page, &[])?;
    call.sim.unsubscribe_page(page);
    super::write_success(writer);
    Ok(())
}
