//! Posts with their engagement: `/{page}/published_posts`, `/{page}/feed`, `/{post}` ("Page Feed" and "Post" references).

use super::call::{Answered, Call};
use super::error::GraphError;
use super::fields::Field;
use super::paging::{self, NumberedEdge};
use super::photos;
use crate::clock::{DAY, MINUTE, Millis, graph_time};
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::config::Task;
use crate::world::ids::Ids;
use crate::world::posts::{CommentNumber, Post, PostNumber, WrittenPost};

/// "you will get an error message to not exceed 100"
const LIMIT_MAX: u32 = 100;
const DEFAULT_FIELDS: &[&str] = &["created_time", "message", "id"];

pub(crate) fn list(call: &Call<'_>, page: &Page, edge: &str, writer: &mut JsonWriter) -> Answered {
    may_read(call, page)?;
    let fields = call.fields(DEFAULT_FIELDS)?;
    let asked = NumberedEdge::asked(call, &page.id, edge, limit(call)?)?;
    let newest = asked.after.map_or(u32::MAX, |after| after.saturating_sub(1));
    let posts = page.posts.read();
    // `/feed` shows unpublished ones too.
    let shown = (1..=posts.count().min(newest))
        .rev()
        .filter_map(|number| posts.post(number))
        .filter(|post| post.is_published || edge == "feed");
    asked.write(shown, |post| post.number, |post, writer| write(call, page, post, &fields, writer), writer)
}

pub(crate) fn read(call: &Call<'_>, page: &Page, number: PostNumber, writer: &mut JsonWriter) -> Answered {
    may_read(call, page)?;
    let fields = call.fields(DEFAULT_FIELDS)?;
    let post = page.posts.read().post(number).ok_or_else(|| gone(call))?;
    write(call, page, &post, &fields, writer)
}

/// `POST /{page}/feed`: at once, or scheduled for 10 minutes to 30 days from now.
pub(crate) fn publish(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    call.require_page_token(page, &["pages_manage_posts", "pages_read_engagement"])?;
    call.require_task(page, &[Task::CreateContent])?;
    let (message, link) = (call.param("message").unwrap_or_default(), call.param("link"));
    let photos = photos::attached(call, page)?;
    if message.is_empty() && link.is_none() && photos.is_empty() {
        return Err(GraphError::parameter("The post must have a message or a link."));
    }
    if link.is_some_and(|link| url::Url::parse(link).is_err()) {
        return Err(GraphError::parameter("Param link must be a valid URL."));
    }
    let is_published = call.is_published();
    let now = call.sim.clock.now_ms();
    if let Some(at) = call.param("scheduled_publish_time") {
        let at = at
            .parse::<Millis>()
            .map_err(|_no_number| GraphError::parameter("Param scheduled_publish_time must be a timestamp."))?;
        let ahead = at.saturating_mul(1_000) - now;
        if is_published || !(10 * MINUTE..=30 * DAY).contains(&ahead) {
            return Err(GraphError::parameter("The specified scheduled publish time is invalid."));
        }
    }
    let post =
        WrittenPost { at_ms: now, message: message.to_owned(), link: link.map(str::to_owned), is_published, photos };
    let number = call.sim.write_post(page, &post);
    writer.object(|writer| writer.string_member("id", &post_id(page, number)));
    Ok(())
}

pub(crate) fn post_id(page: &Page, number: PostNumber) -> String {
    format!("{}_{}", page.id, Ids::post(page.index, number))
}

/// The number of the post, without its Page, stands before that of the comment.
pub(crate) fn comment_id(page: &Page, post: PostNumber, number: CommentNumber) -> String {
    format!("{}_{}", Ids::post(page.index, post), Ids::comment(page.index, number))
}

pub(super) fn may_read(call: &Call<'_>, page: &Page) -> Answered {
    call.require_page_token(page, &["pages_read_engagement"])?;
    call.require_task(page, &[Task::CreateContent, Task::Manage, Task::Moderate])
}

pub(super) fn limit(call: &Call<'_>) -> Result<usize, GraphError> {
    let asked = call.param("limit").and_then(|limit| limit.parse::<u32>().ok());
    if asked.is_some_and(|limit| limit > LIMIT_MAX) {
        return Err(GraphError::parameter("The limit must not exceed 100."));
    }
    paging::limit(call.param("limit"), LIMIT_MAX)
}

pub(super) fn gone(call: &Call<'_>) -> GraphError {
    GraphError::unsupported(call.request.method.lower(), call.request.path.first().map_or("", String::as_str))
}

fn write(call: &Call<'_>, page: &Page, post: &Post, fields: &[Field], writer: &mut JsonWriter) -> Answered {
    let id = post_id(page, post.number);
    writer.begin_object();
    for field in fields {
        let key = field.key();
        match field.name.as_str() {
            "id" => writer.string_member(key, &id),
            // Absent for a picture without words.
            "message" => {
                if let Some(message) = &post.message {
                    writer.string_member(key, message);
                }
            }
            "created_time" | "updated_time" => writer.string_member(key, &graph_time(post.at_ms)),
            "permalink_url" => writer.string_member(key, &format!("{}/{id}", call.request.base_url)),
            "full_picture" => {
                if let Some(picture) = &post.picture {
                    writer.string_member(key, picture);
                } else if post.message.is_none() {
                    let picture = super::picture::page_picture_url(&call.request.base_url, page);
                    writer.string_member(key, &picture);
                }
            }
            "status_type" => writer.string_member(key, status_type(post)),
            "is_published" => writer.boolean_member(key, post.is_published),
            // Absent where nobody shared it.
            "shares" => {
                if post.shares > 0 {
                    writer.key(key);
                    writer.object(|writer| writer.number_member("count", signed(post.shares)));
                }
            }
            "likes" => write_summary(key, post.likes, writer),
            "reactions" => write_summary(key, post.reactions, writer),
            "comments" => write_summary(key, post.comments, writer),
            unknown => return Err(GraphError::nonexisting_field(unknown, "PagePost")),
        }
    }
    if !fields.iter().any(|field| field.name == "id") {
        writer.string_member("id", &id);
    }
    writer.end_object();
    Ok(())
}

fn status_type(post: &Post) -> &'static str {
    match (&post.message, &post.link) {
        _ if post.picture.is_some() => "added_photos",
        (_, Some(_)) => "shared_story",
        (None, None) => "added_photos",
        (Some(_), None) => "mobile_status_update",
    }
}

/// Counts alone: who liked is not told.
fn write_summary(key: &str, total: u64, writer: &mut JsonWriter) {
    writer.key(key);
    writer.object(|writer| {
        writer.key("data");
        writer.begin_array();
        writer.end_array();
        writer.key("summary");
        writer.object(|writer| writer.number_member("total_count", signed(total)));
    });
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
