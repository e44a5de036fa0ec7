//! The Page node: `GET /{page}` and each element of a list of Pages ("Page" reference).

use super::call::{Answered, Call, Credential};
use super::error::GraphError;
use super::fields::Field;
use crate::json::JsonWriter;
use crate::world::Page;

const DEFAULT_FIELDS: &[&str] = &["name", "id"];

pub(crate) fn read(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    match &call.credential {
        Credential::Page(_, own) if *own == page.index => {}
        Credential::User(token) if call.sim.grants.covers_page(token.person, &page.id) && call.role(page).is_some() => {
        }
        _ => return Err(GraphError::page_reading_not_allowed()),
    }
    let fields = call.fields(DEFAULT_FIELDS)?;
    write(call, page, &fields, writer)
}

pub(crate) fn write(call: &Call<'_>, page: &Page, fields: &[Field], writer: &mut JsonWriter) -> Answered {
    writer.begin_object();
    for field in fields {
        write_field(call, page, field, writer)?;
    }
    if !fields.iter().any(|field| field.name == "id") {
        writer.string_member("id", &page.id);
    }
    writer.end_object();
    Ok(())
}

fn write_field(call: &Call<'_>, page: &Page, field: &Field, writer: &mut JsonWriter) -> Answered {
    let key = field.key();
    match field.name.as_str() {
        "id" => writer.string_member(key, &page.id),
        "name" => writer.string_member(key, &page.name()),
        "access_token" => {
            if let Some(token) = own_token(call, page) {
                writer.string_member(key, &token);
            }
        }
        "category" => writer.string_member(key, &page.category),
        "category_list" => {
            writer.key(key);
            writer.begin_array();
            writer.object(|writer| {
                writer.string_member("id", &page.category_id);
                writer.string_member("name", &page.category);
            });
            writer.end_array();
        }
        "tasks" => {
            if let Some(role) = call.role(page) {
                writer.key(key);
                writer.begin_array();
                role.tasks.iter().for_each(|task| writer.string(task.name()));
                writer.end_array();
            }
        }
        "picture" => {
            writer.key(key);
            super::picture::write(&super::picture::page_picture_url(&call.request.base_url, page), writer);
        }
        "conversations" => super::conversations::write_nested(call, page, field, writer)?,
        "instagram_business_account" | "connected_instagram_account" => write_instagram(call, page, field, writer)?,
        name if READ_ENGAGEMENT.contains(&name) => {
            if !call.allows("pages_read_engagement") {
                return Err(GraphError::page_reading_not_allowed());
            }
            write_public_field(call, page, field, writer);
        }
        unknown => return Err(GraphError::nonexisting_field(unknown, "Page")),
    }
    Ok(())
}

/// Fields that need `pages_read_engagement`.
const READ_ENGAGEMENT: &[&str] = &[
    "username",
    "about",
    "bio",
    "description",
    "phone",
    "emails",
    "website",
    "link",
    "location",
    "single_line_address",
    "hours",
    "cover",
    "company_overview",
    "mission",
    "impressum",
    "fan_count",
    "followers_count",
    "new_like_count",
    "rating_count",
    "overall_star_rating",
    "talking_about_count",
    "is_published",
    "is_verified",
    "verification_status",
    "has_transitioned_to_new_page_experience",
    "unread_message_count",
    "is_webhooks_subscribed",
    "business",
];

/// Left out where no account is linked.
fn write_instagram(call: &Call<'_>, page: &Page, field: &Field, writer: &mut JsonWriter) -> Answered {
    if !call.allows("instagram_basic") {
        return Err(GraphError::permission_missing("instagram_basic"));
    }
    if page.settings.read().instagram.is_none() {
        return Ok(());
    }
    writer.key(field.key());
    super::instagram::write(call, page, field.fields.as_deref().unwrap_or_default(), writer)
}

/// A field without data is left out.
fn write_public_field(call: &Call<'_>, page: &Page, field: &Field, writer: &mut JsonWriter) {
    let key = field.key();
    if let Some(written) = page.settings.read().profile.get(&field.name) {
        if !written.is_empty() {
            writer.string_member(key, written);
        }
        return;
    }
    let number = |name: &str, below: u64| i64::try_from(page.draw.named(name).below(below)).unwrap_or(0);
    match field.name.as_str() {
        "username" => writer.string_member(key, &username(page)),
        "about" => writer.string_member(key, &format!("{} – {}", page.name(), page.category)),
        "phone" => writer.string_member(key, &format!("+45 {:08}", 20_000_000 + number("phone", 70_000_000))),
        "website" => writer.string_member(key, &format!("https://{}.example.com/", username(page))),
        "link" => writer.string_member(key, &format!("https://www.facebook.com/{}", page.id)),
        "fan_count" | "followers_count" => writer.number_member(key, number("fans", 50_000)),
        "talking_about_count" | "rating_count" | "new_like_count" => {
            writer.number_member(key, number(&field.name, 500));
        }
        "is_published" => writer.boolean_member(key, !page.settings.read().unpublished),
        "has_transitioned_to_new_page_experience" => writer.boolean_member(key, true),
        "is_verified" => writer.boolean_member(key, false),
        "verification_status" => writer.string_member(key, "not_verified"),
        "is_webhooks_subscribed" => writer.boolean_member(key, !call.sim.webhooks.page_fields(page.index).is_empty()),
        "business" => {
            if let Some(business) = page.business.and_then(|business| call.sim.world.business(business)) {
                writer.key(key);
                writer.object(|writer| {
                    writer.string_member("id", &business.id);
                    writer.string_member("name", &business.name);
                });
            }
        }
        _ => {}
    }
}

/// Lower case ASCII letters of the name and some digits.
fn username(page: &Page) -> String {
    let letters: String = page.name().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{}{}", letters.to_ascii_lowercase(), page.draw.named("username").below(1_000))
}

/// With a user token: the person's token for the Page; with the Page's own token: that one.
fn own_token(call: &Call<'_>, page: &Page) -> Option<String> {
    match &call.credential {
        Credential::Page(token, own) if *own == page.index => Some(token.access_token.clone()),
        Credential::User(token) => {
            let role = call.sim.world.role(token.person, page.index)?;
            (!role.tasks.is_empty()).then(|| call.sim.page_token(token, page).access_token.clone())
        }
        _ => None,
    }
}
