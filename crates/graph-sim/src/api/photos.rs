//! Pictures of a Page: `/{page}/photos`, alone or kept back for a post of several ("Photo" reference).

use serde::Deserialize;

use super::call::{Answered, Call};
use super::error::GraphError;
use super::posts::post_id;
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::config::Task;
use crate::world::ids::Ids;
use crate::world::posts::{Photo, PhotoNumber, PostChange, WrittenPost};

pub(crate) fn upload(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    call.require_page_token(page, &["pages_manage_posts", "pages_read_engagement"])?;
    call.require_task(page, &[Task::CreateContent])?;
    let url = match (call.param("url"), call.param("source")) {
        (Some(url), _) if is_address(url) => url.to_owned(),
        // A file in the call: shown as a picture of the simulator's own.
        (None, Some(_)) => super::picture::page_picture_url(&call.request.base_url, page),
        _ => return Err(GraphError::new(400, 324, "(#324) Missing or invalid image file").subcode(2_069_019)),
    };
    let at_ms = call.sim.clock.now_ms();
    call.sim.change_posts(page, PostChange::Photo { photo: Photo { at_ms, url } });
    let number = page.posts.read().photo_count();
    let is_published = call.is_published();
    let message = call.param("caption").or(call.param("message")).unwrap_or_default().to_owned();
    let post = is_published
        .then(|| WrittenPost { at_ms, message, link: None, is_published, photos: vec![number] })
        .map(|post| call.sim.write_post(page, &post));
    writer.object(|writer| {
        writer.string_member("id", &Ids::photo(page.index, number));
        if let Some(post) = post {
            writer.string_member("post_id", &post_id(page, post));
        }
    });
    Ok(())
}

#[derive(Deserialize)]
struct Attached {
    media_fbid: String,
}

/// `attached_media` of a post.
pub(super) fn attached(call: &Call<'_>, page: &Page) -> Result<Vec<PhotoNumber>, GraphError> {
    let Some(text) = call.param("attached_media") else { return Ok(Vec::new()) };
    let refused = || GraphError::parameter("Param attached_media must be a list of the Page's own pictures.");
    let attached: Vec<Attached> = serde_json::from_str(text).map_err(|_shape| refused())?;
    let own = |attached: &Attached| {
        let (owner, number) = call.sim.world.photo_by_id(&attached.media_fbid)?;
        (owner.index == page.index).then_some(number)
    };
    attached.iter().map(|attached| own(attached).ok_or_else(refused)).collect()
}

pub(super) fn is_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}
