//! Instagram professional accounts, their media and insights, by the token of the Page or of its person ("IG User",
//! "IG Media", "Instagram Media Insights" references).

use super::call::{Answered, Call, Credential};
use super::error::GraphError;
use super::fields::Field;
use super::paging::{self, NumberedEdge};
use crate::clock::graph_time;
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::ids::Ids;
use crate::world::instagram::{Media, MediaKind, MediaNumber};

const CAP: u32 = 100;
/// Fewer viewers of a story are not told.
const STORY_VIEWERS_MIN: u64 = 5;
const METRICS: &[&str] = &["reach", "likes", "comments", "saved", "shares", "total_interactions", "views"];

/// The account behind a Page. A person's token does too.
pub(crate) fn allowed(call: &Call<'_>, page: &Page, permission: &str) -> Answered {
    let covered = match &call.credential {
        Credential::Page(_, own) => *own == page.index,
        Credential::User(token) => call.sim.grants.covers_page(token.person, &page.id) && call.role(page).is_some(),
        Credential::Nobody | Credential::App => false,
    };
    if !covered {
        return Err(GraphError::unsupported(call.request.method.lower(), &Ids::instagram(page.index)));
    }
    for permission in ["instagram_basic", permission] {
        if !call.allows(permission) {
            return Err(GraphError::permission_missing(permission));
        }
    }
    Ok(())
}

pub(crate) fn read(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    allowed(call, page, "instagram_basic")?;
    write(call, page, &call.fields(&["id"])?, writer)
}

/// Also nested in the Page.
pub(crate) fn write(call: &Call<'_>, page: &Page, fields: &[Field], writer: &mut JsonWriter) -> Answered {
    let id = Ids::instagram(page.index);
    let username = page.settings.read().instagram.clone().unwrap_or_default();
    let number = |name: &str| i64::try_from(page.draw.named("instagram").named(name).below(9_000)).unwrap_or(0);
    writer.begin_object();
    for field in fields {
        let key = field.key();
        match field.name.as_str() {
            "id" => writer.string_member(key, &id),
            "username" => writer.string_member(key, &username),
            "name" => writer.string_member(key, &page.name()),
            "biography" => writer.string_member(key, &page.category),
            "website" => writer.string_member(key, &format!("https://{username}.example.com/")),
            "profile_picture_url" => {
                writer.string_member(key, &super::picture::page_picture_url(&call.request.base_url, page));
            }
            "followers_count" => writer.number_member(key, number("followers")),
            "follows_count" => writer.number_member(key, number("follows")),
            "media_count" => writer.number_member(key, i64::from(page.instagram.read().media_count())),
            unknown => return Err(GraphError::nonexisting_field(unknown, "IGUser")),
        }
    }
    if !fields.iter().any(|field| field.name == "id") {
        writer.string_member("id", &id);
    }
    writer.end_object();
    Ok(())
}

/// Newest first, without stories.
pub(crate) fn list(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    allowed(call, page, "instagram_basic")?;
    let fields = call.fields(&["id"])?;
    let id = Ids::instagram(page.index);
    let asked = NumberedEdge::asked(call, &id, "media", paging::limit(call.param("limit"), CAP)?)?;
    let newest = asked.after.map_or(u32::MAX, |after| after.saturating_sub(1));
    let instagram = page.instagram.read();
    let shown = (1..=instagram.media_count().min(newest))
        .rev()
        .filter_map(|number| instagram.media(number))
        .filter(|media| media.kind.product_type() != "STORY");
    asked.write(shown, |media| media.number, |media, writer| write_media(call, page, media, &fields, writer), writer)
}

pub(crate) fn read_media(call: &Call<'_>, page: &Page, number: MediaNumber, writer: &mut JsonWriter) -> Answered {
    allowed(call, page, "instagram_basic")?;
    let fields = call.fields(&["id"])?;
    let media = page.instagram.read().media(number).ok_or_else(|| gone(call))?;
    write_media(call, page, &media, &fields, writer)
}

/// Only what there is: an unknown metric fails the call, an empty one is left out.
pub(crate) fn insights(call: &Call<'_>, page: &Page, number: MediaNumber, writer: &mut JsonWriter) -> Answered {
    allowed(call, page, "instagram_manage_insights")?;
    let media = page.instagram.read().media(number).ok_or_else(|| gone(call))?;
    let asked = call.param("metric").ok_or_else(|| GraphError::parameter("The parameter metric is required."))?;
    let id = Ids::media(page.index, number);
    let mut values = Vec::new();
    for metric in asked.split(',') {
        if !METRICS.contains(&metric) {
            let text = format!("metric[0] must be one of the following values: {}", METRICS.join(", "));
            return Err(GraphError::parameter(&text));
        }
        values.push((metric, value(&media, metric)));
    }
    if media.kind.product_type() == "STORY" && media.reach < STORY_VIEWERS_MIN {
        return Err(GraphError::new(400, 10, "(#10) Not enough viewers for the media to show insights"));
    }
    writer.object(|writer| {
        writer.key("data");
        writer.begin_array();
        // Nothing is known of what nobody has seen.
        for (metric, value) in values.into_iter().filter(|_| media.reach > 0) {
            writer.object(|writer| {
                writer.string_member("name", metric);
                writer.string_member("period", "lifetime");
                writer.key("values");
                writer.begin_array();
                writer.object(|writer| writer.number_member("value", i64::try_from(value).unwrap_or(i64::MAX)));
                writer.end_array();
                writer.string_member("id", &format!("{id}/insights/{metric}/lifetime"));
            });
        }
        writer.end_array();
    });
    Ok(())
}

fn value(media: &Media, metric: &str) -> u64 {
    match metric {
        "reach" => media.reach,
        "views" => media.reach * 2,
        "likes" => media.likes,
        "comments" => media.comments,
        "total_interactions" => media.likes + media.comments,
        _ => 0,
    }
}

fn gone(call: &Call<'_>) -> GraphError {
    GraphError::unsupported(call.request.method.lower(), call.request.path.first().map_or("", String::as_str))
}

fn write_media(call: &Call<'_>, page: &Page, media: &Media, fields: &[Field], writer: &mut JsonWriter) -> Answered {
    let id = Ids::media(page.index, media.number);
    let base_url = &call.request.base_url;
    writer.begin_object();
    for field in fields {
        let key = field.key();
        match field.name.as_str() {
            "id" | "shortcode" => writer.string_member(key, &id),
            "caption" => {
                if let Some(caption) = &media.caption {
                    writer.string_member(key, caption);
                }
            }
            "media_type" => writer.string_member(key, media.kind.media_type()),
            "media_product_type" => writer.string_member(key, media.kind.product_type()),
            "media_url" => {
                if media.kind != MediaKind::Carousel {
                    writer.string_member(key, &super::picture::page_picture_url(base_url, page));
                }
            }
            "thumbnail_url" => {
                if media.kind.is_video() {
                    writer.string_member(key, &super::picture::page_picture_url(base_url, page));
                }
            }
            "permalink" => writer.string_member(key, &format!("{base_url}/p/{id}/")),
            "timestamp" => writer.string_member(key, &graph_time(media.at_ms)),
            "username" => {
                writer.string_member(key, page.settings.read().instagram.as_deref().unwrap_or_default());
            }
            "like_count" => writer.number_member(key, i64::try_from(media.likes).unwrap_or(i64::MAX)),
            "comments_count" => writer.number_member(key, i64::try_from(media.comments).unwrap_or(i64::MAX)),
            unknown => return Err(GraphError::nonexisting_field(unknown, "IGMedia")),
        }
    }
    if !fields.iter().any(|field| field.name == "id") {
        writer.string_member("id", &id);
    }
    writer.end_object();
    Ok(())
}
