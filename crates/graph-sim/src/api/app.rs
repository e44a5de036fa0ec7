//! The app itself: `GET /{app}`, `GET /app` ("Application" reference).

use super::call::{Answered, Call};
use super::error::GraphError;
use crate::json::JsonWriter;

pub(crate) fn read(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    let app = &call.sim.config.app;
    let fields = call.fields(&["category", "link", "name", "id"])?;
    writer.begin_object();
    for field in &fields {
        match field.name.as_str() {
            "name" => writer.string_member(field.key(), &app.name),
            "category" => writer.string_member(field.key(), "Business and Pages"),
            "link" => {
                let link = format!("https://www.facebook.com/games/?app_id={}", app.id);
                writer.string_member(field.key(), &link);
            }
            // The id comes last; the others never have data here.
            "id" | "namespace" | "description" | "app_domains" | "icon_url" | "logo_url" => {}
            unknown => return Err(GraphError::nonexisting_field(unknown, "Application")),
        }
    }
    writer.string_member("id", &app.id);
    writer.end_object();
    Ok(())
}
