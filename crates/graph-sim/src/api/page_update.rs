//! `POST /{page}`: the Page's own fields are written ("Page" reference, "Updating"). All are taken, or none.

use std::collections::BTreeMap;

use serde_json::json;

use super::call::{Answered, Call};
use super::error::GraphError;
use crate::json::JsonWriter;
use crate::webhooks::event::{Event, change_entry};
use crate::world::Page;
use crate::world::config::Task;

/// What can be written, and the most characters of it. The limits are not documented.
const WRITABLE: &[(&str, usize)] = &[
    ("about", 255),
    ("bio", 101),
    ("company_overview", 5_000),
    ("description", 5_000),
    ("general_info", 5_000),
    ("impressum", 5_000),
    ("mission", 5_000),
    ("phone", 30),
    ("website", 500),
];

/// Fields of the Page that no call changes.
const READ_ONLY: &[&str] = &["name", "username", "category", "link", "picture", "fan_count"];

pub(crate) fn update(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    call.require_page_token(page, &["pages_manage_metadata"])?;
    call.require_task(page, &[Task::CreateContent, Task::Manage, Task::Moderate])?;
    let mut written = BTreeMap::new();
    let mut is_published = None;
    for (name, value) in call.request.params.iter() {
        if READ_ONLY.contains(&name) {
            return Err(GraphError::parameter(&format!("Param {name} cannot be changed")));
        }
        if name == "is_published" {
            is_published = Some(matches!(value, "true" | "1"));
        }
        if let Some((_, longest)) = WRITABLE.iter().find(|(known, _)| *known == name) {
            check(name, value, *longest)?;
            written.insert(name.to_owned(), value.to_owned());
        }
    }
    if written.is_empty() && is_published.is_none() {
        return Err(GraphError::parameter("At least one parameter that can be changed is required."));
    }
    call.sim.change_page(page, |settings| {
        settings.profile.extend(written.clone());
        settings.unpublished = is_published.map_or(settings.unpublished, |published| !published);
    });
    for (name, value) in &written {
        tell(call, page, name, value);
    }
    super::write_success(writer);
    Ok(())
}

fn check(name: &str, value: &str, longest: usize) -> Answered {
    let refuse = |what: &str| {
        Err(GraphError::parameter(&format!("Param {name} {what}")).shown("Invalid value", &format!("{name} {what}.")))
    };
    if value.chars().count() > longest {
        return refuse("is too long");
    }
    let is_fit = match name {
        "phone" => value.chars().all(|character| character.is_ascii_digit() || " +-()./".contains(character)),
        "website" => value.split_whitespace().all(is_address),
        _ => true,
    };
    if value.is_empty() || is_fit { Ok(()) } else { refuse("has an invalid format") }
}

/// With or without `https://`.
fn is_address(text: &str) -> bool {
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    url::Url::parse(&with_scheme).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| host.contains('.'))
    })
}

/// A Page's fields are webhook fields of their own.
fn tell(call: &Call<'_>, page: &Page, field: &str, value: &str) {
    let webhooks = &call.sim.webhooks;
    if webhooks.is_subscribed(page.index, field) {
        let change = json!({ "field": field, "value": value });
        let entry = change_entry(webhooks.style, &page.id, call.sim.clock.now_ms(), &change);
        webhooks.send(Event { page: page.index, field: field.to_owned().into(), mid: None, entry });
    }
}
