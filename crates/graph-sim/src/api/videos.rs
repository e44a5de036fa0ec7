//! A Page's videos in one call: `/{page}/videos`, by address or with the file in the call ("Video API", "Publishing").

use super::call::{Answered, Call};
use super::error::GraphError;
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::config::Task;
use crate::world::ids::Ids;
use crate::world::posts::WrittenPost;
use crate::world::uploads::{Finish, Part, VideoChange, VideoKind, VideoState};

pub(crate) fn upload(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    call.require_page_token(page, &["pages_manage_posts", "pages_read_engagement", "pages_show_list"])?;
    call.require_task(page, &[Task::CreateContent])?;
    let size = match (call.param("file_url"), call.param("source")) {
        (Some(address), _) if super::photos::is_address(address) => 1,
        // Only the number of its bytes is of use here.
        (None, Some(file)) => u64::try_from(file.len().max(1)).unwrap_or(1),
        _ => {
            let message = "(#389) Unable to fetch video file from URL.";
            return Err(GraphError::new(400, 389, message));
        }
    };
    let at_ms = call.sim.clock.now_ms();
    let video = call.sim.change_videos(page, VideoChange::Started { at_ms, kind: VideoKind::Video });
    call.sim.change_videos(page, VideoChange::Received { video, part: Part { bytes: size, size, at_ms } });
    let is_published = call.is_published();
    let state = if is_published { VideoState::Published } else { VideoState::Draft };
    let description = call.param("description").unwrap_or_default().to_owned();
    if is_published {
        let post = WrittenPost { at_ms, message: description.clone(), link: None, is_published, photos: Vec::new() };
        call.sim.write_post(page, &post);
    }
    let finish = Finish { at_ms, state, description };
    call.sim.change_videos(page, VideoChange::Finished { video, finish });
    writer.object(|writer| writer.string_member("id", &Ids::video(page.index, video)));
    Ok(())
}
