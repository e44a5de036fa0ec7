//! Names under which a Page writes: `/{page}/personas`, `/{persona}` ("Personas API").

use super::call::{Answered, Call};
use super::error::GraphError;
use super::paging::{self, NumberedEdge};
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::config::Task;
use crate::world::ids::Ids;
use crate::world::records::RecordChange;

const CAP: u32 = 100;
const NAME_LIMIT: usize = 50;

pub(crate) fn create(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    allowed(call, page)?;
    let required = |name: &str| {
        call.param(name).ok_or_else(|| GraphError::parameter(&format!("The parameter {name} is required.")))
    };
    let (name, picture) = (required("name")?, required("profile_picture_url")?);
    if name.chars().count() > NAME_LIMIT || url::Url::parse(picture).is_err() {
        return Err(GraphError::parameter("Param name or profile_picture_url is not valid."));
    }
    let persona = page.records.read().next_persona();
    let change = RecordChange::PersonaMade { persona, name: name.to_owned(), picture: picture.to_owned() };
    call.sim.record(page, change);
    writer.object(|writer| writer.string_member("id", &Ids::persona(page.index, persona)));
    Ok(())
}

pub(crate) fn list(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    allowed(call, page)?;
    let edge = NumberedEdge::asked(call, &page.id, "personas", paging::limit(call.param("limit"), CAP)?)?;
    let after = edge.after.unwrap_or_default();
    let personas: Vec<u32> = page.records.read().personas().filter(|persona| *persona > after).collect();
    edge.write(personas.into_iter(), |persona| *persona, |persona, writer| write(call, page, *persona, writer), writer)
}

pub(crate) fn read(call: &Call<'_>, page: &Page, persona: u32, writer: &mut JsonWriter) -> Answered {
    allowed(call, page)?;
    write(call, page, persona, writer)
}

pub(crate) fn delete(call: &Call<'_>, page: &Page, persona: u32, writer: &mut JsonWriter) -> Answered {
    allowed(call, page)?;
    if page.records.read().persona(persona).is_none() {
        return Err(GraphError::unsupported(call.request.method.lower(), &Ids::persona(page.index, persona)));
    }
    call.sim.record(page, RecordChange::PersonaDeleted { persona });
    super::write_success(writer);
    Ok(())
}

fn allowed(call: &Call<'_>, page: &Page) -> Answered {
    call.require_page_token(page, &["pages_messaging"])?;
    call.require_task(page, &[Task::Messaging])
}

fn write(call: &Call<'_>, page: &Page, persona: u32, writer: &mut JsonWriter) -> Answered {
    let id = Ids::persona(page.index, persona);
    let records = page.records.read();
    let (name, picture) =
        records.persona(persona).ok_or_else(|| GraphError::unsupported(call.request.method.lower(), &id))?;
    writer.object(|writer| {
        writer.string_member("name", name);
        writer.string_member("profile_picture_url", picture);
        writer.string_member("id", &id);
    });
    Ok(())
}
