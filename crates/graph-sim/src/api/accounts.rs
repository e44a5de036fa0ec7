//! Lists of Pages: `/me/accounts`, `/me/businesses`, `/{business}/owned_pages` and `/client_pages`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::call::{Answered, Call};
use super::error::GraphError;
use super::fields::{self, Field};
use super::page;
use super::paging;
use crate::json::JsonWriter;
use crate::world::ids::{BusinessIndex, PageIndex};
use crate::world::{Page, Person};

const ACCOUNT_FIELDS: &[&str] = &["access_token", "category", "category_list", "name", "id", "tasks"];
const BUSINESS_PAGE_FIELDS: &[&str] = &["name", "id"];
const CAP: u32 = 100;

/// A page of one of the lists.
struct Asked<'a> {
    fields: &'a [Field],
    fields_text: String,
    limit: usize,
    after: Option<String>,
    summary: bool,
}

pub(crate) fn accounts(call: &Call<'_>, person: &Person, writer: &mut JsonWriter) -> Answered {
    let pages = manageable_pages(call, person);
    list(call, &pages, ACCOUNT_FIELDS, &format!("{}/accounts", person.id), writer)
}

pub(crate) fn write_nested(call: &Call<'_>, person: &Person, field: &Field, writer: &mut JsonWriter) -> Answered {
    let defaults: Vec<_> = ACCOUNT_FIELDS.iter().map(|name| Field::named(name)).collect();
    let asked = Asked {
        fields: field.fields.as_deref().unwrap_or(&defaults),
        fields_text: field.fields.as_deref().map_or_else(String::new, fields::joined),
        limit: paging::limit(field.modifier("limit"), CAP)?,
        after: field.modifier("after").map(str::to_owned),
        summary: false,
    };
    write(call, &manageable_pages(call, person), &asked, &format!("{}/accounts", person.id), writer)
}

/// Ticked in the dialog, and not only a Business's unless `business_management` was granted.
pub(crate) fn manageable_pages<'a>(call: &Call<'a>, person: &Person) -> Vec<&'a Page> {
    if !call.allows("pages_show_list") {
        return Vec::new();
    }
    let through_business = call.allows("business_management");
    let roles = call.sim.world.roles_of(person.index);
    let listed = roles.into_iter().filter(|(_, role)| through_business || !role.through_business);
    existing_ticked(call, person, listed.map(|(page, _)| page))
}

fn existing_ticked<'a>(call: &Call<'a>, person: &Person, pages: impl Iterator<Item = PageIndex>) -> Vec<&'a Page> {
    pages
        .filter_map(|page| call.sim.world.page(page))
        .filter(|page| !page.settings.read().deleted && call.sim.grants.covers_page(person.index, &page.id))
        .collect()
}

pub(crate) fn businesses(call: &Call<'_>, person: &Person, writer: &mut JsonWriter) -> Answered {
    if !call.allows("business_management") {
        return Err(GraphError::permission_missing("business_management"));
    }
    let mut found = Vec::new();
    for (page, role) in call.sim.world.roles_of(person.index) {
        let business = call.sim.world.page(page).and_then(|page| page.business).filter(|_| role.through_business);
        if let Some(business) = business.filter(|business| !found.contains(business)) {
            found.push(business);
        }
    }
    writer.object(|writer| {
        writer.key("data");
        writer.begin_array();
        for business in found.into_iter().filter_map(|index| call.sim.world.business(index)) {
            writer.object(|writer| {
                writer.string_member("id", &business.id);
                writer.string_member("name", &business.name);
            });
        }
        writer.end_array();
    });
    Ok(())
}

pub(crate) fn owned_pages(call: &Call<'_>, business: BusinessIndex, writer: &mut JsonWriter) -> Answered {
    let person = call.user_person()?;
    if !call.allows("business_management") {
        return Err(GraphError::permission_missing("business_management"));
    }
    let owned = call.sim.world.roles_of(person.index).into_iter().map(|(page, _)| page);
    let mut pages = existing_ticked(call, person, owned);
    pages.retain(|page| page.business == Some(business));
    let id = call.sim.world.business(business).map_or_else(String::new, |business| business.id.clone());
    list(call, &pages, BUSINESS_PAGE_FIELDS, &format!("{id}/owned_pages"), writer)
}

/// Businesses here manage no Pages of others.
pub(crate) fn client_pages(call: &Call<'_>, business: BusinessIndex, writer: &mut JsonWriter) -> Answered {
    if !call.allows("business_management") {
        return Err(GraphError::permission_missing("business_management"));
    }
    let id = call.sim.world.business(business).map_or_else(String::new, |business| business.id.clone());
    list(call, &[], BUSINESS_PAGE_FIELDS, &format!("{id}/client_pages"), writer)
}

fn list(call: &Call<'_>, pages: &[&Page], default_fields: &[&str], path: &str, writer: &mut JsonWriter) -> Answered {
    let fields = call.fields(default_fields)?;
    let asked = Asked {
        fields: &fields,
        fields_text: call.param("fields").map_or_else(String::new, |_| fields::joined(&fields)),
        limit: paging::limit(call.param("limit"), CAP)?,
        after: call.param("after").map(str::to_owned),
        summary: call.param("summary").is_some_and(|summary| matches!(summary, "true" | "1" | "total_count")),
    };
    write(call, pages, &asked, path, writer)
}

fn write(call: &Call<'_>, pages: &[&Page], asked: &Asked<'_>, path: &str, writer: &mut JsonWriter) -> Answered {
    let first = match &asked.after {
        None => 0,
        Some(cursor) => 1 + position(pages, cursor).ok_or_else(GraphError::invalid_cursor)?,
    };
    let shown: Vec<_> = pages.iter().skip(first).take(asked.limit).collect();
    writer.begin_object();
    writer.key("data");
    writer.begin_array();
    for page in &shown {
        page::write(call, page, asked.fields, writer)?;
    }
    writer.end_array();
    if let (Some(top), Some(bottom)) = (shown.first(), shown.last()) {
        let after = cursor(bottom);
        writer.key("paging");
        writer.object(|writer| {
            writer.key("cursors");
            writer.object(|writer| {
                writer.string_member("before", &cursor(top));
                writer.string_member("after", &after);
            });
            if first + shown.len() < pages.len() {
                writer.string_member("next", &next_address(call, asked, path, &after));
            }
        });
    }
    if asked.summary {
        writer.key("summary");
        writer.object(|writer| writer.number_member("total_count", i64::try_from(pages.len()).unwrap_or(0)));
    }
    writer.end_object();
    Ok(())
}

/// Base64 of the object's id.
fn cursor(page: &Page) -> String {
    STANDARD.encode(&page.id)
}

fn position(pages: &[&Page], cursor: &str) -> Option<usize> {
    let id = STANDARD.decode(cursor).ok()?;
    pages.iter().position(|page| page.id.as_bytes() == id)
}

fn next_address(call: &Call<'_>, asked: &Asked<'_>, path: &str, after: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("access_token", call.access_token()).append_pair("pretty", "0");
    if !asked.fields_text.is_empty() {
        query.append_pair("fields", &asked.fields_text);
    }
    query.append_pair("limit", &asked.limit.to_string()).append_pair("after", after);
    format!("{}/{}/{path}?{}", call.request.base_url, call.version, query.finish())
}
