//! Comments under posts: `/{post}/comments`, `/{comment}/comments`, `/{comment}` ("Comment" reference).

use super::call::{Answered, Call};
use super::error::GraphError;
use super::fields::Field;
use super::paging::NumberedEdge;
use super::posts::{comment_id, gone, limit, may_read, post_id};
use crate::clock::graph_time;
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::config::Task;
use crate::world::posts::{Comment, CommentNumber, PostNumber, Posts};

const DEFAULT_FIELDS: &[&str] = &["created_time", "from", "message", "id"];

/// Whose comments.
#[derive(Clone, Copy)]
pub(crate) enum Under {
    Post(PostNumber),
    Comment(CommentNumber),
}

/// Under a post only those that answer no other, unless `filter=stream`.
pub(crate) fn list(call: &Call<'_>, page: &Page, under: Under, writer: &mut JsonWriter) -> Answered {
    may_read(call, page)?;
    let fields = call.fields(DEFAULT_FIELDS)?;
    let posts = page.posts.read();
    let (post, parent) = place(call, &posts, under)?;
    let id = parent.map_or_else(|| post_id(page, post), |parent| comment_id(page, post, parent));
    let asked = NumberedEdge::asked(call, &id, "comments", limit(call)?)?;
    let after = asked.after.unwrap_or_default();
    let is_stream = parent.is_none() && call.param("filter") == Some("stream");
    let shown =
        posts.comments_of(post).filter(|(number, comment)| *number > after && (is_stream || comment.parent == parent));
    let write_one = |(number, comment): &(CommentNumber, &Comment), writer: &mut JsonWriter| {
        write(call, page, &posts, *number, comment, &fields, writer)
    };
    asked.write(shown, |(number, _)| *number, write_one, writer)
}

pub(crate) fn read(call: &Call<'_>, page: &Page, number: CommentNumber, writer: &mut JsonWriter) -> Answered {
    may_read(call, page)?;
    let fields = call.fields(DEFAULT_FIELDS)?;
    let posts = page.posts.read();
    let comment = posts.comment(number).ok_or_else(|| gone(call))?;
    write(call, page, &posts, number, comment, &fields, writer)
}

/// The Page comments, or answers a comment.
pub(crate) fn create(call: &Call<'_>, page: &Page, under: Under, writer: &mut JsonWriter) -> Answered {
    may_manage(call, page)?;
    let message = call.param("message").ok_or_else(|| GraphError::parameter("The parameter message is required."))?;
    let (post, parent) = place(call, &page.posts.read(), under)?;
    let at_ms = call.sim.clock.now_ms();
    let comment = Comment { post, parent, customer: None, at_ms, message: message.to_owned() };
    let number = call.sim.write_comment(page, &comment);
    writer.object(|writer| writer.string_member("id", &comment_id(page, post, number)));
    Ok(())
}

/// `POST /{comment}`: it is hidden, or shown again; the Page's own is written anew (not simulated).
pub(crate) fn update(call: &Call<'_>, page: &Page, number: CommentNumber, writer: &mut JsonWriter) -> Answered {
    may_manage(call, page)?;
    let hidden = match call.param("is_hidden") {
        Some("true" | "1") => true,
        Some("false" | "0") => false,
        _ => return Err(GraphError::parameter("The parameter is_hidden is required.")),
    };
    let comment = found(call, page, number)?;
    if comment.customer.is_none() {
        return Err(GraphError::parameter("A Page cannot hide its own comment."));
    }
    call.sim.hide_comment(page, number, &comment, hidden);
    super::write_success(writer);
    Ok(())
}

pub(crate) fn delete(call: &Call<'_>, page: &Page, number: CommentNumber, writer: &mut JsonWriter) -> Answered {
    may_manage(call, page)?;
    let comment = found(call, page, number)?;
    call.sim.remove_comment(page, number, &comment);
    super::write_success(writer);
    Ok(())
}

fn may_manage(call: &Call<'_>, page: &Page) -> Answered {
    call.require_page_token(page, &["pages_manage_engagement", "pages_read_user_content"])?;
    call.require_task(page, &[Task::Moderate])
}

fn found(call: &Call<'_>, page: &Page, number: CommentNumber) -> Result<Comment, GraphError> {
    page.posts.read().comment(number).cloned().ok_or_else(|| gone(call))
}

/// The post, and the comment that is answered. Answers of answers stand beside them.
fn place(call: &Call<'_>, posts: &Posts, under: Under) -> Result<(PostNumber, Option<CommentNumber>), GraphError> {
    match under {
        Under::Post(post) => Ok((post, None)),
        Under::Comment(number) => {
            let comment = posts.comment(number).ok_or_else(|| gone(call))?;
            Ok((comment.post, Some(comment.parent.unwrap_or(number))))
        }
    }
}

fn write(
    call: &Call<'_>,
    page: &Page,
    posts: &Posts,
    number: CommentNumber,
    comment: &Comment,
    fields: &[Field],
    writer: &mut JsonWriter,
) -> Answered {
    let id = comment_id(page, comment.post, number);
    writer.begin_object();
    for field in fields {
        let key = field.key();
        match field.name.as_str() {
            "id" => writer.string_member(key, &id),
            "message" => writer.string_member(key, &comment.message),
            "created_time" => writer.string_member(key, &graph_time(comment.at_ms)),
            "from" => {
                writer.key(key);
                let (author_id, name) = call.sim.comment_author(page, comment);
                writer.object(|writer| {
                    writer.string_member("name", &name);
                    writer.string_member("id", &author_id);
                });
            }
            "is_hidden" => writer.boolean_member(key, posts.is_hidden(number)),
            "can_hide" => writer.boolean_member(key, comment.customer.is_some()),
            // Absent where it answers no other.
            "parent" => {
                if let Some(parent) = comment.parent {
                    writer.key(key);
                    writer.object(|writer| writer.string_member("id", &comment_id(page, comment.post, parent)));
                }
            }
            "comment_count" => {
                let answers = posts.comments_of(comment.post).filter(|(_, other)| other.parent == Some(number)).count();
                writer.number_member(key, i64::try_from(answers).unwrap_or(i64::MAX));
            }
            "can_reply_privately" => writer.boolean_member(key, posts.can_be_replied(number, call.sim.clock.now_ms())),
            unknown => return Err(GraphError::nonexisting_field(unknown, "Comment")),
        }
    }
    if !fields.iter().any(|field| field.name == "id") {
        writer.string_member("id", &id);
    }
    writer.end_object();
    Ok(())
}
