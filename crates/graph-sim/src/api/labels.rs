//! Custom labels of customers ("Custom Labels" of the Messenger Platform): `/{page}/custom_labels`,
//! `/{psid}/custom_labels`, `/{label}/label`, `DELETE /{label}`.

use super::call::{Answered, Call};
use super::error::GraphError;
use super::paging::{self, NumberedEdge};
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::config::Task;
use crate::world::ids::Ids;
use crate::world::records::{LabelNumber, RecordChange};

const CAP: u32 = 100;
/// Not documented.
const NAME_LIMIT: usize = 100;

pub(crate) fn create(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    allowed(call, page)?;
    let name = call
        .param("page_label_name")
        .ok_or_else(|| GraphError::parameter("The parameter page_label_name is required."))?;
    if name.chars().count() > NAME_LIMIT {
        return Err(GraphError::parameter("Param page_label_name is too long"));
    }
    let label = call.sim.make_label(page, name.to_owned());
    writer.object(|writer| writer.string_member("id", &Ids::label(page.index, label)));
    Ok(())
}

pub(crate) fn list(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    allowed(call, page)?;
    let records = page.records.read();
    write(call, page, records.labels(), &page.id, writer)
}

pub(crate) fn of_customer(call: &Call<'_>, page: &Page, customer: u32, writer: &mut JsonWriter) -> Answered {
    allowed(call, page)?;
    let psid = call.sim.world.ids.psid(page.conversation(customer));
    let records = page.records.read();
    write(call, page, records.labels_of(customer), &psid, writer)
}

pub(crate) fn delete(call: &Call<'_>, page: &Page, label: LabelNumber, writer: &mut JsonWriter) -> Answered {
    allowed(call, page)?;
    call.sim.record(page, RecordChange::LabelDeleted { label });
    super::write_success(writer);
    Ok(())
}

/// `POST` gives the label to a customer, `DELETE` takes it away.
pub(crate) fn give(call: &Call<'_>, page: &Page, label: LabelNumber, on: bool, writer: &mut JsonWriter) -> Answered {
    allowed(call, page)?;
    let psid = call.param("user").ok_or_else(|| GraphError::parameter("The parameter user is required."))?;
    let found = call.sim.world.customer_by_psid(psid).filter(|(owner, _)| owner.index == page.index);
    let (_, customer) = found.ok_or_else(GraphError::no_matching_user)?;
    call.sim.label(page, label, customer, on);
    super::write_success(writer);
    Ok(())
}

fn allowed(call: &Call<'_>, page: &Page) -> Answered {
    if !call.sim.varies().contact_terms_accepted {
        let message = "(#2) The Page's administrator has to accept the terms for contacts.";
        return Err(GraphError::new(400, 2, message).subcode(2_018_344));
    }
    call.require_page_token(page, &["pages_messaging", "pages_manage_metadata"])?;
    call.require_task(page, &[Task::Messaging])
}

fn write<'a>(
    call: &Call<'_>,
    page: &Page,
    labels: impl Iterator<Item = (LabelNumber, &'a str)>,
    node_id: &str,
    writer: &mut JsonWriter,
) -> Answered {
    let fields = call.fields(&["id"])?;
    if let Some(unknown) = fields.iter().find(|field| !matches!(field.name.as_str(), "id" | "page_label_name")) {
        return Err(GraphError::nonexisting_field(&unknown.name, "CustomLabel"));
    }
    let edge = NumberedEdge::asked(call, node_id, "custom_labels", paging::limit(call.param("limit"), CAP)?)?;
    let after = edge.after.unwrap_or_default();
    let write_label = |(label, name): &(LabelNumber, &str), writer: &mut JsonWriter| {
        writer.object(|writer| {
            if fields.iter().any(|field| field.name == "page_label_name") {
                writer.string_member("page_label_name", name);
            }
            writer.string_member("id", &Ids::label(page.index, *label));
        });
        Ok(())
    };
    edge.write(labels.filter(|(label, _)| *label > after), |(label, _)| *label, write_label, writer)
}
